"""分享前先审核: heads say whether what is shared with their school or group is looked at first."""

from uuid import UUID

from tongyan.kernel import audit
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Conflict, NotFound
from tongyan.kernel.permissions import Actor, load
from tongyan.org.models import Group, School
from tongyan.org.policy import Action
from tongyan.org.scopes import parse_scope

SWITCHES: dict[str, tuple[type[Group] | type[School], Action]] = {
    "group": (Group, Action.GROUP_REVIEW),
    "school": (School, Action.SCHOOL_REVIEW),
}


def set_review(actor: Actor, scope: str, version: int, *, on: bool) -> Group | School:
    """Switch the review of a school or group on or off. Raises NotFound, Forbidden, Conflict (stale)."""
    kind, place_id = _parse(scope)
    model, action = SWITCHES[kind]
    with transaction():
        place = load(actor, model, place_id, action)
        if version != place.version:
            raise Conflict("conflict.stale")
        if place.reviews_resources is not on:
            place.reviews_resources = on
            audit.record(actor, f"{kind}.review_{'on' if on else 'off'}", scope, name=place.name)
    return place


def _parse(scope: str) -> tuple[str, UUID]:
    audience = parse_scope(scope)
    if audience is None or audience.id is None or audience.kind not in SWITCHES:
        raise NotFound
    return audience.kind, audience.id
