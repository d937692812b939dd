"""Course packages: trees of what one may see anyway, put in order by hand, and never a way around the rights."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from tests.factories import fresh
from tests.library.helpers_packages import Acting, Make, make, outline, package, plant, publish, titled
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TongyanError
from tongyan.kernel.permissions import Actor, group_key, school_key, user_key
from tongyan.library import services as library
from tongyan.library.models import Licence, PackageItem, Resource, ResourceKind, ResourceState, Standing
from tongyan.library.services import Place, package_items
from tongyan.library.services.packages import packages_holding, titles_of

__all__ = ["make", "package"]  # fixtures


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
