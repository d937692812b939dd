"""Course packages: trees of what one may see anyway, put in order by hand, and never a way around the rights."""

import re
from collections.abc import Callable
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from tests.factories import fresh, save
from tests.library.helpers_packages import outline, titled
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TongyanError
from tongyan.kernel.permissions import Actor, group_key, school_key, user_key
from tongyan.library import services as library
from tongyan.library.models import Licence, PackageItem, Resource, ResourceKind, ResourceState, Standing
from tongyan.library.services import Place, package_items
from tongyan.library.services.packages import packages_holding, titles_of

Acting = Callable[[Person], Actor]
Make = Callable[..., Resource]
HTMX = {"HX-Request": "true"}
_number = count(1)


@pytest.fixture
def make(cast: SimpleNamespace) -> Make:
    """Save resources of the owner's, published to the school unless told otherwise."""

    def resource(title: str = "", **values: Any) -> Resource:
        row = Resource(
            title=title or f"资源{next(_number)}", kind=ResourceKind.COURSEWARE, owner_id=cast.owner.id,
            school_id=cast.core.id, audience=school_key(cast.core.id), state=ResourceState.PUBLISHED,
            licence=Licence.CC_BY, subject="语文", published_at=now(),
        )  # fmt: skip
        for name, value in values.items():
            setattr(row, name, value)
        saved: Resource = save(row)
        return saved

    return resource


@pytest.fixture
def package(owner: Actor) -> Resource:
    """Give an empty package of the owner's."""
    return library.create_package(owner, "第二单元", "语文", 3)


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """Give the owner's browser."""
    return sign_in(cast.owner)


def publish(package: Resource, audience: str, **values: Any) -> Resource:
    """Open a package without asking."""
    with transaction() as session:
        row = session.get_one(Resource, package.id)
        row.state, row.audience, row.published_at = ResourceState.PUBLISHED, audience, now()
        for name, value in values.items():
            setattr(row, name, value)
    return row


def plant(owner: Actor, package: Resource, *names: str) -> list[PackageItem]:
    """Add headings at the top."""
    return [library.add_heading(owner, package.id, name) for name in names]


def test_a_new_package_is_an_empty_draft_of_its_maker(owner: Actor, package: Resource) -> None:
    assert (package.kind, package.state, package.subject, package.grade) == (
        ResourceKind.PACKAGE, ResourceState.DRAFT, "语文", 3,
    )  # fmt: skip
    assert package.audience == user_key(owner.person_id)
    assert outline(owner, package) == []


@pytest.mark.parametrize(("title", "code"), [(" ", "resource.title_missing"), ("长" * 201, "resource.too_long")])
def test_a_package_and_a_heading_need_a_title_of_a_fair_length(
    owner: Actor, package: Resource, title: str, code: str
) -> None:
    for make_one in (lambda: library.create_package(owner, title), lambda: plant(owner, package, title)):
        with pytest.raises(Invalid) as refused:
            make_one()
        assert refused.value.errors == {"title": [code]}


def test_the_tree_is_numbered_in_its_order(owner: Actor, package: Resource, make: Make) -> None:
    first, second = plant(owner, package, "山行", "望天门山")
    library.add_resources(owner, package.id, [make("课件").id, make("教案").id], first.id)
    library.add_resources(owner, package.id, [make("单元卷").id])

    assert outline(owner, package) == ["1 山行", "1.1 课件", "1.2 教案", "2 望天门山", "3 单元卷"]


def test_a_reader_finds_no_trace_of_what_is_hidden(
    cast: SimpleNamespace, actor: Acting, owner: Actor, package: Resource, make: Make
) -> None:
    heading, _empty = plant(owner, package, "只有草稿", "空的")
    secret = make("秘密", state=ResourceState.DRAFT, audience=user_key(cast.owner.id))
    library.add_resources(owner, package.id, [secret.id], heading.id)
    library.add_resources(owner, package.id, [make("看得到").id])
    package = publish(package, school_key(cast.core.id))

    assert outline(actor(cast.colleague), package) == ["1 看得到"]
    tree = library.package_tree(owner, package)
    assert (tree.size, tree.unseen) == (2, 1)


