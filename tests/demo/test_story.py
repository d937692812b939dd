"""What the demo shows of working together: everything is found by those who should find it, and by nobody else."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.demo.conftest import acting
from tongyan.demo import revising, shelf
from tongyan.demo.filling import resource_of
from tongyan.kernel.db import db
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import Licence, Resource, ResourceState, ReviewState, Standing
from tongyan.library.services.packages import Shelf
from tongyan.org.models import Group, School
from tongyan.org.services.prep_groups import near_prep_groups

SHELF = {item.key: item for item in shelf.ITEMS}


def find(key: str) -> Resource:
    """Return a resource of the shelf."""
    return resource_of({SHELF[key].login: acting(SHELF[key].login)}, key)


def titles(actor: Actor, **filters: object) -> set[str]:
    """Return what the actor finds in the library."""
    return {resource.title for resource in library.list_resources(actor, library.Filters(**filters)).items}  # type: ignore[arg-type]


def test_teachers_prepare_together(loaded: Flask) -> None:
    assert {row.prep_group.name: row.leaders for row in near_prep_groups(acting("zhang"))} == {
        "三年级语文备课组": "何雨桐",
        "五年级语文备课组": "邓丽华",
    }
    assert [group.name for group in library.own_prep_groups(acting("zhang"))] == ["三年级语文备课组"]
    assert near_prep_groups(acting("ding")) == []


def test_what_is_for_a_prep_group_stays_in_it(loaded: Flask) -> None:
    shared = find("heyutong/朗读/夜书所见")
    assert library.get_resource(acting("zhang"), shared.id) == shared
    with pytest.raises(NotFound):
        library.get_resource(acting("tangwanqing"), shared.id)  # of the same school


def test_one_school_alone_looks_first(loaded: Flask) -> None:
    looking = select(School.short_name).where(School.reviews_resources)
    assert db.session.scalars(looking).all() == ["石桥学校"]
    assert db.session.scalars(select(Group).where(Group.reviews_resources)).all() == []


def test_what_zhang_shares_with_the_group_is_open_at_once(loaded: Flask) -> None:
    zhang = acting("zhang")
    resource = find("zhang/课件/山行")
    assert not library.reviewed_audiences(resource, zhang.keys)


def test_one_resource_waits_for_the_head_of_its_school(loaded: Flask) -> None:
    for login in ("wangjianjun", "gao"):
        assert [review.resource.title for review in library.queue(acting(login)).page.items] == ["《登鹳雀楼》朗读节奏"]
    assert library.waiting_count(acting("zhou")) == 0
    with pytest.raises(NotFound):
        library.get_resource(acting("liu"), find("dujuan/朗读/登鹳雀楼").id)


def test_one_resource_came_back_with_a_comment(loaded: Flask) -> None:
    returned = find("xujing/练习/绝句")
    review = library.situation(acting("xujing"), returned).review
    assert review is not None
    assert (returned.state, review.state) == (ResourceState.DRAFT, ReviewState.RETURNED)
    assert "参考答案" in review.comment


def test_a_nomination_waits_for_the_head_of_the_group(loaded: Flask) -> None:
    assert [review.resource.title for review in library.queue(acting("chen")).page.items] == ["《次北固山下》课件"]


def test_some_are_accepted_by_the_school_and_by_the_group(loaded: Flask) -> None:
    assert find("zhang/练习/山居秋暝").standing is Standing.SCHOOL
    assert find("liu/课件/望洞庭").standing is Standing.GROUP


def test_a_resource_has_three_versions_worth_comparing(loaded: Flask) -> None:
    liu, resource = acting("liu"), find(revising.VERSIONED)
    assert resource.number == 3
    assert [version.number for version in library.versions(liu, resource)] == [2, 1]
    comparison = library.compare(liu, resource.id, 1, 3)
    assert {change.name for change in comparison.fields} == {"keywords"}
    lines = {(line.sign, line.text.strip()) for pair in comparison.files for line in pair.lines}
    assert any(sign == "+" and "板书设计" in text for sign, text in lines)
    assert any(sign == "-" and "默写一遍" in text for sign, text in lines)


def test_a_copy_is_one_version_behind(loaded: Flask) -> None:
    liu, origin = acting("liu"), find(revising.VERSIONED)
    [copy] = library.copies_behind(liu)
    assert (copy.title, copy.origin_number, copy.origin) == (revising.COPY.title, 2, origin)
    assert {"name": "张文静", "role": "original"} in copy.contributors
    assert library.family(acting("yangliu"), origin).copies == [copy]
    assert library.family(acting("zhang"), origin).copies == []  # it is for her school


def test_a_package_of_the_group_and_one_of_ones_own(loaded: Flask) -> None:
    [package] = library.list_packages(acting("liu"), Shelf.GROUP).items
    tree = library.package_tree(acting("liu"), package)
    assert [len(entry.entries) for entry in tree.entries] == [4, 2, 2, 3]
    assert (tree.size, tree.unseen) == (11, 0)
    assert any(entry.item.note for entry in tree.walk())
    [own] = library.list_packages(acting("zhang"), Shelf.MINE).items
    assert own.state is ResourceState.DRAFT
    assert library.package_tree(acting("zhang"), own).size == 4
    with pytest.raises(NotFound):
        library.get_resource(acting("liu"), own.id)


def test_colleagues_rate_and_say_why(loaded: Flask) -> None:
    resource = find("zhang/课件/山行")
    given = library.list_ratings(acting("gao"), resource.id).items
    assert {rating.person.name: rating.stars for rating in given} == {"刘桂芳": 5, "何雨桐": 4, "孙若曦": 5}
    assert resource.tally is not None
    assert resource.tally.views > 0


def test_colleagues_talk_and_name_one_another(loaded: Flask) -> None:
    said = library.list_comments(acting("liu"), find("zhang/课件/山行").id).items
    assert [comment.person.name for comment in said] == ["张文静", "何雨桐", "刘桂芳"]
    assert said[0].mentions == [str(acting("heyutong").person_id)]


def test_a_mistake_waits_and_another_is_mended(loaded: Flask) -> None:
    [waiting] = library.desk(acting("zhang")).corrections
    assert (waiting.page, waiting.person.name) == (2, "刘桂芳")
    assert library.desk(acting("liu")).corrections == []
    [mended] = library.past_corrections(find("liu/课件/望洞庭"))
    assert "君山" in mended.answer


def test_people_keep_and_use_what_others_made(loaded: Flask) -> None:
    kept = titles(acting("zhang"), favourites=True)
    assert kept == {"《望洞庭》课件", "《望天门山》课件", "小初衔接古诗词背诵任务单"}
    [lesson] = library.uses_of(acting("zhang"), find("zhang/课件/山行").id)
    assert (lesson.number, lesson.schools) == (4, {"青岚实小", "柳溪小学", "滨湖小学"})
    assert [chosen.resource for lesson in library.my_lessons(acting("zhang")) for chosen in lesson.chosen]


def test_the_county_sees_what_is_shared_with_it(loaded: Flask) -> None:
    for login in ("gu", "tao", "zouxiaoman"):
        assert titles(acting(login)) >= {"小初衔接古诗词背诵任务单", "《枫桥夜泊》课件"}
    assert "《山行》课件" not in titles(acting("tao"))


def test_named_schools_share_what_others_do_not_see(loaded: Flask) -> None:
    shared = find("pengfei/导学/饮湖上初晴后雨")
    assert library.get_resource(acting("liu"), shared.id) == shared
    with pytest.raises(NotFound):
        library.get_resource(acting("zhang"), shared.id)


def test_a_link_opens_a_reading_to_parents(loaded: Flask) -> None:
    [link] = library.links_of(acting("zhang"), find("zhang/朗读/山行"))
    assert library.link_state(link).value == "open"


def test_resources_say_what_they_are_for(loaded: Flask) -> None:
    resource = find("zhang/练习/山居秋暝")
    assert resource.competencies
    assert resource.domains
    assert (resource.for_whom, resource.difficulty) == (["student"], "advanced")
    shown = find("zhang/课件/山行")
    assert [each["role"] for each in shown.contributors] == ["配图", "试教"]
    assert shown.periods == 1
    assert shown.prep_group is not None
    assert shown.prep_group.name == "三年级语文备课组"


def test_another_group_sees_nothing_of_all_this(loaded: Flask) -> None:
    ding = acting("ding")
    theirs = select(Resource).where(Resource.school_id.not_in(ding.school_ids)).join(Resource.school)
    foreign = db.session.scalars(theirs.where(School.short_name.not_in(["云塘一小", "河口小学"]))).all()
    assert len(foreign) > len(shelf.ITEMS) - 2
    for resource in foreign:
        with pytest.raises(NotFound):
            library.get_resource(ding, resource.id)
    assert library.list_packages(ding, Shelf.ALL).items == []
    assert library.waiting_count(ding) == 0


def test_what_goes_beyond_a_school_has_a_licence(loaded: Flask) -> None:
    shared = db.session.scalars(select(Resource).where(Resource.audience.startswith("group:"))).all()
    assert all(resource.licence not in {None, Licence.SCHOOL} for resource in shared)
