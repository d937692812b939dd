"""Who may do what with a resource."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select

from tongyan.kernel.permissions import VIEW, Actor, register_policy, school_key
from tongyan.library.models import Licence, Resource, ResourceState, TakeDown, Transfer, Upload
from tongyan.org.models import OfficeKind

HEADS = {"school": OfficeKind.SCHOOL_HEAD, "group": OfficeKind.GROUP_HEAD}
REVIEWERS = {
    OfficeKind.SCHOOL_HEAD,
    OfficeKind.GROUP_HEAD,
    OfficeKind.LINE_HEAD,
    OfficeKind.SUBJECT_LEAD,
    OfficeKind.RESEARCHER,
}


class Action(StrEnum):
    """What can be done."""

    RESOURCE_COMMENT = "library:resource:comment"
    RESOURCE_COPY = "library:resource:copy"
    RESOURCE_DOWNLOAD = "library:resource:download"
    RESOURCE_EDIT = "library:resource:edit"
    RESOURCE_LINK = "library:resource:link"
    RESOURCE_RATE = "library:resource:rate"
    RESOURCE_REVIEW = "library:resource:review"
    RESOURCE_SHARE = "library:resource:share"
    RESOURCE_TAKE_DOWN = "library:resource:take_down"
    RESOURCE_TRASH = "library:resource:trash"
    RESOURCE_UNSHARE = "library:resource:unshare"


READ = {VIEW, Action.RESOURCE_DOWNLOAD}
OF_READERS = {Action.RESOURCE_COMMENT, Action.RESOURCE_COPY, Action.RESOURCE_RATE}


class ReviewDuty(NamedTuple):
    """What an actor reviews: all that waits in a scope, or one subject of it."""

    scope: str
    subject: str | None


def allows(actor: Actor, action: Any, resource: Resource) -> bool:
    """The owner does everything (a school does, once it keeps the resource); its audience reads and answers."""
    keeps = _keeps(actor, resource)
    if action in READ:
        mine = keeps or _owns(actor, resource)
        return mine or _opened(actor, resource) or reviews(actor, resource) or _closed_by(actor, resource)
    if action in OF_READERS:
        return _answers(actor, action, resource)
    if action == Action.RESOURCE_REVIEW:
        return reviews(actor, resource)
    if action in {Action.RESOURCE_UNSHARE, Action.RESOURCE_TAKE_DOWN} and _heads(actor, action, resource):
        return True
    return action != Action.RESOURCE_TAKE_DOWN and keeps


def _owns(actor: Actor, resource: Resource) -> bool:
    return resource.owner_id == actor.person_id


def _keeps(actor: Actor, resource: Resource) -> bool:
    """Say whether it is in the actor's hands: its owner's, or those of the head of the school that the owner left."""
    if not resource.in_keeping:
        return _owns(actor, resource)
    return resource.school_id is not None and actor.holds(OfficeKind.SCHOOL_HEAD, school_key(resource.school_id))


def _opened(actor: Actor, resource: Resource) -> bool:
    return resource.state is ResourceState.PUBLISHED and resource.audience in actor.keys


def _answers(actor: Actor, action: Any, resource: Resource) -> bool:
    """Whoever it is open to may comment, rate what others made, and copy as far as the licence goes."""
    if action == Action.RESOURCE_RATE:
        return _opened(actor, resource) and not _owns(actor, resource)
    if action == Action.RESOURCE_COPY:
        return _keeps(actor, resource) or (_opened(actor, resource) and _may_copy(actor, resource))
    return _opened(actor, resource) or (_owns(actor, resource) and resource.state is ResourceState.PUBLISHED)


def _may_copy(actor: Actor, resource: Resource) -> bool:
    if resource.licence is Licence.SCHOOL or resource.licence is None:
        return resource.school_id in actor.school_ids
    return resource.licence is not Licence.RESERVED


def _heads(actor: Actor, action: Any, resource: Resource) -> bool:
    """Say whether the actor heads the audience (or, to take it down, the school it comes from)."""
    if action == Action.RESOURCE_UNSHARE:
        return _opened(actor, resource) and resource.audience in _headed(actor)
    return _closed_by(actor, resource) or (_opened(actor, resource) and _answers_for(actor, resource))


def _closed_by(actor: Actor, resource: Resource) -> bool:
    """Say whether it was taken down by such as the actor, who may open it again."""
    return resource.state is ResourceState.TAKEN_DOWN and _answers_for(actor, resource)


def _answers_for(actor: Actor, resource: Resource) -> bool:
    return not _headed(actor).isdisjoint({resource.audience, school_key(resource.school_id or UUID(int=0))})


def _headed(actor: Actor) -> set[str]:
    """Return the schools and groups that the actor heads, as scopes."""
    return {grant.scope for grant in actor.offices if grant.kind == HEADS.get(grant.scope.partition(":")[0])}


def review_duties(actor: Actor) -> Iterator[ReviewDuty]:
    """Give what the actor reviews by the offices they hold."""
    for grant in actor.offices:
        if grant.kind in REVIEWERS:
            yield ReviewDuty(grant.scope, grant.subject)


def reviews(actor: Actor, resource: Resource) -> bool:
    """Say whether the resource waits for the actor; nobody reviews their own work."""
    if resource.review_scope is None or _owns(actor, resource) or resource.state is ResourceState.TRASHED:
        return False
    duties = (duty for duty in review_duties(actor) if duty.scope == resource.review_scope)
    return any(duty.subject in {None, resource.subject} for duty in duties)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Own ones in any state, what is published to the actor, what one keeps for one's school, what one reviews."""
    headed = [_under_head(actor)] if _headed(actor) else []
    return or_(Resource.owner_id == actor.person_id, published_to(actor), *headed, *_waiting(actor))