def test_the_editor_sees_the_place_of_what_was_hidden_from_them(
    cast: SimpleNamespace, actor: Acting, owner: Actor, package: Resource, make: Make
) -> None:
    theirs = make("同事的", owner_id=cast.colleague.id)
    library.add_resources(owner, package.id, [theirs.id])
    library.unshare_resource(actor(cast.colleague), theirs.id)

    (entry,) = library.package_tree(owner, fresh(Resource, package.id)).entries
    assert (entry.target, entry.unseen, entry.is_heading) == (None, True, False)


def test_of_a_draft_only_what_nobody_sees_counts_as_unseen(
    cast: SimpleNamespace, owner: Actor, package: Resource, make: Make
) -> None:
    draft = make(state=ResourceState.DRAFT, audience=user_key(cast.owner.id))
    library.add_resources(owner, package.id, [make().id, draft.id])

    assert library.package_tree(owner, package).unseen == 1


def test_what_is_open_to_the_school_alone_is_unseen_in_a_package_for_the_group(
    cast: SimpleNamespace, owner: Actor, package: Resource, make: Make
) -> None:
    library.add_resources(owner, package.id, [make().id, make(audience=group_key(cast.group_a.id)).id])

    assert library.package_tree(owner, publish(package, group_key(cast.group_a.id))).unseen == 1
    assert library.package_tree(owner, publish(package, school_key(cast.core.id))).unseen == 0


def test_the_same_resource_is_not_added_twice(owner: Actor, package: Resource, make: Make) -> None:
    one, other = make("甲"), make("乙")
    assert len(library.add_resources(owner, package.id, [one.id, one.id])) == 1
    assert titled(library.add_resources(owner, package.id, [one.id, other.id])) == ["乙"]
    version = fresh(Resource, package.id).version
    assert library.add_resources(owner, package.id, [one.id]) == []
    assert fresh(Resource, package.id).version == version, "nothing changed"


def test_what_one_does_not_see_cannot_be_added(
    cast: SimpleNamespace, owner: Actor, package: Resource, make: Make
) -> None:
    foreign = make(owner_id=cast.outsider.id, audience=group_key(cast.group_b.id))
    with pytest.raises(NotFound):
        library.add_resources(owner, package.id, [foreign.id])


def test_a_package_holds_neither_itself_nor_what_holds_it(owner: Actor, package: Resource) -> None:
    outer, middle = library.create_package(owner, "外"), library.create_package(owner, "中")
    library.add_resources(owner, outer.id, [middle.id])
    library.add_resources(owner, middle.id, [package.id])

    for target in (package, outer, middle):
        with pytest.raises(Conflict) as refused:
            library.add_resources(owner, package.id, [target.id])
        assert refused.value.code == "package.circle"


