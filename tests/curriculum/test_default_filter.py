"""The library shows by default what the school can use; it hides nothing that nobody decided about."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.curriculum.conftest import THREE_A, put_at
from tests.factories import fresh
from tongyan.accounts.models import Person
from tongyan.curriculum import services as curriculum
from tongyan.curriculum.models import Node
from tongyan.curriculum.seeding import node_id
from tongyan.curriculum.terms import term_of
from tongyan.kernel.clock import today
from tongyan.kernel.permissions import Actor, group_key
from tongyan.library.models import Resource

MATHS, ETHICS = ("primary", "数学"), ("primary", "道德与法治")
UNIT = (*THREE_A, "第二单元")
TITLES = ("人教数学", "北师数学", "北师数学四年级", "没有版本", "没有位置", "统编语文")


@pytest.fixture
def shelf(cast: SimpleNamespace, node: Callable[..., Node]) -> dict[str, Resource]:
    """Share resources of several editions with the group."""
    places = (
        node(*MATHS, "人教版"),
        node(*MATHS, "北师大版"),
        node(*MATHS, "北师大版"),
        node(*MATHS),
        None,
        node(*UNIT),
    )
    grades = (3, 3, 4, 3, None, 3)
    audience = group_key(cast.group_a.id)
    return {
        title: put_at(place, cast.owner, audience, title, grade=grade)
        for title, place, grade in zip(TITLES, places, grades, strict=True)
    }


@pytest.fixture
def choose(cast: SimpleNamespace, actor: Callable[[Person], Actor], seeded: None) -> Callable[..., None]:
    """Let the core school choose editions of 数学, by grade."""

    def chosen(*names: str, **by_grade: str) -> None:
        named = [(None, name) for name in names] + [(int(grade[1:]), name) for grade, name in by_grade.items()]
        choices = {(node_id(*MATHS), grade): node_id(*MATHS, name) for grade, name in named}
        curriculum.choose_editions(actor(cast.head), cast.core.id, term_of(today()), choices)

    return chosen


def titles(client: FlaskClient, path: str = "/library") -> set[str]:
    answer = client.get(path)
    assert answer.status_code == 200
    page = answer.get_data(as_text=True).replace("北师数学四年级", "四年级北师")
    found = {title for title in TITLES if title.replace("北师数学四年级", "四年级北师") in page}
    assert f"共 {len(found)} 份资源" in page  # the count tells the same
    return found


def test_only_the_schools_editions_are_listed(
    cast: SimpleNamespace,
    sign_in: Callable[[Person], FlaskClient],
    shelf: dict[str, Resource],
    choose: Callable[..., None],
) -> None:
    client = sign_in(cast.colleague)
    assert titles(client) == set(TITLES)
    assert "本校教材" not in client.get("/library").get_data(as_text=True)
    choose("人教版")
    assert titles(client) == set(TITLES) - {"北师数学", "北师数学四年级"}
    assert "本校教材" in client.get("/library").get_data(as_text=True)
    assert titles(client, "/library?editions=all") == set(TITLES)
    assert "本校教材" in client.get("/library?editions=all").get_data(as_text=True)
    assert titles(sign_in(cast.neighbour)) == set(TITLES)  # the other school chose nothing


def test_a_grade_may_use_another_edition(
    cast: SimpleNamespace,
    sign_in: Callable[[Person], FlaskClient],
    shelf: dict[str, Resource],
    choose: Callable[..., None],
) -> None:
    client = sign_in(cast.colleague)
    choose("人教版", g3="北师大版")
    assert titles(client) == set(TITLES) - {"人教数学", "北师数学四年级"}
    choose(g3="北师大版")  # of the other grades nobody said anything
    assert titles(client) == set(TITLES) - {"人教数学"}


def test_ones_own_are_always_listed(
    cast: SimpleNamespace,
    sign_in: Callable[[Person], FlaskClient],
    shelf: dict[str, Resource],
    choose: Callable[..., None],
) -> None:
    choose("人教版")
    assert titles(sign_in(cast.owner), "/library?mine=1") == set(TITLES)


def test_a_place_that_was_asked_for_is_not_filtered(
    cast: SimpleNamespace,
    sign_in: Callable[[Person], FlaskClient],
    shelf: dict[str, Resource],
    choose: Callable[..., None],
) -> None:
    choose("人教版")
    client = sign_in(cast.colleague)
    north = node_id(*MATHS, "北师大版")
    assert titles(client, f"/library?node={north}") == {"北师数学", "北师数学四年级"}
    maths = {title for title in TITLES if "数学" in title} | {"没有版本"}
    assert titles(client, f"/library?node={node_id(*MATHS)}") == maths  # with all that hangs below
    page = client.get(f"/library?node={north}&grade=3").get_data(as_text=True)
    assert "数学 北师大版" in page
    assert "去掉这个条件" in page
    assert 'href="/library?grade=3"' in page
    part = client.get(f"/library?node={north}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "去掉这个条件" in part
    assert "去掉这个条件" not in client.get("/library?node=nonsense").get_data(as_text=True)


def test_lists_take_few_statements(
    cast: SimpleNamespace,
    sign_in: Callable[[Person], FlaskClient],
    shelf: dict[str, Resource],
    statements: Callable[..., int],
) -> None:
    client = sign_in(cast.colleague)
    frame = statements(lambda: client.get("/library/places"))
    for path in ("/library", f"/library?node={node_id(*MATHS)}", "/library?mine=1", "/library?editions=all"):
        assert statements(lambda path=path: client.get(path)) - frame <= 7, path  # one of them is the bar's


def edit_data(resource: Resource, **values: object) -> dict[str, object]:
    return {"title": resource.title, "kind": "courseware", "licence": "cc-by", "version": resource.version} | values


def test_the_form_offers_the_places_of_subject_and_grade(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], shelf: dict[str, Resource]
) -> None:
    client, resource = sign_in(cast.owner), shelf["没有位置"]
    part = client.get("/library/places?subject=语文&grade=3").get_data(as_text=True)
    assert "统编版 三年级上册" in part
    assert str(node_id(*UNIT)) in part
    assert client.get("/library/places?subject=语文&grade=x").get_data(as_text=True).count("<option") == 1
    form = edit_data(resource, subject="语文", grade="3", node=str(node_id(*UNIT)))
    asked = client.post(f"/library/{resource.id}/edit", data=form | {"list": "1", "node": ""})
    assert str(node_id(*UNIT)) in asked.get_data(as_text=True)
    assert fresh(Resource, resource.id).node_id is None  # asking for the places saves nothing
    assert client.post(f"/library/{resource.id}/edit", data=form).status_code == 302
    saved = fresh(Resource, resource.id)
    assert (saved.node_id, saved.edition_id) == (node_id(*UNIT), node_id("primary", "语文", "统编版"))
    assert (saved.stage, saved.subject, saved.grade) == ("primary", "语文", 3)
    page = " ".join(client.get(f"/library/{resource.id}/edit").get_data(as_text=True).split())
    assert f'value="{node_id(*UNIT)}" selected' in page


def test_a_place_of_another_subject_is_dropped(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], shelf: dict[str, Resource]
) -> None:
    client, resource = sign_in(cast.owner), shelf["统编语文"]
    form = edit_data(resource, subject="数学", grade="3", node=str(node_id(*UNIT)))
    assert client.post(f"/library/{resource.id}/edit", data=form).status_code == 302
    saved = fresh(Resource, resource.id)
    assert (saved.subject, saved.node_id, saved.edition_id) == ("数学", None, None)


def test_a_subject_that_left_the_curriculum_stays_with_its_resources(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], seeded: None
) -> None:
    resource = put_at(None, cast.owner, group_key(cast.group_a.id), subject="珠算")
    client = sign_in(cast.owner)
    assert 'value="珠算"' in client.get(f"/library/{resource.id}/edit").get_data(as_text=True)
    answer = client.post(f"/library/{resource.id}/edit", data=edit_data(resource, subject="珠算", grade=""))
    assert answer.status_code == 302
    assert fresh(Resource, resource.id).subject == "珠算"


def test_an_upload_knows_its_edition(cast: SimpleNamespace, actor: Callable[[Person], Actor], seeded: None) -> None:
    from tests.browser.world import bring  # noqa: PLC0415 # needs nothing of a browser

    placed = fresh(Resource, bring(cast.owner, "三上/第二单元/山行.txt", "远上寒山".encode()))
    assert placed.edition_id == node_id("primary", "语文", "统编版")
    bare = fresh(Resource, bring(cast.owner, "新建文档.txt", b"x"))
    assert (bare.node_id, bare.edition_id) == (None, None)


def test_resources_follow_their_place_to_another_edition(
    cast: SimpleNamespace,
    actor: Callable[[Person], Actor],
    node: Callable[..., Node],
    run_jobs: Callable[[], int],
) -> None:
    admin = actor(cast.admin)
    resource = put_at(node(*UNIT), cast.owner, group_key(cast.group_a.id))
    school_book = curriculum.add_node(admin, node_id("primary", "语文"), "校本版")
    volume = curriculum.add_node(admin, school_book.id, "三年级上册")
    curriculum.move_node(admin, node_id(*UNIT), volume.id)
    run_jobs()
    assert fresh(Resource, resource.id).edition_id == school_book.id
    curriculum.rename_node(admin, node_id("primary"), "小学（六年）")  # above the editions
    run_jobs()
    assert fresh(Resource, resource.id).edition_id == school_book.id
