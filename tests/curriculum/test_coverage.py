"""The tree as the door: how much there is at every place, what is missing, and one click to bring it."""

from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.curriculum.conftest import THREE_A, put_at
from tests.factories import fresh
from tongyan.accounts.models import Person
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Node
from tongyan.curriculum.seeding import node_id
from tongyan.curriculum.services import Branch, View
from tongyan.curriculum.terms import term_of
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import Actor, group_key, user_key
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceKind
from tongyan.library.services.coverage import WANTED
from tongyan.org.actors import actor_for

SignIn = Callable[[Person], FlaskClient]
ActorOf = Callable[[Person], Actor]
NodeOf = Callable[..., Node]
STAGE, SUBJECT, EDITION = ("primary",), ("primary", "语文"), ("primary", "语文", "统编版")
UNIT = (*THREE_A, "第二单元")
POEMS = (*UNIT, "古诗三首（望洞庭/山行/夜书所见）")


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def rows_of(client: FlaskClient, path: str) -> list[tuple[object, ...]]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return list(load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))


@pytest.fixture
def filled(cast: SimpleNamespace, node: NodeOf) -> SimpleNamespace:
    """Put two pieces of courseware and an exercise at a lesson, one at its unit, and some that few may open."""
    group = group_key(cast.group_a.id)
    rows = [put_at(node(*POEMS), cast.owner, group), put_at(node(*POEMS), cast.owner, group)]
    exercise = put_at(node(*POEMS), cast.owner, group)
    with transaction() as session:
        session.get_one(Resource, exercise.id).kind = ResourceKind.EXERCISE
    put_at(node(*UNIT), cast.owner, group)
    put_at(node(*POEMS), cast.owner, user_key(cast.owner.id))
    put_at(node(*POEMS), cast.outsider, group_key(cast.group_b.id))
    return SimpleNamespace(rows=rows, exercise=exercise)


def test_every_level_says_how_much_there_is_below_it(
    cast: SimpleNamespace, actor: ActorOf, node: NodeOf, filled: SimpleNamespace
) -> None:
    put_at(node(*SUBJECT), cast.owner, group_key(cast.group_a.id))  # above the editions
    put_at(None, cast.owner, group_key(cast.group_a.id), subject="语文")
    me = actor(cast.neighbour)
    whole = library.counts_above(me, None)
    steps = [node(*names).id for names in (STAGE, SUBJECT, EDITION)]
    assert [whole[step] for step in steps] == [5, 5, 4]
    assert library.counts_above(me, node(*SUBJECT))[node(*EDITION).id] == 4
    assert library.counts_above(me, node("junior")) == {}
    assert library.counts_below(me, node(*EDITION))[node(*THREE_A).id] == 4
    assert library.counts_below(me) == {}


def test_numbers_by_kind_count_what_the_reader_may_open(
    cast: SimpleNamespace, actor: ActorOf, node: NodeOf, filled: SimpleNamespace
) -> None:
    lesson, unit = node(*POEMS), node(*UNIT)
    for person, expected in ((cast.neighbour, (2, 1, 3)), (cast.outsider, (1, 0, 1)), (cast.former, (0, 0, 0))):
        cover = library.cover_below(actor(person), node(*THREE_A))
        here = cover[lesson.id]
        found = (here.kinds[ResourceKind.COURSEWARE], here.kinds[ResourceKind.EXERCISE], here.total)
        assert found == expected
    mine = library.cover_below(actor(cast.neighbour), unit)
    assert mine[unit.id].kinds[ResourceKind.COURSEWARE] == 3
    assert mine[lesson.id].missing == [ResourceKind.LESSON_PLAN]


def test_a_book_counts_the_lessons_that_have_something(
    cast: SimpleNamespace, actor: ActorOf, node: NodeOf, filled: SimpleNamespace
) -> None:
    me, volume = actor(cast.neighbour), node(*THREE_A)
    branches = curriculum.all_below(me, volume, View())
    cover = library.cover_below(me, volume)
    lessons = library.count_lessons([Branch(volume, branches)], cover)
    leaves = [each for unit in branches for each in unit.branches or [unit]]
    assert lessons == len(leaves) > 20
    assert cover[volume.id].covered[ResourceKind.COURSEWARE] == 1  # what hangs at the unit covers no lesson
    assert cover[volume.id].kinds[ResourceKind.COURSEWARE] == 3