def test_a_package_has_a_limit(owner: Actor, package: Resource, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(owner, package, "一", "二")
    removed = library.remove_item(owner, plant(owner, package, "三")[0].id)
    monkeypatch.setattr(package_items, "MAX_ITEMS", 2)
    for add in (
        lambda: plant(owner, package, "四"),
        lambda: library.add_resources(owner, package.id, [make().id]),
        lambda: library.restore_items(owner, package.id, removed.rows),
    ):
        with pytest.raises(Conflict) as refused:
            add()
        assert refused.value.code == "package.too_many"


def deep(owner: Actor, package: Resource) -> list[PackageItem]:
    """Add four headings, each below the one before."""
    items: list[PackageItem] = []
    for name in "一二三四":
        items.append(library.add_heading(owner, package.id, name, items[-1].id if items else None))
    return items


def test_a_tree_has_four_levels(owner: Actor, package: Resource) -> None:
    items = deep(owner, package)
    top, child = plant(owner, package, "甲", "乙")
    library.move_item(owner, child.id, Place(top.id, None))

    with pytest.raises(Conflict) as refused:
        library.add_heading(owner, package.id, "五", items[-1].id)
    assert refused.value.code == "package.too_deep"
    with pytest.raises(Conflict):
        library.move_item(owner, top.id, Place(items[2].id, None))
    library.move_item(owner, top.id, Place(items[1].id, None))
    assert outline(owner, package)[-2:] == ["1.1.2 三", "1.1.2.1 四"]


def test_nothing_stands_below_a_resource(owner: Actor, package: Resource, make: Make) -> None:
    (item,) = library.add_resources(owner, package.id, [make().id])
    (heading,) = plant(owner, package, "标题")
    for deed in (
        lambda: library.add_heading(owner, package.id, "下", item.id),
        lambda: library.move_item(owner, heading.id, Place(item.id, None)),
    ):
        with pytest.raises(Conflict) as refused:
            deed()
        assert refused.value.code == "package.below_resource"


def test_moving_puts_an_item_after_another_and_tells_where_it_was(owner: Actor, package: Resource) -> None:
    one, two, three = plant(owner, package, "一", "二", "三")

    before = library.move_item(owner, three.id, Place(None, None))
    assert (before, outline(owner, package)) == (Place(None, two.id), ["1 三", "2 一", "3 二"])
    library.move_item(owner, three.id, before)
    assert outline(owner, package) == ["1 一", "2 二", "3 三"]
    library.move_item(owner, one.id, Place(two.id, None))
    assert outline(owner, package) == ["1 二", "1.1 一", "2 三"]


def test_there_is_always_room_between_two(owner: Actor, package: Resource) -> None:
    first, *others = plant(owner, package, "首", "甲", "乙")
    for turn in range(60):
        library.move_item(owner, others[turn % 2].id, Place(None, first.id))
    assert outline(owner, package) == ["1 首", "2 乙", "3 甲"]


def test_an_item_moves_neither_into_itself_nor_to_what_is_gone(owner: Actor, package: Resource) -> None:
    top, other = plant(owner, package, "上", "别")
    child = library.add_heading(owner, package.id, "下", top.id)
    wrong = {
        Place(top.id, None): "package.into_itself",
        Place(child.id, None): "package.into_itself",
        Place(None, child.id): "package.changed",
        Place(None, uuid4()): "package.changed",
        Place(uuid4(), None): "package.changed",
    }
    for place, code in wrong.items():
        with pytest.raises(Conflict) as refused:
            library.move_item(owner, top.id, place)
        assert refused.value.code == code
    assert outline(owner, package) == ["1 上", "1.1 下", "2 别"]
    assert other.parent_id is None


@pytest.mark.parametrize(
    ("name", "way", "after"),
    [
        ("二", "up", ["1 二", "2 一", "2.1 甲", "3 三"]),
        ("三", "up", ["1 一", "1.1 甲", "2 三", "3 二"]),
        ("一", "down", ["1 二", "2 一", "2.1 甲", "3 三"]),
        ("二", "in", ["1 一", "1.1 甲", "1.2 二", "2 三"]),
        ("三", "in", ["1 一", "1.1 甲", "2 二", "2.1 三"]),
        ("甲", "out", ["1 一", "2 甲", "3 二", "4 三"]),
        ("一", "up", None),
        ("三", "down", None),
        ("一", "in", None),
        ("二", "out", None),
        ("二", "away", None),
    ],
)
def test_a_step_leads_to_the_next_place_or_nowhere(
    owner: Actor, package: Resource, name: str, way: str, after: list[str] | None
) -> None:
    items = {item.title: item for item in plant(owner, package, "一", "二", "三")}
    items["甲"] = library.add_heading(owner, package.id, "甲", items["一"].id)
    if after is None:
        with pytest.raises(Conflict) as refused:
            library.shift_item(owner, items[name].id, way)
        assert refused.value.code == "package.no_way"
    else:
        library.shift_item(owner, items[name].id, way)
        assert outline(owner, package) == after


def test_a_resource_is_no_heading_to_be_moved_under(owner: Actor, package: Resource, make: Make) -> None:
    library.add_resources(owner, package.id, [make().id])
    (heading,) = plant(owner, package, "标题")
    with pytest.raises(Conflict):
        library.shift_item(owner, heading.id, "in")


def test_an_item_bears_the_packages_own_words(owner: Actor, package: Resource, make: Make) -> None:
    (item,) = library.add_resources(owner, package.id, [make("旧名").id])
    library.edit_item(owner, item.id, " 导入课 ", " 第一课时用 ")

    (entry,) = library.package_tree(owner, package).entries
    assert (entry.item.title, entry.item.note) == ("导入课", "第一课时用")
    for title, note in (("", ""), ("长" * 201, ""), ("好", "长" * 501)):
        with pytest.raises(Invalid):
            library.edit_item(owner, item.id, title, note)


def test_what_was_removed_comes_back_with_all_below_it(owner: Actor, package: Resource, make: Make) -> None:
    first, _second = plant(owner, package, "一", "二")
    library.add_heading(owner, package.id, "课", first.id)
    library.add_resources(owner, package.id, [make("件").id], first.id)

    removed = library.remove_item(owner, first.id)
    assert outline(owner, package) == ["1 二"]
    library.restore_items(owner, package.id, removed.rows)
    assert outline(owner, package) == ["1 一", "1.1 课", "1.2 件", "2 二"]
    library.restore_items(owner, package.id, removed.rows)
    assert len(outline(owner, package)) == 4, "twice is once"


def test_what_is_gone_for_good_does_not_come_back(owner: Actor, package: Resource, make: Make) -> None:
    top = library.add_heading(owner, package.id, "上")
    below = library.add_heading(owner, package.id, "下", top.id)
    target = make("件")
    library.add_resources(owner, package.id, [target.id], below.id)
    removed = library.remove_item(owner, below.id)
    with transaction() as session:
        session.delete(session.get_one(Resource, target.id))
    library.restore_items(owner, package.id, removed.rows)
    assert outline(owner, package) == ["1 上", "1.1 下"]

    removed = library.remove_item(owner, below.id)
    library.remove_item(owner, top.id)
    library.restore_items(owner, package.id, removed.rows)
    library.restore_items(owner, package.id, [])
    assert outline(owner, package) == []


def test_every_change_is_one_of_the_package(owner: Actor, package: Resource) -> None:
    before = fresh(Resource, package.id)
    version, changed_at = before.version, before.updated_at
    plant(owner, package, "一")
    after = fresh(Resource, package.id)
    assert (after.version, after.updated_at > changed_at) == (version + 1, True)


def deeds(by: Actor, package: UUID, item: UUID) -> dict[str, Callable[[], object]]:
    """Name all that changes a package."""
    return {
        "heading": lambda: library.add_heading(by, package, "新"),
        "resources": lambda: library.add_resources(by, package, []),
        "restore": lambda: library.restore_items(by, package, []),
        "edit": lambda: library.edit_item(by, item, "新"),
        "move": lambda: library.move_item(by, item, Place(None, None)),
        "shift": lambda: library.shift_item(by, item, "up"),
        "remove": lambda: library.remove_item(by, item),
    }


def test_only_its_owner_changes_a_package(
    cast: SimpleNamespace, actor: Acting, owner: Actor, package: Resource
) -> None:
    (item,) = plant(owner, package, "一")
    publish(package, school_key(cast.core.id))
    errors: dict[str, type[TongyanError]] = {
        "colleague": Forbidden, "head": Forbidden, "outsider": NotFound, "admin": NotFound,
    }  # fmt: skip
    for role, error in errors.items():
        for deed in deeds(actor(getattr(cast, role)), package.id, item.id).values():
            with pytest.raises(error):
                deed()
    assert outline(owner, package) == ["1 一"]


def test_what_is_looked_at_does_not_change_meanwhile(cast: SimpleNamespace, owner: Actor, package: Resource) -> None:
    (item,) = plant(owner, package, "一")
    publish(package, user_key(cast.owner.id), review_scope=school_key(cast.core.id))
    for deed in deeds(owner, package.id, item.id).values():
        with pytest.raises(Conflict) as refused:
            deed()
        assert refused.value.code == "resource.in_review"


def test_another_kind_of_thing_has_no_tree(owner: Actor, make: Make) -> None:
    other = make()
    for deed in (lambda: library.add_heading(owner, other.id, "新"), lambda: library.get_package(owner, other.id)):
        with pytest.raises(Conflict) as refused:
            deed()
        assert refused.value.code == "package.none"


def test_a_package_is_shared_without_a_file_as_soon_as_something_is_in_it(
    cast: SimpleNamespace, owner: Actor, package: Resource, make: Make
) -> None:
    with pytest.raises(Conflict) as refused:
        library.share_resource(owner, package.id, school_key(cast.core.id), Licence.CC_BY)
    assert refused.value.code == "resource.no_file"
    library.add_resources(owner, package.id, [make().id])
    shared = library.share_resource(owner, package.id, school_key(cast.core.id), Licence.CC_BY)
    assert shared.state is ResourceState.PUBLISHED


def test_shelves_hold_what_reviews_accepted_and_ones_own(
    cast: SimpleNamespace, actor: Acting, owner: Actor, package: Resource
) -> None:
    publish(library.create_package(owner, "校本"), school_key(cast.core.id), standing=Standing.SCHOOL)
    publish(library.create_package(owner, "精品"), group_key(cast.group_a.id), standing=Standing.GROUP)
    shelf = library.Shelf

    def on(by: Actor, which: library.Shelf) -> set[str]:
        return {found.title for found in library.list_packages(by, which).items}

    reader = actor(cast.colleague)
    assert [on(reader, each) for each in shelf] == [{"校本"}, {"精品"}, {"校本", "精品"}, set()]
    assert on(owner, shelf.MINE) == {"校本", "精品", "第二单元"}
    assert on(actor(cast.outsider), shelf.ALL) == set()
    assert {found.title for found in library.own_packages(owner)} == {"校本", "精品", "第二单元"}


def test_search_knows_headings_and_the_titles_that_all_may_see(
    cast: SimpleNamespace, owner: Actor, package: Resource, make: Make
) -> None:
    (heading,) = plant(owner, package, "霜叶红于二月花")
    for_school, for_group = make("校内件"), make("集团件", audience=group_key(cast.group_a.id))
    library.add_resources(owner, package.id, [for_school.id, for_group.id], heading.id)
    package = publish(package, group_key(cast.group_a.id))

    assert titles_of([package]) == {package.id: ["霜叶红于二月花", "集团件"]}
    assert list(packages_holding(for_school.id)) == [package.id]


def test_reading_on_leads_from_one_to_the_next(
    cast: SimpleNamespace, actor: Acting, owner: Actor, package: Resource, make: Make
) -> None:
    one, two, three = make("一"), make("二"), make("三")
    (heading,) = plant(owner, package, "标题")
    library.add_resources(owner, package.id, [one.id, two.id], heading.id)
    library.add_resources(owner, package.id, [three.id])
    package = publish(package, school_key(cast.core.id))
    reader = actor(cast.colleague)

    walk = library.walk_package(reader, package.id, two.id)
    assert walk is not None
    assert (walk.before, walk.after, walk.number, walk.total) == (one, three, 2, 3)
    first = library.walk_package(reader, package.id, one.id)
    assert first is not None
    assert first.before is None
    assert library.walk_package(reader, package.id, make().id) is None
    assert library.walk_package(actor(cast.outsider), package.id, two.id) is None


# pages


def test_the_shelves_have_pages(web: FlaskClient, package: Resource) -> None:
    assert package.title in web.get("/library/packages?shelf=mine").text
    for shelf, says in (("school", "学校还没有校本课程"), ("group", "集团还没有精品课程"), ("all", "还没有课程包")):
        assert says in web.get(f"/library/packages?shelf={shelf}").text


def test_a_package_is_made_with_what_was_chosen(web: FlaskClient, owner: Actor, make: Make) -> None:
    chosen = make("山行")
    assert str(chosen.id) in web.get(f"/library/packages/new?resource={chosen.id}").text
    refused = web.post("/library/packages/new", data={"title": "", "resource": str(chosen.id)})
    assert (refused.status_code, str(chosen.id) in refused.text) == (422, True)
    answer = web.post(
        "/library/packages/new", data={"title": "新的", "subject": "", "grade": "3", "resource": str(chosen.id)}
    )
    package_id = UUID(answer.location.split("/")[2])
    assert outline(owner, fresh(Resource, package_id)) == ["1 山行"]
    empty = web.post("/library/packages/new", data={"title": "空的", "subject": "", "grade": ""})
    assert outline(owner, fresh(Resource, UUID(empty.location.split("/")[2]))) == []


def test_a_resource_is_put_into_a_package_from_its_page(
    web: FlaskClient, owner: Actor, package: Resource, make: Make
) -> None:
    chosen = make("山行")
    assert f"/library/packages/add?resource={chosen.id}" in web.get(f"/library/{chosen.id}").text
    asked = web.get(f"/library/packages/add?resource={chosen.id}").text
    assert [chosen.title in asked, package.title in asked] == [True, True]
    for says in ("已加入 1 份资源", "没有重复添加"):
        sent = {"resource": str(chosen.id), "package": str(package.id)}
        assert says in web.post("/library/packages/add", data=sent, follow_redirects=True).text
    assert outline(owner, package) == ["1 山行"]
    new = web.post("/library/packages/add", data={"resource": str(chosen.id), "package": ""})
    assert new.location == f"/library/packages/new?resource={chosen.id}"
    ticked = web.post("/library/packages/add", data={"resource": str(chosen.id)})
    assert ticked.location == f"/library/packages/add?resource={chosen.id}", "from a list: into which?"
    assert "没有选中资源" in web.get("/library/packages/add").text


def test_the_page_of_a_package_shows_its_tree_and_leads_on(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], owner: Actor, package: Resource, make: Make
) -> None:
    one, two = make("山行课件"), make("山行教案")
    (heading,) = plant(owner, package, "山行")
    library.add_resources(owner, package.id, [one.id, two.id], heading.id)
    library.edit_item(owner, heading.id, "山行", "两课时")
    publish(package, school_key(cast.core.id))
    reader = sign_in(cast.colleague)

    page = reader.get(f"/library/{package.id}").text
    assert all(text in page for text in ("山行课件", "1.2", "两课时", f"/library/{one.id}?package={package.id}"))
    assert "/items" not in page, "who may not change it is not led to the editor"
    opened = reader.get(f"/library/{one.id}?package={package.id}").text
    assert re.search(rf'rel="next"\s+href="/library/{two.id}\?package={package.id}"', opened)
    assert 'rel="next"' not in reader.get(f"/library/{one.id}?package=nonsense").text


