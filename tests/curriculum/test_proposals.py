"""Names of files and folders tell the place."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.curriculum.conftest import THREE_A
from tongyan.curriculum.models import Node
from tongyan.curriculum.names import read_names
from tongyan.curriculum.seeding import node_id
from tongyan.curriculum.services import EditionChoice, propose_place

POEMS = (*THREE_A, "第二单元", "古诗三首（望洞庭/山行/夜书所见）")
PEP_MATHS = EditionChoice("primary", "数学", None, node_id("primary", "数学", "人教版"))


@pytest.mark.parametrize(
    ("path", "subjects", "grade", "volume", "unit"),
    [
        ("三上/第二单元/山行.pptx", (), 3, "上册", 2),
        ("语文/三年级上册/山行.pptx", ("语文",), 3, "上册", None),
        ("六年级下册数学 圆.docx", ("数学",), 6, "下册", None),
        ("3年级上/第3单元/x.pptx", (), 3, "上册", 3),
        ("七上数学 有理数", ("数学",), 7, "上册", None),
        ("初二物理 第十二章.docx", ("物理",), 8, "", 12),
        ("高一化学.pptx", ("化学",), 10, "", None),
        ("第二学期 五年级英语 Unit 4.pdf", ("英语",), 5, "下册", 4),
        ("三年级／上册＼语文.docx", ("语文",), 3, "上册", None),
        ("一上午的时间.pptx", (), None, "", None),
        ("2024年级.docx", (), None, "", None),
    ],
)
def test_names_are_read(path: str, subjects: tuple[str, ...], grade: int | None, volume: str, unit: int | None) -> None:
    named = read_names(path)
    assert (named.subjects, named.grade, named.volume, named.unit) == (subjects, grade, volume, unit)


@given(st.text(max_size=200))
def test_any_name_can_be_read(text: str) -> None:
    read_names(text)


@pytest.mark.parametrize(
    "path", ["三上/第二单元/山行.pptx", "语文/三年级上册/夜书所见 教学设计.docx", "三上 望洞庭.pdf"]
)
def test_a_poem_inside_a_lesson_is_found(seeded: None, path: str) -> None:
    place = propose_place(path)
    assert (place.node_id, place.subject, place.grade) == (node_id(*POEMS), "语文", 3)
    assert place.confidence > 0.8


def test_a_title_alone_is_enough_when_it_stands_once(seeded: None) -> None:
    assert propose_place("山行.pptx").node_id == node_id(*POEMS)


def test_a_single_character_is_a_title_too(node: Callable[..., Node]) -> None:
    place = propose_place("六年级数学/圆.docx", [PEP_MATHS])
    assert place.node_id is not None
    found = node_id("primary", "数学", "人教版").hex
    from tongyan.curriculum.services import find_node  # noqa: PLC0415

    chosen = find_node(place.node_id)
    assert chosen is not None
    assert "圆" in chosen.title
    assert found in chosen.path


def test_a_unit_by_its_number_in_the_schools_edition(seeded: None) -> None:
    place = propose_place("语文/三年级上册/第二单元/板书.jpg")
    assert place.node_id == node_id(*THREE_A, "第二单元")


def test_only_what_is_known_is_said(seeded: None) -> None:
    place = propose_place("三年级数学 期末总结.docx")
    assert (place.stage, place.subject, place.grade, place.node_id) == ("primary", "数学", 3, None)


def test_politics_is_another_subject_in_each_stage(seeded: None) -> None:
    assert propose_place("高二政治.docx").subject == "思想政治"
    assert propose_place("八年级政治.docx").subject == "道德与法治"


def test_a_54_school_keeps_its_system(seeded: None) -> None:
    choice = EditionChoice("junior54", "数学", None, node_id("junior54", "数学", "人教版"))
    assert propose_place("六年级数学总结.docx", [choice]).stage == "junior54"


def test_nothing_is_guessed_from_nothing(seeded: None) -> None:
    place = propose_place("新建文档(3).docx")
    assert (place.stage, place.subject, place.grade, place.node_id, place.confidence) == (None, None, None, None, 0.0)