def test_a_lesson_shows_what_it_lacks_and_brings_it_in_one_click(
    cast: SimpleNamespace, sign_in: SignIn, node: NodeOf, filled: SimpleNamespace
) -> None:
    lesson = node(*POEMS)
    client = sign_in(cast.neighbour)
    for place in (node(*THREE_A), node(*UNIT), lesson):
        page = text_of(client, f"/curriculum/{place.id}")
        assert "课件 2" in page
        assert f"/library?node={lesson.id}&amp;kind=courseware" in page
        assert "还没有教案" in page
        assert f"/library/upload?node={lesson.id}&amp;kind=lesson_plan" in page
        assert f"/library/upload?node={lesson.id}&amp;kind=courseware" not in page
    assert "课件 1" in text_of(sign_in(cast.outsider), f"/curriculum/{lesson.id}")
    drop = text_of(client, f"/library/upload?node={lesson.id}&kind=lesson_plan")
    assert "放到：语文 统编版 三年级上册 古诗三首" in drop
    assert f'name="node" value="{lesson.id}"' in drop
    assert 'name="kind" value="lesson_plan"' in drop
    assert 'name="node"' not in text_of(client, "/library/upload?node=nonsense&kind=nonsense")


def test_what_is_brought_at_a_place_gets_that_place_and_kind(
    cast: SimpleNamespace, sign_in: SignIn, node: NodeOf
) -> None:
    lesson, client = node(*POEMS), sign_in(cast.owner)
    sent = {"files": (BytesIO(b"text"), "随便.txt"), "node": str(lesson.id), "kind": "exercise"}
    assert client.post("/library/upload", data=sent).status_code == 302
    desk = text_of(client, "/library?mine=1")
    assert "随便" in desk
    db.session.rollback()
    listed = library.list_resources(actor_for(cast.owner), library.Filters(mine=True)).items
    assert [(each.node_id, each.kind, each.subject, each.grade) for each in listed] == [
        (lesson.id, ResourceKind.EXERCISE, "语文", 3)
    ]


@pytest.mark.parametrize(("kind", "expected"), [("exam", ResourceKind.EXAM), ("nonsense", ResourceKind.LESSON_PLAN)])
def test_an_upload_that_may_break_off_knows_its_place_too(
    cast: SimpleNamespace, sign_in: SignIn, node: NodeOf, kind: str, expected: ResourceKind
) -> None:
    lesson = node(*POEMS)
    said = {"filename": "x.txt", "node": str(lesson.id), "kind": kind}
    metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "4", "Upload-Metadata": metadata}
    chunk = {"Content-Type": "application/offset+octet-stream"}
    answer = sign_in(cast.owner).post("/uploads", data=b"text", headers=headers | chunk)
    assert answer.status_code == 201
    resource = fresh(Resource, UUID(answer.headers["Tongyan-Resource"]))
    assert (resource.node_id, resource.kind, resource.grade) == (lesson.id, expected, 3)


def test_a_place_that_is_none_takes_no_upload(cast: SimpleNamespace, seeded: None, actor: ActorOf) -> None:
    with pytest.raises(NotFound):
        library.start_upload(actor(cast.owner), "山行.txt", 4, node_id=uuid4())