def test_an_empty_package_says_so(web: FlaskClient, package: Resource) -> None:
    assert "课程包还是空的" in web.get(f"/library/{package.id}").text
    assert "课程包还是空的" in web.get(f"/library/{package.id}/items").text


def test_the_editor_works_without_scripts(web: FlaskClient, owner: Actor, package: Resource, make: Make) -> None:
    base = f"/library/{package.id}/items"
    said = web.post(f"{base}/headings", data={"title": "一"}, follow_redirects=True).text
    assert "已添加标题“一”" in said
    (heading,) = library.package_tree(owner, fresh(Resource, package.id)).entries
    web.post(f"{base}/resources", data={"resource": str(make("件").id), "under": str(heading.item.id)})
    (entry,) = library.package_tree(owner, fresh(Resource, package.id)).entries[0].entries
    assert web.post(f"/library/items/{entry.item.id}/move", data={"to": "out"}).location == base
    web.post(f"/library/items/{entry.item.id}/edit", data={"title": "课件", "note": ""})
    assert outline(owner, package) == ["1 一", "2 课件"]

    removed = web.post(f"/library/items/{heading.item.id}/remove").text
    kept = re.search(r'name="removed"\s+value="([^"]+)"', removed)
    assert kept, "a page with the way back"
    assert web.post(f"{base}/restore", data={"removed": kept[1]}).location == base
    assert outline(owner, package) == ["1 一", "2 课件"]


