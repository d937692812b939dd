"""Versions and copies: the old stays until the new is out, everything can come back, copies live on by themselves."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests import factories
from tests.factories import fresh, save
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now, today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Forbidden, NotFound, TooLarge
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.library import limits
from tongyan.library import services as library
from tongyan.library.models import (
    FileText,
    Licence,
    PackageItem,
    Resource,
    ResourceFile,
    ResourceKind,
    ResourceState,
    ResourceVersion,
    Review,
    ReviewState,
)
from tongyan.library.services.custody import settle
from tongyan.org.models import Posting, School

Acting = Callable[[Person], Actor]
Bring = Callable[..., ResourceFile]
Shared = Callable[..., Resource]
Renew = Callable[[], Resource]


@pytest.fixture
def first(cast: SimpleNamespace, owner: Actor, shared: Shared) -> Resource:
    """A resource of the owner, open to the group."""
    return shared(owner, group_key(cast.group_a.id), content="远上寒山石径斜\n白云生处有人家".encode())


def edited(by: Actor, resource: Resource, **said: object) -> Resource:
    """Change what a resource says."""
    values = {"title": resource.title, "kind": resource.kind, "subject": "chinese", "licence": Licence.CC_BY} | said
    return library.edit_resource(by, resource.id, library.ResourceEdit(**values))  # type: ignore[arg-type] # as named


@pytest.fixture
def renew(owner: Actor, first: Resource, bring: Bring, run_jobs: Callable[[], int]) -> Callable[[], Resource]:
    """Bring the second version out: another title, another file."""

    def second() -> Resource:
        draft = library.start_revision(owner, first.id)
        library.remove_file(owner, draft.files[0].id)
        bring("山行.txt", "远上寒山石径斜\n停车坐爱枫林晚".encode(), resource_id=draft.id)
        run_jobs()
        edited(owner, fresh(Resource, draft.id), title="山行 第二版")
        return library.share_resource(owner, draft.id, note="换了第二行")

    return second


def test_a_new_version_is_prepared_unseen_while_the_old_one_stays(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource
) -> None:
    draft = library.start_revision(owner, first.id)

    assert (draft.id != first.id, draft.title, draft.revises_id) == (True, first.title, first.id)
    assert [file.sha256 for file in draft.files] == [file.sha256 for file in first.files]
    assert library.start_revision(owner, first.id).id == draft.id
    revision = library.revision_of(owner, fresh(Resource, first.id))
    assert revision is not None
    assert revision.id == draft.id
    reader = actor(cast.neighbour)
    assert library.revision_of(reader, fresh(Resource, first.id)) is None
    with pytest.raises(NotFound):
        library.get_resource(reader, draft.id)
    assert [each.id for each in library.list_resources(owner, library.Filters(mine=True)).items] == [first.id]


def test_shared_the_draft_takes_the_place_of_the_old_version_under_the_same_address(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource, renew: Renew
) -> None:
    resource = renew()

    assert (resource.id, resource.number, resource.title, resource.note) == (first.id, 2, "山行 第二版", "换了第二行")
    assert resource.audience == group_key(cast.group_a.id)
    assert db.session.scalar(select(func.count()).select_from(Resource)) == 1
    old = library.versions(actor(cast.neighbour), resource)
    assert [(each.number, each.fields["title"], len(each.files)) for each in old] == [(1, "山行", 1)]
    served = library.original(actor(cast.neighbour), old[0].files[0].id)
    assert served.path.read_text(encoding="utf-8").endswith("白云生处有人家")
    with pytest.raises(NotFound):
        library.original(actor(cast.outsider), old[0].files[0].id)


def test_two_versions_are_compared_by_fields_and_words(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource, renew: Renew
) -> None:
    renew()
    found = library.compare(actor(cast.neighbour), first.id, 1, 2)

    assert {(each.name, each.before, each.after) for each in found.fields} >= {("title", "山行", "山行 第二版")}
    assert [(pair.same, [(line.sign, line.text) for line in pair.lines]) for pair in found.files] == [
        (False, [(" ", "远上寒山石径斜"), ("-", "白云生处有人家"), ("+", "停车坐爱枫林晚")])
    ]
    same = library.compare(owner, first.id, 2, 2)
    assert (list(same.fields), [pair.same for pair in same.files], list(same.items)) == ([], [True], [])
    with pytest.raises(NotFound):
        library.compare(owner, first.id, 1, 3)
    with pytest.raises(NotFound):
        library.compare(actor(cast.outsider), first.id, 1, 2)


def test_a_file_that_came_or_went_stands_alone_in_the_comparison(
    owner: Actor, first: Resource, bring: Bring, run_jobs: Callable[[], int]
) -> None:
    draft = library.start_revision(owner, first.id)
    bring("补充.txt", b"more", resource_id=draft.id)
    run_jobs()
    library.share_resource(owner, draft.id)
    there, back = library.compare(owner, first.id, 1, 2), library.compare(owner, first.id, 2, 1)

    assert [(pair.before is None, pair.after is None, pair.pages) for pair in there.files] == [
        (False, False, 0), (True, False, 0),
    ]  # fmt: skip
    assert [line.sign for line in there.files[1].lines] == ["+"]
    assert [(pair.before is None, pair.after is None) for pair in back.files] == [(False, False), (False, True)]


def test_an_old_version_comes_back_as_the_newest_one(owner: Actor, first: Resource, renew: Renew) -> None:
    renew()
    draft = library.restore_version(owner, first.id, 1)
    assert draft.title == "山行"
    with pytest.raises(Conflict):
        library.restore_version(owner, first.id, 1)
    resource = library.share_resource(owner, draft.id, note="恢复第一版")

    assert (resource.number, resource.title) == (3, "山行")
    words = select(FileText.text).where(FileText.file_id == resource.files[0].id)
    assert "白云生处" in (db.session.scalar(words) or "")
    assert [each.number for each in library.versions(owner, resource)] == [2, 1]
    with pytest.raises(Conflict):
        library.restore_version(owner, first.id, 3)
    with pytest.raises(NotFound):
        library.restore_version(owner, first.id, 9)


def test_only_its_owner_prepares_versions_and_only_of_what_is_published(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource
) -> None:
    with pytest.raises(Forbidden):
        library.start_revision(actor(cast.colleague), first.id)
    with pytest.raises(NotFound):
        library.start_revision(actor(cast.outsider), first.id)
    draft = library.start_revision(owner, first.id)
    library.unshare_resource(owner, first.id)
    with pytest.raises(Conflict):
        library.share_resource(owner, draft.id, group_key(cast.group_a.id))
    library.trash_resource(owner, draft.id)
    with pytest.raises(Conflict):
        library.start_revision(owner, first.id)


def test_where_changes_are_looked_at_the_old_version_stays_until_the_new_one_is_approved(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource
) -> None:
    with transaction() as session:
        session.get_one(School, cast.core.id).reviews_resources = True
    with pytest.raises(Conflict, match=r"resource\.revise"):
        edited(owner, first, title="悄悄改")
    draft = library.start_revision(owner, first.id)
    edited(owner, draft, title="山行 新")
    library.share_resource(owner, draft.id, note="新标题")
    review = db.session.scalars(select(Review).where(Review.state == ReviewState.PENDING)).one()

    assert library.get_resource(actor(cast.neighbour), first.id).title == "山行"
    assert library.get_resource(actor(cast.head), draft.id).title == "山行 新"
    with pytest.raises(Conflict, match=r"resource\.in_review"):
        library.share_resource(owner, draft.id)
    resource = library.decide(actor(cast.head), review.id, True)
    assert (resource.id, resource.number, resource.title) == (first.id, 2, "山行 新")
    assert [each.id for each in library.history(owner, resource)] == [review.id]


def test_a_version_of_a_package_keeps_its_tree(cast: SimpleNamespace, owner: Actor, first: Resource) -> None:
    package = save(
        Resource(
            title="单元包", kind=ResourceKind.PACKAGE, owner_id=owner.person_id, school_id=cast.core.id,
            audience=school_key(cast.core.id), state=ResourceState.PUBLISHED, subject="语文", published_at=now(),
        )
    )  # fmt: skip
    heading = save(PackageItem(package_id=package.id, title="第一课时", position=1.0))
    save(PackageItem(package_id=package.id, parent_id=heading.id, title="山行", target_id=first.id, position=1.0))
    draft = library.start_revision(owner, package.id)
    top, below = tree(draft.id)
    assert (top.title, below.parent_id, below.target_id) == ("第一课时", top.id, first.id)
    with transaction() as session:
        session.get_one(PackageItem, top.id).title = "第一节"
    library.share_resource(owner, draft.id)

    assert [item.title for item in tree(package.id)] == ["第一节", "山行"]
    found = library.compare(owner, package.id, 1, 2)
    assert [(line.sign, line.text) for line in found.items] == [("-", "第一课时"), ("+", "第一节"), (" ", "山行")]
    restored = library.restore_version(owner, package.id, 1)
    assert [item.title for item in tree(restored.id)] == ["第一课时", "山行"]


def tree(package_id: object) -> list[PackageItem]:
    """Return the items of a package, headings first."""
    rows = db.session.scalars(select(PackageItem).where(PackageItem.package_id == package_id))
    return sorted(rows, key=lambda row: row.parent_id is not None)


def test_a_copy_is_ones_own_knows_its_origin_and_takes_no_room_twice(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource
) -> None:
    reader = actor(cast.neighbour)
    copy = library.copy_resource(reader, first.id)

    assert (copy.owner_id, copy.origin_id, copy.origin_number) == (reader.person_id, first.id, 1)
    assert copy.contributors == [{"name": "甲老师", "role": "original"}]
    assert (copy.state, copy.licence, [file.name for file in copy.files]) == (
        ResourceState.DRAFT, Licence.CC_BY, ["山行.txt"],
    )  # fmt: skip
    before = limits.used_by_person(reader.person_id)
    library.copy_resource(reader, first.id)
    assert limits.used_by_person(reader.person_id) == before > 0
    edited(reader, copy, title="我的山行")
    library.share_resource(reader, copy.id, group_key(cast.group_a.id))
    found = library.family(owner, fresh(Resource, first.id))
    assert ([each.title for each in found.copies], list(found.origins)) == (["我的山行"], [])
    assert [each.id for each in library.family(reader, fresh(Resource, copy.id)).origins] == [first.id]


def test_the_licence_says_who_may_copy(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource, shared: Shared
) -> None:
    with pytest.raises(NotFound):
        library.copy_resource(actor(cast.outsider), first.id)
    edited(owner, first, licence=Licence.RESERVED)
    with pytest.raises(Forbidden):
        library.copy_resource(actor(cast.colleague), first.id)
    assert library.copy_resource(owner, first.id).owner_id == owner.person_id
    inner = shared(owner, school_key(cast.core.id), name="校内.txt")
    edited(owner, inner, licence=Licence.SCHOOL)
    assert library.copy_resource(actor(cast.colleague), inner.id).origin_id == inner.id
    library.unshare_resource(owner, inner.id)
    with pytest.raises(Conflict):
        library.copy_resource(owner, inner.id)


def test_a_copy_must_fit_into_the_quota(cast: SimpleNamespace, actor: Acting, first: Resource) -> None:
    with transaction() as session:
        session.get_one(School, cast.rural.id).quota_bytes = 1
    with pytest.raises(TooLarge):
        library.copy_resource(actor(cast.neighbour), first.id)
    assert db.session.scalar(select(func.count()).select_from(Resource)) == 1


def test_a_new_version_of_the_origin_is_offered_and_taken_or_not(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource, renew: Renew
) -> None:
    reader = actor(cast.neighbour)
    taken, left = library.copy_resource(reader, first.id), library.copy_resource(reader, first.id)
    assert library.copies_behind(reader) == []
    renew()

    assert {each.id for each in library.copies_behind(reader)} == {taken.id, left.id}
    changed = library.accept_update(reader, taken.id)
    assert (changed.id, changed.title, changed.number, changed.origin_number) == (taken.id, "山行 第二版", 2, 2)
    assert [each.fields["title"] for each in library.versions(reader, changed)] == ["山行"]
    library.decline_update(reader, left.id)
    assert fresh(Resource, left.id).title == "山行"
    assert library.copies_behind(reader) == []
    with pytest.raises(Conflict):
        library.accept_update(reader, left.id)


def test_a_published_copy_takes_the_new_version_as_a_draft_of_its_own_next_one(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource, renew: Renew
) -> None:
    reader = actor(cast.neighbour)
    copy = library.copy_resource(reader, first.id)
    library.share_resource(reader, copy.id, school_key(cast.rural.id))
    renew()
    draft = library.accept_update(reader, copy.id)

    assert (draft.revises_id, draft.title, fresh(Resource, copy.id).title) == (copy.id, "山行 第二版", "山行")
    assert library.share_resource(reader, draft.id).id == copy.id
    assert fresh(Resource, copy.id).title == "山行 第二版"


def test_a_copy_lives_on_without_its_origin(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource, renew: Renew
) -> None:
    reader = actor(cast.neighbour)
    copy = library.copy_resource(reader, first.id)
    renew()
    library.unshare_resource(owner, first.id)

    assert library.update_for(reader, fresh(Resource, copy.id)) is None
    with transaction() as session:
        session.delete(session.get_one(Resource, first.id))
    kept = fresh(Resource, copy.id)
    assert (kept.origin_id, len(kept.files)) == (None, 1)
    assert library.update_for(reader, kept) is None
    assert db.session.scalar(select(func.count()).select_from(ResourceVersion)) == 0


def test_what_a_leaving_teacher_shared_is_in_the_hands_of_the_school(
    cast: SimpleNamespace, actor: Acting, owner: Actor, first: Resource, ingested: Bring
) -> None:
    draft = ingested("私人.txt", b"mine").resource
    assert settle() == 0
    left = db.session.scalars(select(Posting).where(Posting.person_id == cast.owner.id)).one()
    with transaction() as session:
        session.merge(left).to_on = today() - timedelta(days=1)
    assert settle(cast.colleague.id) == 0
    assert settle() == 1

    gone, head = actor(cast.owner), actor(cast.head)
    edited(head, fresh(Resource, first.id), title="学校的山行")
    assert library.get_resource(gone, first.id).title == "学校的山行"
    for deed in (library.start_revision, library.unshare_resource, library.trash_resource):
        with pytest.raises(Forbidden):
            deed(gone, first.id)
    with pytest.raises(NotFound):
        library.get_resource(head, draft.id)
    version = library.start_revision(head, first.id)
    assert library.share_resource(head, version.id).number == 2
    factories.post(cast.owner, cast.core)
    assert settle(cast.owner.id) == 1
    edited(actor(cast.owner), fresh(Resource, first.id), title="又是我的")


def test_a_head_finds_what_the_school_keeps(
    cast: SimpleNamespace, actor: Acting, first: Resource, sign_in: Callable[[Person], FlaskClient]
) -> None:
    left = db.session.scalars(select(Posting).where(Posting.person_id == cast.owner.id)).one()
    with transaction() as session:
        session.merge(left).to_on = today() - timedelta(days=1)
    settle()
    assert [each.id for each in library.list_resources(actor(cast.head), library.Filters(kept=True)).items] == [
        first.id
    ]
    assert library.list_resources(actor(cast.colleague), library.Filters(kept=True)).total == 0
    page = sign_in(cast.head).get("/library?kept=1").text
    assert "学校保管" in page
    assert first.title in page
    assert "学校保管" not in sign_in(cast.colleague).get("/library").text


def test_a_head_sees_how_much_room_the_school_takes(
    cast: SimpleNamespace, first: Resource, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with transaction() as session:
        session.get_one(School, cast.core.id).quota_bytes = 1 << 30
    assert "/ 1.0 GB" in sign_in(cast.head).get(f"/schools/{cast.core.id}").text
    assert "不限" in sign_in(cast.admin).get(f"/schools/{cast.rural.id}").text
    assert "资源空间" not in sign_in(cast.colleague).get(f"/schools/{cast.core.id}").text