def test_the_matrix_of_a_book_has_a_row_for_every_lesson(
    cast: SimpleNamespace, sign_in: SignIn, node: NodeOf, filled: SimpleNamespace
) -> None:
    client, lesson = sign_in(cast.neighbour), node(*POEMS)
    for place in (node(*THREE_A), node(*UNIT), lesson):
        page = text_of(client, f"/curriculum/{place.id}/coverage")
        assert f"/library?node={lesson.id}&amp;kind=exercise" in page
        assert "gap-cell" in page
    assert "习题" not in text_of(client, f"/curriculum/{lesson.id}/coverage").split("<tbody>")[0].split("</thead>")[-1]
    table = rows_of(client, f"/curriculum/{node(*THREE_A).id}/coverage.xlsx")
    assert table[0][:2] == ("单元", "课")
    row = next(row for row in table if row[1] == lesson.title)
    numbers = dict(zip(table[0][2:], row[2:], strict=True))
    assert (numbers["课件"], numbers["习题"], numbers["教案"], numbers["合计"]) == (2, 1, 0, 3)
    assert rows_of(client, f"/curriculum/{lesson.id}/coverage.xlsx")[1][-1] == 3


def test_the_matrix_of_a_subject_counts_the_lessons_of_every_book(
    cast: SimpleNamespace, sign_in: SignIn, node: NodeOf, filled: SimpleNamespace
) -> None:
    client, book = sign_in(cast.neighbour), node(*THREE_A)
    for place in (node(*SUBJECT), node(*EDITION)):
        page = text_of(client, f"/curriculum/{place.id}/coverage")
        assert f'href="/curriculum/{book.id}/coverage"' in page
        assert "1/" in page
    table = rows_of(client, f"/curriculum/{node(*SUBJECT).id}/coverage.xlsx")
    assert table[0][:4] == ("版本", "册次", "单元", "课")
    assert any(row[3] == node(*POEMS).title for row in table)


def test_a_stage_is_too_wide_for_a_matrix(cast: SimpleNamespace, sign_in: SignIn, node: NodeOf) -> None:
    stage = node(*STAGE)
    for path in ("coverage", "coverage.xlsx"):
        answer = sign_in(cast.owner).get(f"/curriculum/{stage.id}/{path}")
        assert (answer.status_code, answer.location) == (302, f"/curriculum/{stage.id}")
    assert sign_in(cast.owner).get(f"/curriculum/{uuid4()}/coverage").status_code == 404


def test_the_books_of_ones_editions_say_how_much_they_hold(
    cast: SimpleNamespace, sign_in: SignIn, actor: ActorOf, node: NodeOf, filled: SimpleNamespace
) -> None:
    choice = {(node_id(*SUBJECT), None): node_id(*EDITION)}
    curriculum.choose_editions(actor(cast.head), cast.core.id, term_of(today()), choice)
    page = text_of(sign_in(cast.owner), f"/curriculum/{node(*SUBJECT).id}")
    assert "三年级上册的资源: 4" in page
    assert "三年级下册的资源: 0" in page


def test_pages_of_the_matrix_take_few_statements(
    cast: SimpleNamespace, sign_in: SignIn, node: NodeOf, statements: Callable[..., int], filled: SimpleNamespace
) -> None:
    client = sign_in(cast.neighbour)
    frame = statements(lambda: client.get("/notices"))
    for names in (SUBJECT, THREE_A):
        path = f"/curriculum/{node(*names).id}/coverage"
        assert statements(lambda path=path: client.get(path)) - frame <= 6, path


def test_every_lesson_wants_courseware_and_a_plan() -> None:
    assert set(WANTED) == {ResourceKind.COURSEWARE, ResourceKind.LESSON_PLAN}


def test_moving_chooses_where_the_node_stands(cast: SimpleNamespace, sign_in: SignIn, node: NodeOf) -> None:
    client, unit = sign_in(cast.admin), node(*UNIT)
    siblings = [branch.node for branch in curriculum.children(actor_for(cast.admin), unit.parent_id, View(past=True))]
    place = [sibling.id for sibling in siblings].index(unit.id)
    page = text_of(client, f"/curriculum/{unit.id}/edit")
    assert f'<option selected value="{siblings[place + 1].id}">' in page
    before = unit.position
    sent = {"position-before": str(siblings[place + 1].id)}
    assert client.post(f"/curriculum/{unit.id}/move", data=sent).status_code == 302
    assert fresh(Node, unit.id).position == before
    assert not curriculum.history(actor_for(cast.admin), unit.id)
    last = f"/curriculum/{siblings[-1].id}/edit"
    assert '<option selected value="">' in text_of(client, last)