def test_with_scripts_each_deed_is_answered_by_the_tree(web: FlaskClient, owner: Actor, package: Resource) -> None:
    one, two = plant(owner, package, "一", "二")
    answer = web.post(f"/library/items/{two.id}/move", data={"parent": "", "after": ""}, headers=HTMX)
    assert "<html" not in answer.text
    assert "已移动“二”" in answer.text
    back = dict(re.findall(r'name="(parent|after)"\s+value="([^"]*)"', answer.text))
    assert back == {"parent": "", "after": str(one.id)}
    web.post(f"/library/items/{two.id}/move", data=back, headers=HTMX)
    assert outline(owner, package) == ["1 一", "2 二"]
    assert "<html" not in web.get(f"/library/{package.id}/items", headers=HTMX).text


def test_a_move_that_does_not_fit_any_more_is_a_conflict(web: FlaskClient, owner: Actor, package: Resource) -> None:
    one, two = plant(owner, package, "一", "二")
    library.remove_item(owner, two.id)
    answer = web.post(f"/library/items/{one.id}/move", data={"parent": str(two.id)}, headers=HTMX)
    assert (answer.status_code, answer.json["code"]) == (409, "package.changed")


def test_a_move_to_nowhere_is_refused(web: FlaskClient, owner: Actor, package: Resource) -> None:
    _one, two = plant(owner, package, "一", "二")
    assert web.post(f"/library/items/{two.id}/move", headers=HTMX).status_code == 422
    assert outline(owner, package) == ["1 一", "2 二"]


