"""用于我的课: choosing a resource for a lesson, and what becomes of the choice."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import fresh, make_person, post, save
from tests.library.voices import make_book, published, tally
from tongyan.accounts.models import Person
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, school_key
from tongyan.library import services as library
from tongyan.library.models import LessonUse, PackageItem, Resource, ResourceKind, ResourceState

Acting = Callable[[Person], Actor]
SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def book(cast: SimpleNamespace) -> SimpleNamespace:
    """Give a book with two lessons."""
    return make_book()


def only_use() -> LessonUse:
    """Return the one choice there is."""
    db.session.rollback()
    return db.session.scalars(select(LessonUse)).one()


def test_a_resource_is_chosen_for_its_own_lesson_or_another_of_the_book(
    cast: SimpleNamespace, book: SimpleNamespace, sign_in: SignIn
) -> None:
    resource = published(cast, node_id=book.lesson.id)
    browser, address = sign_in(cast.neighbour), f"/library/{resource.id}/use"
    page = browser.get(address).text
    assert f'selected value="{book.lesson.id}"' in page
    for title in ("大青树下的小学", "第二单元"):
        assert title in page
    assert f'value="{book.volume.id}"' not in page

    assert browser.post(address, data={"node": str(book.first.id)}).location == "/library/my-lessons"
    assert tally(resource) == {"uses": 1}
    mine = browser.get("/library/my-lessons").text
    for words in ("语文 统编版 三年级上册", "第一单元", "大青树下的小学", "山行课件"):
        assert words in mine
    assert "已用于我的 1 节课" in browser.get(f"/library/{resource.id}").text


def test_a_resource_without_a_place_asks_for_subject_and_grade(
    cast: SimpleNamespace, book: SimpleNamespace, sign_in: SignIn
) -> None:
    resource = published(cast, subject=None, grade=None)
    browser, address = sign_in(cast.colleague), f"/library/{resource.id}/use"
    assert "请先选学科和年级" in browser.get(address).text
    assert "大青树下的小学" in browser.get(f"{address}?subject=语文&grade=3").text


@pytest.mark.parametrize("chosen", ["", "nonsense", "volume", "nobody"])
def test_only_units_and_lessons_can_be_chosen(
    cast: SimpleNamespace, book: SimpleNamespace, sign_in: SignIn, chosen: str
) -> None:
    resource = published(cast)
    node = {"volume": str(book.volume.id), "nobody": str(new_id())}.get(chosen, chosen)
    answer = sign_in(cast.colleague).post(f"/library/{resource.id}/use", data={"node": node})
    assert (answer.status_code, "请选一个单元或一课" in answer.text) == (422, True)


def test_choosing_again_takes_the_present_version(cast: SimpleNamespace, book: SimpleNamespace, actor: Acting) -> None:
    resource, by = published(cast), actor(cast.colleague)
    library.use_in_lesson(by, resource.id, book.lesson.id)
    set_number(resource, 3)
    library.use_in_lesson(by, resource.id, book.lesson.id)
    assert only_use().number == 3
    assert tally(resource) == {"uses": 1}


def set_number(resource: Resource, number: int) -> None:
    """Let a resource be in a later version."""
    with transaction() as session:
        session.get_one(Resource, resource.id).number = number


def test_a_new_version_is_marked_until_it_is_accepted(
    cast: SimpleNamespace, book: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    resource = published(cast)
    library.use_in_lesson(actor(cast.colleague), resource.id, book.unit.id)
    browser = sign_in(cast.colleague)
    assert "有新版本" not in browser.get("/library/my-lessons").text
    set_number(resource, 2)
    assert "改用第 2 版" in browser.get("/library/my-lessons").text
    assert browser.post(f"/library/uses/{only_use().id}/accept").status_code == 302
    assert "有新版本" not in browser.get("/library/my-lessons").text


def test_lessons_stand_in_the_order_of_the_books(
    cast: SimpleNamespace, book: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    resource, by = published(cast), actor(cast.colleague)
    for node in (book.lesson, book.unit, book.first):
        library.use_in_lesson(by, resource.id, node.id)
    assert [lesson.node.title for lesson in library.my_lessons(by)] == ["大青树下的小学", "第二单元", "山行"]
    assert [lesson.node.title for lesson in library.uses_of(by, resource.id)] == ["大青树下的小学", "第二单元", "山行"]


def test_nothing_chosen_yet_says_what_to_do(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert "还没有为您的课选资源" in sign_in(cast.colleague).get("/library/my-lessons").text


def test_schools_are_told_to_all_and_names_to_colleagues(
    cast: SimpleNamespace, book: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    resource, gone = published(cast), make_person("离任老师")
    for person in (cast.colleague, cast.head, cast.neighbour):
        library.use_in_lesson(actor(person), resource.id, book.lesson.id)
    save(LessonUse(resource_id=resource.id, person_id=gone.id, node_id=book.lesson.id))
    both = {cast.core.short_name, cast.rural.short_name}
    for reader, names in (
        (cast.owner, {"乙老师", "丙校长"}),
        (cast.neighbour, {"戊老师"}),
        (cast.colleague, {"乙老师", "丙校长"}),
    ):
        (lesson,) = library.uses_of(actor(reader), resource.id)
        assert (lesson.number, lesson.schools, lesson.people) == (4, both, names)
    page = sign_in(cast.neighbour).get(f"/library/{resource.id}/voices").text
    assert "用于 4 节课" in page
    assert cast.core.short_name in page
    assert "丙校长" not in page


def test_the_owners_own_lessons_do_not_count(cast: SimpleNamespace, book: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast)
    library.use_in_lesson(actor(cast.owner), resource.id, book.lesson.id)
    assert tally(resource) == {}
    assert library.uses_of(actor(cast.colleague), resource.id) == []
    assert len(library.my_lessons(actor(cast.owner))) == 1


def test_what_was_moved_away_is_said_without_telling_what_it_was(
    cast: SimpleNamespace, book: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    resource = published(cast)
    library.use_in_lesson(actor(cast.neighbour), resource.id, book.lesson.id)
    library.trash_resource(actor(cast.owner), resource.id)
    browser = sign_in(cast.neighbour)
    page = browser.get("/library/my-lessons").text
    assert "已被移走" in page
    assert "山行课件" not in page
    assert str(resource.id) not in page
    with pytest.raises(NotFound):
        library.accept_version(actor(cast.neighbour), only_use().id)

    library.restore_resource(actor(cast.owner), resource.id)
    with transaction() as session:
        again = session.get_one(Resource, resource.id)
        again.state, again.audience = ResourceState.PUBLISHED, school_key(cast.rural.id)
    assert "山行课件" in browser.get("/library/my-lessons").text


def test_a_choice_is_dropped_even_when_the_resource_is_closed(
    cast: SimpleNamespace, book: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    resource = published(cast)
    library.use_in_lesson(actor(cast.neighbour), resource.id, book.lesson.id)
    library.unshare_resource(actor(cast.owner), resource.id)
    use_id = only_use().id
    for door in (library.drop_use, library.accept_version):
        with pytest.raises(NotFound):
            door(actor(cast.colleague), use_id)
    assert sign_in(cast.neighbour).post(f"/library/uses/{use_id}/drop").status_code == 302
    assert tally(resource) == {}
    with pytest.raises(NotFound):
        library.drop_use(actor(cast.neighbour), use_id)


@pytest.mark.parametrize("closed", [ResourceState.TRASHED, ResourceState.TAKEN_DOWN])
def test_what_is_closed_is_not_chosen(
    cast: SimpleNamespace, book: SimpleNamespace, actor: Acting, sign_in: SignIn, closed: ResourceState
) -> None:
    resource = published(cast, state=closed)
    with pytest.raises(Conflict):
        library.use_in_lesson(actor(cast.owner), resource.id, book.lesson.id)
    with pytest.raises(NotFound):
        library.use_in_lesson(actor(cast.outsider), resource.id, book.lesson.id)
    with pytest.raises(Invalid):
        library.use_in_lesson(actor(cast.owner), resource.id, None)
    assert "用于我的课" not in sign_in(cast.owner).get(f"/library/{resource.id}").text


def test_before_it_is_thrown_away_one_is_asked_who_would_miss_it(
    cast: SimpleNamespace, book: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    resource, browser = published(cast), sign_in(cast.owner)
    assert "移到回收站以后" not in browser.get(f"/library/{resource.id}").text
    for person in (cast.colleague, cast.neighbour):
        library.use_in_lesson(actor(person), resource.id, book.lesson.id)
    assert "它用于 2 节课。移到回收站以后" in browser.get(f"/library/{resource.id}").text
    package, trashed = published(cast, kind=ResourceKind.PACKAGE), published(cast, state=ResourceState.TRASHED)
    for package_id in (package.id, package.id, trashed.id):
        save(PackageItem(id=new_id(), package_id=package_id, title="山行", target_id=resource.id))
    assert "它用于 2 节课、1 个课程包。" in browser.get(f"/library/{resource.id}").text


def test_a_school_of_many_posts_is_named_once(cast: SimpleNamespace, book: SimpleNamespace, actor: Acting) -> None:
    post(cast.neighbour, cast.core)
    resource = published(cast)
    library.use_in_lesson(actor(cast.neighbour), resource.id, book.lesson.id)
    (lesson,) = library.uses_of(actor(cast.colleague), resource.id)
    assert (len(lesson.schools), lesson.people) == (1, {"戊老师"})
    assert fresh(Resource, resource.id).version == 1
