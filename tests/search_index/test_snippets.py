"""Marks stand where the query fits, in the original text, however long it is."""

import pytest

from search_index.snippets import CUT, MAX_FOLDED, Part, excerpt, highlight, sought
from search_index.synonyms import Synonyms


def snippet(text: str, query: str, length: int = 120) -> list[Part]:
    """Return the parts of a window."""
    return excerpt(text, sought(query), length).parts


def marked(parts: list[Part]) -> list[str]:
    """Return what is marked."""
    return [part.text for part in parts if part.is_match]


@pytest.mark.parametrize(
    ("text", "query", "marks"),
    [
        ("圓的面積", "面积", ["面積"]),
        ("圆的面积", "圆", ["圆"]),
        ("圆的面积", "圆的面积", ["圆的面积"]),
        ("ＰＰＴ课件", "ppt", ["ＰＰＴ"]),
        ("apple", "app", []),
        ("山 行", "山行", ["山 行"]),
        ("第3单元 山行", "第三单元", ["第3单元"]),
        ("1年级上册", "一年级", ["1年级"]),
        ("5㎡的圆", "圆", ["圆"]),
        ("山行", "sx", []),
        ("", "圆", []),
        ("<b>圆</b>", "圆", ["圆"]),
    ],
)
def test_what_fits_is_marked(text: str, query: str, marks: list[str]) -> None:
    parts = highlight(text, sought(query))

    assert marked(parts) == marks
    assert "".join(part.text for part in parts) == text


def test_the_window_lies_where_most_of_the_query_stands() -> None:
    text = "圆。" + "无关" * 200 + "圆的面积公式" + "无关" * 200
    parts = snippet(text, "圆 面积 公式", 60)

    assert marked(parts) == ["圆", "面积公式"]
    assert parts[0].text == parts[-1].text == CUT
    assert len("".join(part.text for part in parts)) <= 62


def test_a_text_without_a_match_begins_at_its_beginning() -> None:
    assert snippet("远上寒山", "圆") == [Part("远上寒山", False)]
    assert snippet("x" * 200, "圆", 10) == [Part("x" * 10, False), Part(CUT, False)]


@pytest.mark.parametrize(
    ("hidden", "query", "mark"),
    [("圓的面積", "圆的面积", "圓的面積"), ("Photosynthesis", "photosynthesis", "Photosynthesis"), ("鹳", "鹳", "鹳")],
)
def test_a_match_at_the_end_of_a_book_is_found(hidden: str, query: str, mark: str) -> None:
    text = "远上寒山石径斜，" * (450_000 // 8) + f"，{hidden}。" + "白云生处有人家，" * 5_000

    assert marked(snippet(text, query)) == [mark]


def test_the_beginning_of_a_book_is_shown_when_only_its_title_fits() -> None:
    text = "远上寒山石径斜，" * MAX_FOLDED

    assert snippet(text, "sx", 8) == [Part("远上寒山石径斜，", False), Part(CUT, False)]


def test_a_text_full_of_matches_is_cut_in_time() -> None:
    parts = snippet("圆" * 500_000, "圆 圆圆 " * 30)

    assert "".join(marked(parts)) == "圆" * 120


def test_the_places_of_the_marks_in_the_window_are_known() -> None:
    assert excerpt("无关" * 200 + "，圆的面积", sought("面积 圆")).matches == [401, 403]
    assert excerpt("远上寒山石径斜，" * MAX_FOLDED + "圆", sought("圆")).matches == [8 * MAX_FOLDED]
    assert excerpt("远上寒山", sought("圆")).matches == []


def test_what_is_banned_is_not_marked_and_other_words_of_the_same_meaning_are() -> None:
    synonyms = Synonyms([["教案", "教学设计"], ["课件", "PPT"]])

    assert marked(highlight("分数的教学设计与练习", sought("分数 教案 -练习", synonyms))) == ["分数", "教学设计"]
    assert marked(highlight("分数.ppt", sought("分数课件", synonyms))) == ["分数", "ppt"]
