"""Review: the school and the group look first, where they want to; nobody decides about their own work."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import fresh
from tongyan.accounts.models import Notice, Person
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor, group_key, school_key, user_key
from tongyan.library import services as library
from tongyan.library.models import (
    Licence,
    Resource,
    ResourceFile,
    ResourceState,
    Review,
    ReviewState,
    Standing,
)
from tongyan.org.models import Group, OfficeKind, School

Acting = Callable[[Person], Actor]
Bring = Callable[..., ResourceFile]


@pytest.fixture
def reviewing(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, whose school and group look at everything first."""
    with transaction() as session:
        session.get_one(School, cast.core.id).reviews_resources = True
        session.get_one(Group, cast.group_a.id).reviews_resources = True
    return cast


@pytest.fixture
def draft(owner: Actor, ingested: Bring) -> Resource:
    """A draft that says all that sharing asks for."""
    resource = ingested("山行.txt", "远上寒山石径斜".encode()).resource
    edit = library.ResourceEdit(title="山行", kind=resource.kind, subject="语文", grade=3, licence=Licence.CC_BY)
    return library.edit_resource(owner, resource.id, edit)


def review_of(resource: Resource) -> Review:
    """Return the review under way."""
    pending = select(Review).where(Review.resource_id == resource.id, Review.state == ReviewState.PENDING)
    return db.session.scalars(pending).one()


def notices(person: Person) -> list[str]:
    """Return what a person was told, the first first."""
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)))


def test_what_is_shared_waits_for_the_school_and_is_seen_by_the_reviewer_alone(
    reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource
) -> None:
    shared = library.share_resource(owner, draft.id, school_key(reviewing.core.id), note="请看第二页")

    assert (shared.state, shared.audience) == (ResourceState.DRAFT, user_key(owner.person_id))
    assert library.get_resource(actor(reviewing.head), draft.id).id == draft.id
    for role in ("colleague", "group_head", "neighbour", "outsider", "admin"):
        with pytest.raises(NotFound):
            library.get_resource(actor(getattr(reviewing, role)), draft.id)
    assert notices(reviewing.head) == ["library.review.asked"]
    found = library.queue(actor(reviewing.head))
    assert ([each.note for each in found.page.items], dict(found.subjects)) == (["请看第二页"], {"语文": 1})
    assert library.waiting_count(actor(reviewing.head)) == 1
    assert library.waiting_count(actor(reviewing.colleague)) == 0


def test_approved_by_the_school_it_is_the_schools_and_goes_on_to_the_group(
    reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource
) -> None:
    library.share_resource(owner, draft.id, group_key(reviewing.group_a.id))
    library.decide(actor(reviewing.head), review_of(draft).id, True)

    resource = fresh(Resource, draft.id)
    assert (resource.state, resource.standing) == (ResourceState.PUBLISHED, Standing.SCHOOL)
    assert resource.audience == school_key(reviewing.core.id)
    with pytest.raises(NotFound):
        library.get_resource(actor(reviewing.neighbour), draft.id)

    library.decide(actor(reviewing.group_head), review_of(draft).id, True, "很好")
    resource = fresh(Resource, draft.id)
    assert (resource.standing, resource.audience) == (Standing.GROUP, group_key(reviewing.group_a.id))
    assert resource.reviewed_at is not None
    assert library.get_resource(actor(reviewing.neighbour), draft.id).id == draft.id
    assert notices(reviewing.owner) == ["library.review.approved", "library.review.approved"]
    assert [each.comment for each in library.history(owner, resource)] == ["很好", ""]


def test_returned_with_a_comment_it_is_a_draft_that_can_be_changed_and_sent_again(
    reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource
) -> None:
    head, school = actor(reviewing.head), school_key(reviewing.core.id)
    library.share_resource(owner, draft.id, school)
    with pytest.raises(Invalid):
        library.decide(head, review_of(draft).id, False, "  ")
    with pytest.raises(Invalid):
        library.decide(head, review_of(draft).id, False, "长" * 2001)
    library.decide(head, review_of(draft).id, False, "请补上出处")

    assert notices(reviewing.owner) == ["library.review.returned"]
    with pytest.raises(NotFound):
        library.get_resource(head, draft.id)
    edit = library.ResourceEdit(
        title="山行 修改", kind=draft.kind, subject="语文", licence=Licence.CC_BY, source="课本"
    )
    library.edit_resource(owner, draft.id, edit)
    library.share_resource(owner, draft.id, school)
    assert library.decide(head, review_of(draft).id, True).state is ResourceState.PUBLISHED


def test_contents_stand_still_while_they_are_looked_at(
    reviewing: SimpleNamespace, owner: Actor, draft: Resource, bring: Bring
) -> None:
    library.share_resource(owner, draft.id, school_key(reviewing.core.id))
    edit = library.ResourceEdit(title="别的", kind=draft.kind, subject="语文")
    file_id = fresh(Resource, draft.id).files[0].id
    for change in (
        lambda: library.edit_resource(owner, draft.id, edit),
        lambda: library.remove_file(owner, file_id),
        lambda: library.share_resource(owner, draft.id, group_key(reviewing.group_a.id)),
        lambda: bring("新.txt", b"new", resource_id=draft.id),
    ):
        with pytest.raises(Conflict, match=r"resource\.in_review"):
            change()