def test_only_what_our_own_answer_removed_comes_back(web: FlaskClient, owner: Actor, package: Resource) -> None:
    (item,) = plant(owner, package, "一")
    removed = web.post(f"/library/items/{item.id}/remove", headers=HTMX).text
    kept = re.search(r'name="removed"\s+value="([^"]+)"', removed)
    assert kept
    other = library.create_package(owner, "别的")
    for package_id, text in ((package.id, "forged"), (other.id, kept[1])):
        answer = web.post(f"/library/{package_id}/items/restore", data={"removed": text}, headers=HTMX)
        assert (answer.status_code, answer.json["code"]) == (409, "package.undo_over")


def test_the_editor_finds_what_can_be_added(
    web: FlaskClient, owner: Actor, package: Resource, make: Make, run_jobs: Callable[[], int]
) -> None:
    make("枫叶课件")
    own = web.get(f"/library/{package.id}/items").text
    assert "枫叶课件" in own, "one's own are on offer before one searches"
    run_jobs()
    found = web.get(f"/library/{package.id}/items/search?q=枫叶", headers=HTMX).text
    assert ["枫叶课件" in found, package.title in found] == [True, False]
    assert "没有找到" in web.get(f"/library/{package.id}/items/search?q=没有这个词", headers=HTMX).text
    assert web.get(f"/library/{package.id}/items/search?q=a").location == f"/library/{package.id}/items?q=a"


def test_the_editor_says_what_others_will_not_see(
    cast: SimpleNamespace, web: FlaskClient, actor: Acting, package: Resource, make: Make
) -> None:
    owner = actor(cast.owner)
    theirs = make("同事的", owner_id=cast.colleague.id)
    draft = make("草稿", state=ResourceState.DRAFT, audience=user_key(cast.owner.id))
    library.add_resources(owner, package.id, [theirs.id, draft.id])
    library.unshare_resource(actor(cast.colleague), theirs.id)
    page = web.get(f"/library/{package.id}/items").text
    assert all(text in page for text in ("有 2 份资源对方看不到", "您也看不到它了", "对方看不到"))
