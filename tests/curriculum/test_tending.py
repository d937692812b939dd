"""Administrators tend the tree: everything is kept, told in sentences, and can be undone."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.curriculum.conftest import THREE_A, put_at
from tests.factories import fresh
from tongyan.accounts.models import Person
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Level, Node, NodeChange, Verb
from tongyan.curriculum.seeding import import_seed, node_id
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.errors import Conflict, Forbidden, Invalid
from tongyan.kernel.permissions import Actor, group_key

CHINESE = ("primary", "语文", "统编版")
UNIT = (*THREE_A, "第二单元")
OLD = (*THREE_A[:5], "2011", "")


@pytest.fixture
def admin(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], seeded: None) -> FlaskClient:
    """Give an administrator's browser."""
    return sign_in(cast.admin)


@pytest.fixture
def tender(cast: SimpleNamespace, actor: Callable[[Person], Actor], seeded: None) -> Actor:
    """Give the administrator as an actor."""
    return actor(cast.admin)


def do(client: FlaskClient, node: UUID, deed: str, **data: object) -> str:
    """Do something through the page and return the page that follows."""
    answer = client.post(f"/curriculum/{node}/{deed}", data=data, follow_redirects=True)
    assert answer.status_code in {200, 422, 409}
    return answer.get_data(as_text=True)


def undo(client: FlaskClient, change: UUID) -> str:
    return client.post(f"/curriculum/changes/{change}/undo", follow_redirects=True).get_data(as_text=True)


def now_is(*names: str) -> Node:
    return fresh(Node, node_id(*names))


def last_change() -> NodeChange:
    db.session.rollback()
    return db.session.scalars(select(NodeChange).order_by(NodeChange.id.desc())).first()  # type: ignore[return-value] # a test made one


def titles(parent: UUID) -> list[str]:
    db.session.rollback()
    below = select(Node.title).where(Node.parent_id == parent).order_by(Node.position, Node.title)
    return list(db.session.scalars(below))


def test_only_administrators_find_the_pages(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], actor: Callable[[Person], Actor], seeded: None
) -> None:
    unit = node_id(*UNIT)
    for role in ("owner", "head", "outsider"):
        client = sign_in(getattr(cast, role))
        assert f"/curriculum/{unit}/edit" not in client.get(f"/curriculum/{unit}").get_data(as_text=True)
        for deed in ("edit", "move", "successor"):
            assert client.get(f"/curriculum/{unit}/{deed}").status_code == 404
        for deed in ("rename", "add", "retire", "revive", "move", "successor"):
            assert client.post(f"/curriculum/{unit}/{deed}", data={"rename-title": "x"}).status_code == 404
        assert client.get("/curriculum/changes").status_code == 404
        with pytest.raises(Forbidden):
            curriculum.rename_node(actor(getattr(cast, role)), unit, "x")
    assert now_is(*UNIT).title == "第二单元"


def test_a_unit_is_renamed_and_the_deed_is_kept(admin: FlaskClient) -> None:
    unit = node_id(*UNIT)
    assert f"/curriculum/{unit}/edit" in admin.get(f"/curriculum/{unit}").get_data(as_text=True)
    page = do(admin, unit, "rename", **{"rename-title": " 第二单元  金秋 ", "rename-seen": "第二单元"})
    assert "已改名" in page
    assert now_is(*UNIT).title == "第二单元 金秋"
    assert "第二单元 金秋" in admin.get("/curriculum/changes").get_data(as_text=True)
    db.session.rollback()
    done = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "curriculum:node:rename")).one()
    assert done.subject == f"curriculum:{unit}"


def test_a_title_that_was_changed_meanwhile_is_not_overwritten(admin: FlaskClient, tender: Actor) -> None:
    unit = node_id(*UNIT)
    curriculum.rename_node(tender, unit, "别人改的")
    page = do(admin, unit, "rename", **{"rename-title": "我改的", "rename-seen": "第二单元"})
    assert "别人已经改过" in page
    assert "我改的" in page  # what was typed is still there
    assert now_is(*UNIT).title == "别人改的"


@pytest.mark.parametrize(
    ("deed", "title", "sentence"),
    [
        ("rename", "", "请填写名称"),
        ("rename", "   ", "请填写名称"),
        ("rename", "字" * 201, ""),
        ("rename", "第三单元", "同一处已经有这个名称"),
        ("child", "古诗三首（望洞庭/山行/夜书所见）", "同一处已经有这个名称"),
        ("child", "", "请填写名称"),
    ],
)
def test_a_bad_title_is_refused_at_its_field(admin: FlaskClient, deed: str, title: str, sentence: str) -> None:
    route = {"rename": "rename", "child": "add"}[deed]
    answer = admin.post(f"/curriculum/{node_id(*UNIT)}/{route}", data={f"{deed}-title": title})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert last_change() is None