def test_withdrawn_it_is_the_owners_again_and_the_review_is_over(
    reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource
) -> None:
    head = actor(reviewing.head)
    library.share_resource(owner, draft.id, school_key(reviewing.core.id))
    review_id = review_of(draft).id
    with pytest.raises(Forbidden):
        library.withdraw(head, draft.id)
    library.withdraw(owner, draft.id)

    assert fresh(Review, review_id).state is ReviewState.WITHDRAWN
    with pytest.raises(NotFound):
        library.decide(head, review_id, True)
    with pytest.raises(Conflict):
        library.withdraw(owner, draft.id)
    library.edit_resource(owner, draft.id, library.ResourceEdit(title="改", kind=draft.kind, subject="语文"))


@pytest.mark.parametrize("deed", ["trash_resource", "unshare_resource"])
def test_what_is_put_away_is_no_longer_reviewed(
    reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource, deed: str
) -> None:
    library.share_resource(owner, draft.id, group_key(reviewing.group_a.id))
    library.decide(actor(reviewing.head), review_of(draft).id, True)
    review_id = review_of(draft).id
    getattr(library, deed)(owner, draft.id)

    assert fresh(Review, review_id).state is ReviewState.WITHDRAWN
    assert library.queue(actor(reviewing.group_head)).page.total == 0
    assert fresh(Resource, draft.id).standing is None


def test_nobody_reviews_own_work_and_without_another_reviewer_nothing_is_sent(
    reviewing: SimpleNamespace, actor: Acting, ingested: Bring
) -> None:
    head = actor(reviewing.head)
    resource = ingested("方案.txt", b"plan", by=head).resource
    edit = library.ResourceEdit(title="方案", kind=resource.kind, subject="语文", licence=Licence.CC_BY)
    library.edit_resource(head, resource.id, edit)
    with pytest.raises(Invalid) as refused:
        library.share_resource(head, resource.id, school_key(reviewing.core.id))
    assert refused.value.errors == {"audience": ["resource.no_reviewer"]}
    assert fresh(Resource, resource.id).review_scope is None

    factories.appoint(reviewing.colleague, OfficeKind.SCHOOL_HEAD, school_key(reviewing.core.id))
    library.share_resource(head, resource.id, school_key(reviewing.core.id))
    with pytest.raises(Forbidden):
        library.decide(head, review_of(resource).id, True)
    assert library.queue(head).page.total == 0
    assert library.queue(actor(reviewing.colleague)).page.total == 1


def test_a_leader_of_a_subject_reviews_that_subject_only(
    reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource
) -> None:
    scope = school_key(reviewing.core.id)
    for person, subject in ((reviewing.colleague, "语文"), (reviewing.group_head, "数学")):
        office = factories.appoint(person, OfficeKind.SUBJECT_LEAD, scope)
        with transaction() as session:
            session.merge(office).subject = subject
    library.share_resource(owner, draft.id, scope)

    assert library.queue(actor(reviewing.colleague)).page.total == 1
    assert library.queue(actor(reviewing.colleague), subject="数学").page.total == 0
    assert library.queue(actor(reviewing.colleague), subject="").page.total == 0
    assert library.queue(actor(reviewing.group_head)).page.total == 0
    assert notices(reviewing.group_head) == []
    with pytest.raises(NotFound):
        library.get_review(actor(reviewing.group_head), review_of(draft).id)
    library.decide(actor(reviewing.colleague), review_of(draft).id, True)
    assert fresh(Resource, draft.id).standing is Standing.SCHOOL


def test_a_review_ends_once(reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource) -> None:
    head = actor(reviewing.head)
    library.share_resource(owner, draft.id, school_key(reviewing.core.id))
    review_id = review_of(draft).id
    assert library.pending_ids(head, [review_id, draft.id]) == [review_id]
    library.decide(head, review_id, True)
    assert library.pending_ids(head, [review_id]) == []
    with pytest.raises(Conflict, match=r"review\.over"):
        library.decide(head, review_id, False, "迟了")
    with pytest.raises(NotFound):
        library.decide(head, draft.id, True)


def test_a_shared_resource_can_be_nominated_and_stays_open_meanwhile(
    cast: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource
) -> None:
    library.share_resource(owner, draft.id, group_key(cast.group_a.id))
    library.nominate(owner, draft.id, "获区一等奖")

    assert library.get_resource(actor(cast.neighbour), draft.id).standing is None
    assert library.nomination(fresh(Resource, draft.id)) is None
    with pytest.raises(Conflict):
        library.nominate(owner, draft.id)
    library.decide(actor(cast.group_head), review_of(draft).id, True)
    assert fresh(Resource, draft.id).standing is Standing.GROUP
    assert fresh(Resource, draft.id).audience == group_key(cast.group_a.id)
    assert library.nomination(fresh(Resource, draft.id)) is None


def test_named_schools_and_partners_are_beyond_the_school_and_need_the_group(
    reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource
) -> None:
    library.share_resource(owner, draft.id, f"partners:{reviewing.group_a.id}")
    library.decide(actor(reviewing.head), review_of(draft).id, True)
    assert review_of(draft).scope == group_key(reviewing.group_a.id)
    library.decide(actor(reviewing.group_head), review_of(draft).id, True)
    assert fresh(Resource, draft.id).audience == f"partners:{reviewing.group_a.id}"


def test_a_reviewer_who_lost_the_office_decides_nothing(
    reviewing: SimpleNamespace, actor: Acting, owner: Actor, draft: Resource
) -> None:
    library.share_resource(owner, draft.id, school_key(reviewing.core.id))
    with transaction() as session:
        session.get_one(School, reviewing.core.id).active = False
    review = review_of(draft)
    assert library.get_review(actor(reviewing.head), review.id).id == review.id
    with pytest.raises(NotFound):
        library.decide(actor(reviewing.outsider), review.id, True)
