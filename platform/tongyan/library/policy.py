"""Who may do what with a resource."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, or_

from tongyan.kernel.permissions import VIEW, Actor, register_policy
from tongyan.library.models import Resource, ResourceState, Upload
from tongyan.org.models import OfficeKind

HEADS = {"school": OfficeKind.SCHOOL_HEAD, "group": OfficeKind.GROUP_HEAD}


class Action(StrEnum):
    """What can be done."""

    RESOURCE_DOWNLOAD = "library:resource:download"
    RESOURCE_EDIT = "library:resource:edit"
    RESOURCE_SHARE = "library:resource:share"
    RESOURCE_TRASH = "library:resource:trash"
    RESOURCE_UNSHARE = "library:resource:unshare"


def allows(actor: Actor, action: Any, resource: Resource) -> bool:
    """The owner does everything; the audience reads; the head of the audience may also take it down."""
    if resource.owner_id == actor.person_id:
        return True
    open_to_actor = resource.state is ResourceState.PUBLISHED and resource.audience in actor.keys
    if action in {VIEW, Action.RESOURCE_DOWNLOAD}:
        return open_to_actor
    return action == Action.RESOURCE_UNSHARE and open_to_actor and _heads(actor, resource.audience)


def _heads(actor: Actor, audience: str) -> bool:
    office = HEADS.get(audience.partition(":")[0])
    return office is not None and actor.holds(office, audience)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Own ones in any state, and what is published to the actor."""
    return or_(Resource.owner_id == actor.person_id, published_to(actor))


def published_to(actor: Actor) -> ColumnElement[bool]:
    """What is published to the actor: the filter of every list but one's own."""
    return (Resource.state == ResourceState.PUBLISHED) & Resource.audience.in_(sorted(actor.keys))


def _allows_upload(actor: Actor, _action: Any, upload: Upload) -> bool:
    return upload.person_id == actor.person_id


def _visible_upload(actor: Actor) -> ColumnElement[bool]:
    return Upload.person_id == actor.person_id


register_policy(Resource, allows=allows, visible=visible)
register_policy(Upload, allows=_allows_upload, visible=_visible_upload)