def test_saving_the_same_title_is_no_deed(tender: Actor) -> None:
    curriculum.rename_node(tender, node_id(*UNIT), "第二单元")
    assert last_change() is None


def test_titles_that_become_keys_are_short(tender: Actor) -> None:
    with pytest.raises(Invalid):
        curriculum.add_node(tender, node_id("primary"), "科" * 33)
    assert curriculum.add_node(tender, node_id(*CHINESE), "版" * 64).volume == "版" * 64


def test_what_is_added_knows_its_place(admin: FlaskClient) -> None:
    page = do(
        admin, node_id(*CHINESE), "add", **{"child-title": "六年级上册（修订）", "child-valid_from": "2027-08-01"}
    )
    assert "已添加" in page
    volume = fresh(Node, last_change().node_id)
    assert (volume.level, volume.grade, volume.volume, volume.edition) == (Level.VOLUME, 6, "上册", "统编版")
    assert volume.valid_from == date(2027, 8, 1)
    do(admin, volume.id, "add", **{"child-title": "第一单元"})
    unit = fresh(Node, last_change().node_id)
    do(admin, unit.id, "add", **{"child-title": "草原"})
    lesson = fresh(Node, last_change().node_id)
    assert (lesson.level, lesson.grade, lesson.valid_from) == (Level.LESSON, 6, date(2027, 8, 1))
    assert lesson.ancestor_ids()[-2:] == [unit.id, lesson.id]
    assert "课的下面不能再加" in do(admin, lesson.id, "add", **{"child-title": "x"})


def test_a_new_subject_with_its_edition_can_be_chosen(tender: Actor) -> None:
    subject = curriculum.add_node(tender, node_id("primary"), "围棋")
    edition = curriculum.add_node(tender, subject.id, "校本版")
    assert (edition.subject, edition.edition, edition.edition_id) == ("围棋", "校本版", edition.id)
    assert subject.edition_id is None
    assert "围棋" in curriculum.subject_names(tender)


def test_what_is_retired_stays_for_what_hangs_there(
    cast: SimpleNamespace, admin: FlaskClient, sign_in: Callable[[Person], FlaskClient]
) -> None:
    lesson = now_is(*UNIT, "古诗三首（望洞庭/山行/夜书所见）")
    resource = put_at(lesson, cast.owner, group_key(cast.group_a.id), "枫叶红了")
    assert "已停用" in do(admin, node_id(*THREE_A), "retire")
    client = sign_in(cast.neighbour)
    assert str(node_id(*THREE_A)) not in client.get(f"/curriculum/{node_id(*CHINESE)}").get_data(as_text=True)
    assert "停用" in client.get(f"/curriculum/{node_id(*THREE_A)}").get_data(as_text=True)
    for path in ("/library", f"/library?node={node_id(*THREE_A)}", f"/library/{resource.id}"):
        assert "枫叶红了" in client.get(path).get_data(as_text=True)


def test_reviving_brings_back_what_was_retired_along_only(admin: FlaskClient, tender: Actor) -> None:
    curriculum.retire_node(tender, node_id(*THREE_A, "第一单元"), date(2026, 1, 1))
    do(admin, node_id(*THREE_A), "retire", **{"retire-on": "2026-07-31"})
    assert now_is(*UNIT).retired_on == date(2026, 7, 31)
    assert "连同下面" in admin.get("/curriculum/changes").get_data(as_text=True)
    assert "已重新启用" in do(admin, node_id(*THREE_A), "revive")
    assert now_is(*UNIT).retired_on is None
    assert now_is(*THREE_A, "第一单元").retired_on == date(2026, 1, 1)
    assert "连同下面" in admin.get("/curriculum/changes").get_data(as_text=True)


def test_a_date_ahead_leaves_it_in_use_until_then(admin: FlaskClient) -> None:
    ahead = today() + timedelta(days=40)
    do(admin, node_id(*UNIT), "retire", **{"retire-on": ahead.isoformat()})
    unit = now_is(*UNIT)
    assert unit.in_force(today())
    assert not unit.in_force(ahead)
    assert "将于" in admin.get(f"/curriculum/{unit.id}").get_data(as_text=True)


def test_a_date_that_is_none_is_refused(admin: FlaskClient) -> None:
    assert admin.post(f"/curriculum/{node_id(*UNIT)}/retire", data={"retire-on": "soon"}).status_code == 422
    assert now_is(*UNIT).retired_on is None


