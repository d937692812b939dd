"""Telling the story: every deed by the service, as the person who did it; then it is given the age it should have."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from tongyan.accounts.models import Notice
from tongyan.demo.filling import resource_of
from tongyan.demo.revising import Actors, edit_of
from tongyan.demo.story import Asked, Found, Packed, Rated, Said, Story
from tongyan.kernel.clock import local, now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library.models import Comment, CorrectionState, Rating, Resource, ResourceState, Review, ReviewState
from tongyan.org.models import School
from tongyan.org.services.review_switches import set_review

Deed = Rated | Said | Found | Asked | Packed

HOURS = 20  # of a day: what happened a day later than something else stands after it all the same
OPENS = 8  # o'clock
DECIDED_AFTER = timedelta(hours=4)


def tell(actors: Actors, story: Story) -> None:
    """Let a story happen, unless it was told before (one transaction)."""
    if exists(select(Comment.id).where(Comment.text == story.comments[0].text)):
        return
    with transaction():
        _know_what_was()
        for login in story.looking_first:
            _look_first(actors[login])
        for number, (what, deed) in enumerate(_deeds(story)):
            what(actors, deed, _moment(deed.days, number))
        _use(actors, story)


def _know_what_was() -> None:
    """Whatever was told before was read yesterday, so that the bell rings only for what waits."""
    yesterday = now() - timedelta(days=1)
    db.session.execute(update(Notice).values(created_at=yesterday, read_at=yesterday))


def _look_first(head: Actor) -> None:
    scope = next(grant.scope for grant in head.offices if grant.scope.startswith("school:"))
    school = db.session.get_one(School, UUID(scope.removeprefix("school:")))
    set_review(head, school_key(school.id), school.version, on=True)


def _deeds(story: Story) -> Iterator[tuple[Callable[[Actors, Any, datetime], None], Deed]]:
    told: Sequence[tuple[Callable[[Actors, Any, datetime], None], Sequence[Deed]]] = (
        (_say, story.comments),
        (_rate, story.ratings),
        (_find, story.found),
        (_ask, story.asked),
        (_pack, story.packages),
    )
    for what, deeds in told:
        for deed in deeds:
            yield what, deed


def _moment(days: int, number: int) -> datetime:
    """Return when something happened; nobody writes before the school opens."""
    moment = now() - (timedelta(hours=HOURS * days) if days else timedelta(hours=1))
    early = max(0, OPENS - local(moment).hour) if days else 0
    return moment + timedelta(hours=early, minutes=5 * number)


def _owner(actors: Actors, key: str) -> Actor:
    return actors[key.partition("/")[0]]


def _seen(actors: Actors, login: str, key: str) -> tuple[Actor, Resource]:
    """Return who did something with what: they looked at it before."""
    actor, resource = actors[login], resource_of(actors, key)
    library.note_view(actor, resource)
    return actor, resource


def _say(actors: Actors, said: Said, moment: datetime) -> None:
    actor, resource = _seen(actors, said.login, said.what)
    comment = library.add_comment(actor, resource.id, said.text)
    comment.created_at = comment.updated_at = moment


def _rate(actors: Actors, rated: Rated, moment: datetime) -> None:
    actor, resource = _seen(actors, rated.login, rated.what)
    library.rate(actor, resource.id, rated.stars, rated.reason)
    rating = db.session.get_one(Rating, (resource.id, actor.person_id))
    rating.created_at = rating.updated_at = moment


def _find(actors: Actors, found: Found, moment: datetime) -> None:
    actor, resource = _seen(actors, found.login, found.what)
    mistake = library.Mistake(found.text, resource.files[0].id, found.page)
    correction = library.report_correction(actor, resource.id, mistake)
    correction.created_at = moment
    if found.answer:
        owner = _owner(actors, found.what)
        library.answer_correction(owner, correction.id, CorrectionState.DONE, found.answer)
        correction.answered_at = moment + DECIDED_AFTER


def _ask(actors: Actors, asked: Asked, moment: datetime) -> None:
    """Share a draft, where somebody looks first, or nominate what is shared."""
    owner, resource = _owner(actors, asked.what), resource_of(actors, asked.what)
    if resource.state is ResourceState.DRAFT:
        library.share_resource(owner, resource.id, group_key(min(owner.group_ids)), note=asked.note)
    else:
        library.nominate(owner, resource.id, asked.note)
    reviewer = actors[asked.reviewer] if asked.reviewer else None
    _review(resource, reviewer, moment, approved=asked.approved, comment=asked.comment)


def _review(resource: Resource, reviewer: Actor | None, moment: datetime, *, approved: bool, comment: str) -> None:
    """Put the review that was asked for back to its moment, and let the reviewer decide if there is one."""
    pending = select(Review).where(Review.resource_id == resource.id, Review.state == ReviewState.PENDING)
    review = db.session.scalars(pending).one()
    review.submitted_at = moment
    if reviewer is not None:
        library.decide(reviewer, review.id, approved, comment)
        review.decided_at = moment + DECIDED_AFTER
        resource.reviewed_at = review.decided_at if approved else resource.reviewed_at


def _pack(actors: Actors, packed: Packed, moment: datetime) -> None:
    """Make a course package, and open it to the group if somebody accepted it."""
    owner = actors[packed.login]
    package = library.create_package(owner, packed.title, "语文", 3)
    db.session.flush()  # what it says by itself is read below
    edit = edit_of(package, summary=packed.summary, licence=packed.licence, stage="primary")
    library.edit_resource(owner, package.id, edit)
    for heading, keys in packed.contents.items():
        above = library.add_heading(owner, package.id, heading)
        _fill_heading(actors, owner, above.id, package.id, {key: packed.notes.get(key, "") for key in keys})
    package.created_at = package.updated_at = moment
    if packed.reviewer:
        package.published_at = moment
        library.share_resource(owner, package.id, group_key(min(owner.group_ids)))
        library.nominate(owner, package.id, packed.summary)
        _review(package, actors[packed.reviewer], moment, approved=True, comment=packed.comment)


def _fill_heading(
    actors: Actors, owner: Actor, heading_id: UUID, package_id: UUID, contents: Mapping[str, str]
) -> None:
    ids = [resource_of(actors, key).id for key in contents]
    added = library.add_resources(owner, package_id, ids, heading_id)
    for item, note in zip(added, contents.values(), strict=True):
        if note:
            library.edit_item(owner, item.id, item.title, note)


def _use(actors: Actors, story: Story) -> None:
    """Let people keep what they like, choose what they teach with, and open a thing to everybody who has its link."""
    for login, keys in story.favourites.items():
        for key in keys:
            actor, resource = _seen(actors, login, key)
            library.keep_favourite(actor, resource.id, wanted=True)
    for login, keys in story.uses.items():
        for key in keys:
            actor, resource = _seen(actors, login, key)
            library.use_in_lesson(actor, resource.id, resource.node_id)
    for key, days in story.links.items():
        library.create_link(_owner(actors, key), resource_of(actors, key).id, days)
