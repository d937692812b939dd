"""Everybody walks the tree; numbers count only what the reader may open."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.curriculum.conftest import THREE_A, put_at
from tests.factories import post
from tongyan.accounts.models import Person
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.seeding import node_id
from tongyan.curriculum.services import View, place_name
from tongyan.curriculum.terms import term_of
from tongyan.kernel.clock import today
from tongyan.kernel.permissions import ANONYMOUS, Actor, group_key, user_key

SignIn = Callable[[Person], FlaskClient]
POEMS = (*THREE_A, "第二单元", "古诗三首（望洞庭/山行/夜书所见）")
CHINESE, MATHS = ("primary", "语文"), ("primary", "数学")


@pytest.fixture
def chosen(cast: SimpleNamespace, seeded: None, actor: Callable[[Person], Actor]) -> None:
    """Let the school use 统编版 for 语文 and 人教版 for 数学, 北师大版 in the third grade."""
    choices = {
        (node_id(*CHINESE), None): node_id(*CHINESE, "统编版"),
        (node_id(*MATHS), None): node_id(*MATHS, "人教版"),
        (node_id(*MATHS), 3): node_id(*MATHS, "北师大版"),
    }
    curriculum.choose_editions(actor(cast.head), cast.core.id, term_of(today()), choices)


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_the_tree_leads_from_the_stage_to_the_lesson(
    cast: SimpleNamespace, sign_in: SignIn, node: Callable[..., Node]
) -> None:
    client = sign_in(cast.owner)
    lesson = node(*POEMS)
    line = curriculum.node_line(lesson)
    assert [step.level for step in line] == list(Level)
    titles = [step.title for step in line]
    page = text_of(client, "/curriculum")
    assert titles[0] in page
    assert titles[1] in page
    for step, below in zip(line, line[1:], strict=False):
        page = text_of(client, f"/curriculum/{step.id}")
        assert below.title in page
    last = text_of(client, f"/curriculum/{lesson.id}")
    assert all(f"/curriculum/{step.id}" in last for step in line[:-1])


def test_a_missing_node_is_not_found(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert sign_in(cast.owner).get(f"/curriculum/{uuid4()}").status_code == 404


def test_pages_of_the_tree_take_few_statements(
    cast: SimpleNamespace, sign_in: SignIn, node: Callable[..., Node], chosen: None, statements: Callable[..., int]
) -> None:
    client = sign_in(cast.owner)
    frame = statements(lambda: client.get("/notices"))
    for path in ("/curriculum", "/curriculum?q=山行", f"/curriculum/{node(*THREE_A).id}"):
        assert statements(lambda path=path: client.get(path)) - frame <= 6, path


def test_search_names_the_way_to_what_it_found(cast: SimpleNamespace, sign_in: SignIn, seeded: None) -> None:
    client = sign_in(cast.owner)
    assert "小学 / 语文 / 统编版 / 三年级上册 / 第二单元" in text_of(client, "/curriculum?q=山行")
    assert "教材里没有找到" in text_of(client, "/curriculum?q=没有这一课")
    assert curriculum.search(ANONYMOUS, "  ", View()) == []


def test_the_schools_editions_are_shown_until_all_are_asked_for(
    cast: SimpleNamespace, sign_in: SignIn, chosen: None
) -> None:
    client, maths = sign_in(cast.owner), f"/curriculum/{node_id(*MATHS)}"
    own, every = text_of(client, maths), text_of(client, f"{maths}?all=1")
    assert "苏教版" not in own
    assert "苏教版" in every
    assert "思想政治" not in text_of(client, "/curriculum")
    assert "思想政治" in text_of(client, "/curriculum?all=1")
    for page in (own, text_of(client, "/curriculum"), text_of(client, "/curriculum?q=分数")):
        assert "?all=" not in page.replace("?all=1", ""), "a step down the tree must not ask for all editions"
    assert f'{maths}?all=1"' in text_of(client, "/curriculum?all=1")


def test_a_grade_with_its_own_edition_is_left_out_of_the_general_one(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], chosen: None
) -> None:
    view = View(curriculum.default_editions(actor(cast.owner)))
    grades = {
        name: {
            branch.node.grade
            for branch in curriculum.children(actor(cast.owner), node_id(*MATHS, name), view)
        }
        for name in ("人教版", "北师大版", "苏教版")
    }  # fmt: skip
    assert grades == {"人教版": {1, 2, 4, 5, 6}, "北师大版": {3}, "苏教版": set()}


def test_who_works_nowhere_sees_every_edition(cast: SimpleNamespace, sign_in: SignIn, chosen: None) -> None:
    assert "苏教版" in text_of(sign_in(cast.former), f"/curriculum/{node_id(*MATHS)}")


def test_what_is_out_of_use_is_hidden_until_asked_for(
    cast: SimpleNamespace, sign_in: SignIn, node: Callable[..., Node]
) -> None:
    client = sign_in(cast.owner)
    edition, old = f"/curriculum/{node_id(*CHINESE, '统编版')}", node(*THREE_A[:5], "2011", "")
    assert str(old.id) not in text_of(client, edition)
    assert "已停用，用到 2025年7月为止" in text_of(client, f"{edition}?old=1")
    page = text_of(client, f"/curriculum/{old.id}?old=1")
    assert "接替" in page
    assert str(node_id(*THREE_A)) in page


def test_numbers_count_what_hangs_below_and_only_what_the_reader_may_open(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], sign_in: SignIn, node: Callable[..., Node]
) -> None:
    from tongyan.library import services as library  # noqa: PLC0415 # the library stands above the curriculum

    volume, unit, lesson = node(*THREE_A), node(*THREE_A, "第二单元"), node(*POEMS)
    put_at(lesson, cast.owner, group_key(cast.group_a.id))
    put_at(unit, cast.owner, group_key(cast.group_a.id))
    put_at(lesson, cast.owner, user_key(cast.owner.id))
    put_at(lesson, cast.outsider, group_key(cast.group_b.id))
    for person, expected in ((cast.neighbour, (2, 2, 1)), (cast.outsider, (1, 1, 1)), (cast.former, (0, 0, 0))):
        counts = library.counts_below(actor(person), volume)
        assert tuple(counts[step.id] for step in (volume, unit, lesson)) == expected
        shown = text_of(sign_in(person), f"/curriculum/{unit.id}")
        assert f"{expected[1]} 份资源" in shown or not expected[1]


def test_a_place_is_said_in_one_line(node: Callable[..., Node]) -> None:
    said = {
        ("primary",): "小学",
        CHINESE: "语文",
        (*CHINESE, "统编版"): "语文 统编版",
        THREE_A: "语文 统编版 三年级上册",
        POEMS: "语文 统编版 三年级上册 古诗三首（望洞庭/山行/夜书所见）",
    }
    assert {names: place_name(node(*names)) for names in said} == said


def test_the_places_of_a_resource_are_the_books_of_the_school(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], chosen: None
) -> None:
    me = actor(cast.owner)
    shelves = curriculum.places(me, "语文", 3)
    assert [(shelf.volume.edition, shelf.volume.title) for shelf in shelves] == [
        ("统编版", "三年级上册"),
        ("统编版", "三年级下册"),
    ]
    spots = {spot.node.id: spot.depth for spot in shelves[0].spots}
    assert (spots[node_id(*THREE_A)], spots[node_id(*THREE_A, "第二单元")], spots[node_id(*POEMS)]) == (0, 1, 2)
    assert {shelf.volume.edition for shelf in curriculum.places(me, "数学", 3)} == {"北师大版"}
    assert {shelf.volume.edition for shelf in curriculum.places(me, "数学", 4)} == {"人教版"}
    assert curriculum.places(me, None, 3) == curriculum.places(me, "语文", None) == []
    assert curriculum.places(me, "语文", 10)  # books of the senior stage have no grade


def test_a_place_out_of_use_stays_on_offer_for_what_hangs_there(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], chosen: None
) -> None:
    old, me = node_id(*THREE_A[:5], "2011", ""), actor(cast.owner)
    assert old not in {shelf.volume.id for shelf in curriculum.places(me, "语文", 3)}
    assert old in {shelf.volume.id for shelf in curriculum.places(me, "语文", 3, old)}
    for other in (uuid4(), node_id(*CHINESE)):
        assert len(curriculum.places(me, "语文", 3, other)) == 2


def test_a_second_school_has_a_filter_of_its_own(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], chosen: None
) -> None:
    assert curriculum.default_editions(actor(cast.neighbour)) == []
    post(cast.neighbour, cast.core)
    assert curriculum.default_editions(actor(cast.owner))