def test_retiring_and_reviving_twice_is_once(tender: Actor) -> None:
    for deed in (curriculum.retire_node, curriculum.retire_node, curriculum.revive_node, curriculum.revive_node):
        deed(tender, node_id(*UNIT))
    db.session.rollback()
    assert list(db.session.scalars(select(NodeChange.verb).order_by(NodeChange.id))) == [Verb.RETIRE, Verb.REVIVE]


def test_nothing_is_in_use_below_what_is_retired(admin: FlaskClient, tender: Actor) -> None:
    curriculum.retire_node(tender, node_id(*THREE_A))
    assert "它的上级已停用" in do(admin, node_id(*UNIT), "revive")
    assert "它的上级已停用" in do(admin, node_id(*THREE_A), "add", **{"child-title": "第九单元"})
    with pytest.raises(Conflict):
        curriculum.move_node(tender, node_id(*OLD, "第一单元"), node_id(*THREE_A))


def test_a_unit_moves_among_its_siblings(admin: FlaskClient) -> None:
    volume, unit = node_id(*THREE_A), node_id(*UNIT)
    assert "已移动" in do(admin, unit, "move", **{"position-before": str(node_id(*THREE_A, "第一单元"))})
    assert titles(volume)[:2] == ["第二单元", "第一单元"]
    do(admin, unit, "move", **{"position-before": ""})
    assert titles(volume)[-1] == "第二单元"


def test_there_is_always_room_between_two(tender: Actor) -> None:
    units = [node_id(*THREE_A, f"第{number}单元") for number in "一二三"]
    for round_ in range(40):
        curriculum.move_node(tender, units[1 + round_ % 2], before_id=units[0])
    assert titles(node_id(*THREE_A))[:3] == ["第二单元", "第三单元", "第一单元"]


def test_a_unit_moves_to_another_book_with_all_below(admin: FlaskClient) -> None:
    target = ("primary", "语文", "统编版", "四年级", "上册", "2022", "")
    page = admin.get(f"/curriculum/{node_id(*UNIT)}/move?q=四年级上册").get_data(as_text=True)
    target_id = next(node for node in (node_id(*target), node_id(*target[:5], "2011", "")) if str(node) in page)
    lesson = (*UNIT, "古诗三首（望洞庭/山行/夜书所见）")
    twin = do(admin, node_id(*UNIT), "move", parent=target_id)
    assert "同一处已经有这个名称" in twin
    do(admin, node_id(*UNIT), "rename", **{"rename-title": "古诗", "rename-seen": "第二单元"})
    assert "已移动" in do(admin, node_id(*UNIT), "move", parent=target_id)
    moved = now_is(*lesson)
    assert (moved.grade, moved.ancestor_ids()[3]) == (4, target_id)
    undo(admin, last_change().id)
    assert (now_is(*lesson).grade, now_is(*lesson).ancestor_ids()[3]) == (3, node_id(*THREE_A))


def test_places_are_offered_near_by_or_by_name(admin: FlaskClient) -> None:
    near = admin.get(f"/curriculum/{node_id(*UNIT)}/move").get_data(as_text=True)
    assert "四年级上册" in near
    assert str(node_id(*THREE_A)) not in near.split('<form class="card"')[1]
    assert "没有合适的内容" in admin.get(f"/curriculum/{node_id('primary')}/move").get_data(as_text=True)
    assert "没有合适的内容" in admin.get(f"/curriculum/{node_id(*UNIT)}/move?q=没有").get_data(as_text=True)


def test_a_node_moves_only_below_its_kind(admin: FlaskClient) -> None:
    assert "只能移到同一级的上级下面" in do(admin, node_id(*UNIT), "move", parent=node_id(*CHINESE))


def test_an_old_book_gets_a_successor(admin: FlaskClient) -> None:
    new, old = node_id(*THREE_A), node_id(*UNIT)
    offers = admin.get(f"/curriculum/{old}/successor").get_data(as_text=True)
    follower = node_id(*OLD, "第一单元")
    assert str(follower) in offers
    assert str(new) in admin.get(f"/curriculum/{node_id(*OLD)}/successor").get_data(as_text=True)
    assert "已保存" in do(admin, old, "successor", successor=follower)
    assert "接替" in admin.get(f"/curriculum/{old}").get_data(as_text=True)
    assert now_is(*UNIT).successor_id == follower
    assert "不能互相接替" in do(admin, follower, "successor", successor=old)
    do(admin, old, "successor")
    assert now_is(*UNIT).successor_id is None
    assert "接替的内容要与它同一级" in do(admin, old, "successor", successor=new)


