"""What teachers take for the same is the same: width, case, characters, numbers, places in a curriculum, sounds."""

import pytest

from search_index.analysis import MAX_WORD, analyse
from search_index.folding import fold, fold_with_places, spellings
from search_index.pinyin import MAX_INITIALS, MAX_LETTERS, initials, syllables, title_terms
from search_index.query import MAX_QUERY, MAX_TERMS, clean, parse, parse_start, query_slots


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＡＢＣ１２", "abc12"), ("PPT", "ppt"), ("圓的面積", "圆的面积"), ("Café", "cafe"), ("ﬁ", "fi"), ("㎡", "m2"),
        ("a\x00b\ud800c", "a b c"), ("〇𠮷", "〇𠮷"), ("", ""),
    ],
)  # fmt: skip
def test_folding(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_place_in_the_folded_text_is_found_in_the_original() -> None:
    text = "1㎡圓ﬁ。"
    folded, places = fold_with_places(text)

    assert folded == "1m2圆fi。"
    assert places is not None
    assert [text[place] for place in places] == ["1", "㎡", "㎡", "圓", "ﬁ", "ﬁ", "。"]
    assert fold_with_places("圓的面積") == ("圆的面积", None)


def test_spellings_fold_to_what_they_spell() -> None:
    for word in ("圆面", "ppt", "发"):
        found = list(spellings(word))
        assert found[0] == word
        assert len(found) > 1
        assert {fold(each) for each in found} == {word}


def test_han_becomes_pairs_and_other_words_stay_whole() -> None:
    terms = analyse("远上寒山 path2 " + "x" * (MAX_WORD + 1))

    assert terms.words == ["远上", "上寒", "寒山", "path2"]
    assert terms.characters == list("远上寒山")


def test_blanks_between_characters_do_not_part_them() -> None:
    assert analyse("山 行\n远 上").words == ["山行", "行远", "远上"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("一年级", "1年级"), ("一年级", "１年級"), ("三年级上册", "3年级上"), ("上册", "上学期"),
        ("第3单元", "第三单元"), ("第12课", "第十二课"), ("3单元", "第三单元"), ("第二十一课", "第21课"),
        ("全册", "全学期"),        ("三上", "三年级上册"), ("第十课", "第10课"), ("二〇课时", "20课时"),
    ],
)  # fmt: skip
def test_places_in_a_curriculum_are_the_same_however_written(one: str, other: str) -> None:
    assert analyse(one).places == analyse(other).places != []


@pytest.mark.parametrize("text", ["春天上午", "十分", "上下", "年级", "一上一下", "第一次"])
def test_what_only_looks_like_a_place_is_none(text: str) -> None:
    assert analyse(text).places == []


def test_titles_sound_in_every_reading() -> None:
    terms = title_terms("山行")

    assert {"^shan", "=shanxing", "=shanhang", "~sx", "~sh"} <= terms
    assert {"~dgq", "~gql", "=quelou"} <= title_terms("登鹳雀楼")
    assert title_terms("PPT 2") == set()


@pytest.mark.parametrize(
    ("letters", "spoken"),
    [
        ("shanxing", ["shan", "xing"]), ("dengguanquelou", ["deng", "guan", "que", "lou"]), ("xian", ["xian"]),
        ("lv", ["lv"]), ("xyz", None), ("", None), ("a" * (MAX_LETTERS + 1), None),
    ],
)  # fmt: skip
def test_letters_are_split_into_syllables(letters: str, spoken: list[str] | None) -> None:
    assert syllables(letters) == spoken


def test_initials_overlap_by_three() -> None:
    assert initials("dgql") == ["~dgq", "~gql"]
    assert initials("sx") == ["~sx"]
    assert initials("s") == initials("s" * (MAX_INITIALS + 1)) == []


def test_a_query_is_cut_and_cleaned() -> None:
    assert len(clean("圆" * 1000)) == MAX_QUERY
    assert clean("a\x00\ud800b\n") == "a  b "
    assert len(query_slots("".join(chr(0x4E00 + number) for number in range(500)))) == MAX_TERMS
    plan = parse(" ".join(chr(0x4E00 + number) for number in range(0, 500, 2)))
    assert 0 < len(plan.groups[0].slots) <= MAX_TERMS
    assert 0 < len(plan.names) <= MAX_TERMS


def labels(text: str) -> tuple[str, ...]:
    """Return what a query looks for."""
    return tuple(slot.label for slot in query_slots(text))


def test_lone_characters_are_searched_as_such() -> None:
    assert labels("圆") == ("_圆",)
    assert labels("圆 力") == ("_圆", "_力")
    assert labels("圆 面积") == ("_圆", "面积")
    assert labels("圆 的 面 积") == ("圆的", "的面", "面积")  # pasted with blanks


@pytest.mark.parametrize("text", ["", "  ", "，。！", "\x00", "*", '"', "((((", "\ud800"])
def test_nothing_to_search_for_plans_nothing(text: str) -> None:
    assert parse(text).groups == parse_start(text).groups == ()


def test_no_term_of_a_query_reaches_another_field() -> None:
    for text in ("acl:public", "audience:school", "kind=resource", "#圆", "_圆", "@3年级", "^shan", "~sx", "=shanxing"):
        for group in (*parse(text).groups, *parse_start(text).groups):
            assert group.field in {"bag", "sound"}
            terms = [term for slot in group.slots for way in slot.ways for term in way]
            assert not any(term.startswith(("=", "~", "^")) for term in terms if group.field == "bag")