def published_to(actor: Actor) -> ColumnElement[bool]:
    """What is published to the actor: the filter of every list but one's own."""
    return (Resource.state == ResourceState.PUBLISHED) & Resource.audience.in_(sorted(actor.keys))


def waiting_for(actor: Actor) -> ColumnElement[bool]:
    """What waits for the actor's review."""
    return or_(false(), *_waiting(actor))


def _waiting(actor: Actor) -> Iterator[ColumnElement[bool]]:
    for duty in review_duties(actor):
        waits = (
            (Resource.review_scope == duty.scope)
            & (Resource.owner_id != actor.person_id)
            & (Resource.state != ResourceState.TRASHED)
        )
        yield waits if duty.subject is None else waits & (Resource.subject == duty.subject)


def _under_head(actor: Actor) -> ColumnElement[bool]:
    """What a head keeps for the school, and what was taken down."""
    return left_to(actor) | ((Resource.state == ResourceState.TAKEN_DOWN) & _theirs(actor))


def left_to(actor: Actor) -> ColumnElement[bool]:
    """Return what the schools that the actor heads keep of those who left."""
    return Resource.in_keeping & Resource.school_id.in_(_headed_schools(actor))


def kept_by(actor: Actor) -> ColumnElement[bool]:
    """Return what is in the actor's hands: the tasks of these resources are theirs (see `_keeps`)."""
    return ((Resource.owner_id == actor.person_id) & ~Resource.in_keeping) | left_to(actor)


def answered_for(actor: Actor) -> ColumnElement[bool]:
    """Return what the actor may take down, and what was taken down by such as they."""
    return _theirs(actor) & ((Resource.state == ResourceState.TAKEN_DOWN) | published_to(actor))


def _theirs(actor: Actor) -> ColumnElement[bool]:
    return Resource.audience.in_(sorted(_headed(actor))) | Resource.school_id.in_(_headed_schools(actor))


def _headed_schools(actor: Actor) -> list[UUID]:
    return [UUID(key.removeprefix("school:")) for key in _headed(actor) if key.startswith("school:")]


def _allows_take_down(actor: Actor, _action: Any, thing: TakeDown) -> bool:
    return allows(actor, Action.RESOURCE_TAKE_DOWN, thing.resource)


def _visible_take_down(actor: Actor) -> ColumnElement[bool]:
    return TakeDown.resource_id.in_(select(Resource.id).where(answered_for(actor)))


def _allows_own(actor: Actor, _action: Any, thing: Upload | Transfer) -> bool:
    return thing.person_id == actor.person_id


def _visible_upload(actor: Actor) -> ColumnElement[bool]:
    return Upload.person_id == actor.person_id


def _visible_transfer(actor: Actor) -> ColumnElement[bool]:
    return Transfer.person_id == actor.person_id


register_policy(Resource, allows=allows, visible=visible)
register_policy(TakeDown, allows=_allows_take_down, visible=_visible_take_down)
register_policy(Upload, allows=_allows_own, visible=_visible_upload)
register_policy(Transfer, allows=_allows_own, visible=_visible_transfer)