def test_successors_never_run_in_a_circle(tender: Actor) -> None:
    first, second, third = (node_id(*THREE_A, f"第{number}单元") for number in "一二三")
    curriculum.map_node(tender, first, second)
    curriculum.map_node(tender, second, third)
    with pytest.raises(Conflict):
        curriculum.map_node(tender, third, first)


def test_every_deed_can_be_undone(admin: FlaskClient, tender: Actor) -> None:
    unit = node_id(*UNIT)
    before = {name: getattr(now_is(*UNIT), name) for name in ("title", "position", "retired_on", "successor_id")}
    deeds: list[Callable[[], Node]] = [
        lambda: curriculum.rename_node(tender, unit, "改名"),
        lambda: curriculum.move_node(tender, unit),
        lambda: curriculum.map_node(tender, unit, node_id(*THREE_A, "第三单元")),
        lambda: curriculum.retire_node(tender, unit),
    ]
    for deed in deeds:
        deed()
        assert "已撤销" in undo(admin, last_change().id)
        assert {name: getattr(now_is(*UNIT), name) for name in before} == before
    curriculum.retire_node(tender, unit)
    curriculum.revive_node(tender, unit)
    undo(admin, last_change().id)
    assert now_is(*UNIT).retired_on == today()


def test_an_addition_is_undone_unless_something_hangs_below(admin: FlaskClient, tender: Actor) -> None:
    unit = curriculum.add_node(tender, node_id(*THREE_A), "第九单元")
    added = last_change().id
    lesson = curriculum.add_node(tender, unit.id, "司马光")
    assert "请先停用下面的内容" in undo(admin, added)
    curriculum.retire_node(tender, lesson.id)
    assert "已撤销" in undo(admin, added)
    assert fresh(Node, unit.id).retired_on == today()


def test_what_was_undone_or_changed_since_is_not_undone(admin: FlaskClient, tender: Actor) -> None:
    curriculum.rename_node(tender, node_id(*UNIT), "第一次")
    first = last_change().id
    curriculum.rename_node(tender, node_id(*UNIT), "第二次")
    second = last_change().id
    assert "这一步之后又有改动" in undo(admin, first)
    undo(admin, second)
    assert "这一步已经撤销过" in undo(admin, second)
    assert "已撤销" in undo(admin, first)
    assert now_is(*UNIT).title == "第二单元"


def test_undoing_never_makes_twins(admin: FlaskClient, tender: Actor) -> None:
    curriculum.rename_node(tender, node_id(*UNIT), "金秋")
    renamed = last_change().id
    curriculum.add_node(tender, node_id(*THREE_A), "第二单元")
    assert "同一处已经有这个名称" in undo(admin, renamed)
    assert now_is(*UNIT).title == "金秋"


def test_one_may_go_back_to_where_one_undid(admin: FlaskClient, tender: Actor) -> None:
    curriculum.rename_node(tender, node_id(*UNIT), "金秋")
    page = f"/curriculum/{node_id(*UNIT)}/edit"
    assert f'value="{page}"' in admin.get(page).get_data(as_text=True)
    answer = admin.post(f"/curriculum/changes/{last_change().id}/undo", data={"next": page})
    assert answer.headers["Location"].endswith(page)


def test_missing_nodes_and_changes_are_not_found(admin: FlaskClient) -> None:
    for path in (f"/curriculum/{uuid4()}/edit", f"/curriculum/{uuid4()}/move", f"/curriculum/{uuid4()}/successor"):
        assert admin.get(path).status_code == 404
    for path in (f"/curriculum/changes/{uuid4()}/undo", f"/curriculum/{uuid4()}/revive"):
        assert admin.post(path).status_code == 404


def test_an_untouched_tree_says_how_to_begin(admin: FlaskClient) -> None:
    assert "还没有人改过教材目录" in admin.get("/curriculum/changes").get_data(as_text=True)


def test_an_import_respects_every_kind_of_deed(tender: Actor, seed_file: Path) -> None:
    unit, volume = node_id(*UNIT), node_id(*THREE_A)
    curriculum.retire_node(tender, node_id(*THREE_A, "第一单元"))
    curriculum.move_node(tender, unit)
    added = curriculum.add_node(tender, volume, "综合复习")
    done = import_seed(seed_file)
    assert (done.added, done.changed, done.kept) == (0, 0, 3)
    assert titles(volume)[-2:] == ["第二单元", "综合复习"]
    assert now_is(*THREE_A, "第一单元").retired_on == today()
    assert fresh(Node, added.id).title == "综合复习"
