"""What the owner may say beyond the everyday fields: who helped, what it is aligned to, for whom it is meant."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from tongyan.curriculum.models import Standard
from tongyan.curriculum.services import Standards, standards_for
from tongyan.kernel.batches import batches
from tongyan.kernel.db import db
from tongyan.kernel.errors import Invalid
from tongyan.kernel.permissions import Actor, parse_audience, visible
from tongyan.library.models import Alignment, Difficulty, ForWhom, Resource, ResourceState
from tongyan.library.names import clean_text
from tongyan.org.models import PrepGroup

MAX_CONTRIBUTORS, MAX_NAME, MAX_ROLE, MAX_PERIODS = 20, 64, 16, 40
REPLACEABLE = 100
BATCH = 500

Errors = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The fields that few need every day."""

    contributors: list[dict[str, str]] = field(default_factory=list)  # "name" and "role"
    prep_group_id: UUID | None = None
    domains: list[str] = field(default_factory=list)
    competencies: list[str] = field(default_factory=list)
    for_whom: list[str] = field(default_factory=list)
    difficulty: Difficulty | None = None
    periods: int | None = None
    replaces_id: UUID | None = None


def own_prep_groups(actor: Actor) -> Sequence[PrepGroup]:
    """Return the 备课组 in which the actor is today."""
    audiences = (parse_audience(key) for key in actor.keys)
    mine = [audience.id for audience in audiences if audience.kind == "prepgroup"]
    found = select(PrepGroup).where(PrepGroup.id.in_(mine)).order_by(PrepGroup.name, PrepGroup.id)
    return db.session.scalars(found).all() if mine else []


def replaceable(actor: Actor, resource: Resource) -> Sequence[Resource]:
    """Return what the resource may take the place of: the actor's latest, and what it replaces already."""
    mine = (Resource.owner_id == actor.person_id) & (Resource.state == ResourceState.PUBLISHED)
    found = select(Resource).where(mine, Resource.id != resource.id, Resource.revises_id.is_(None))
    latest = db.session.scalars(found.order_by(Resource.published_at.desc()).limit(REPLACEABLE)).all()
    already = resource.replaces
    return [*latest, already] if already is not None and already not in latest else latest


def replaced_by(actor: Actor, resource: Resource) -> Resource | None:
    """Return what took the place of a resource, if the actor sees that."""
    newer = select(Resource).where(Resource.replaces_id == resource.id, visible(actor, Resource))
    return db.session.scalar(newer.order_by(Resource.published_at.desc()).limit(1))


def replaced(actor: Actor, resource: Resource) -> Resource | None:
    """Return what a resource took the place of, if the actor sees that."""
    if resource.replaces_id is None:
        return None
    return db.session.scalar(select(Resource).where(Resource.id == resource.replaces_id, visible(actor, Resource)))


def load_details(resources: Sequence[Resource]) -> None:
    """Read what a list does not need and a sheet does, for many resources at once (two statements per batch)."""
    for some in batches(resources, BATCH):
        aligned: defaultdict[UUID, list[Alignment]] = defaultdict(list)
        wanted = select(Alignment).where(Alignment.resource_id.in_([each.id for each in some]))
        for row in db.session.scalars(wanted.order_by(Alignment.title)):
            aligned[row.resource_id].append(row)
        named = select(PrepGroup).where(PrepGroup.id.in_([each.prep_group_id for each in some if each.prep_group_id]))
        groups = {group.id: group for group in db.session.scalars(named)}
        for each in some:
            set_committed_value(each, "alignments", aligned[each.id])
            set_committed_value(each, "prep_group", groups.get(each.prep_group_id) if each.prep_group_id else None)


def write_details(actor: Actor, resource: Resource, details: Details) -> None:
    """Let a resource say this (inside a transaction, once its place is known). Raises Invalid."""
    offered = standards_for(resource.subject, resource.stage, resource.grade)
    errors = {**_check_people(actor, resource, details), **_check_use(actor, resource, details)}
    errors |= _check_standards(resource, details, offered)
    if errors:
        raise Invalid(errors=errors)
    resource.contributors = [
        {"name": clean_text(each["name"]).strip(), "role": clean_text(each["role"]).strip()}
        for each in details.contributors
    ]
    resource.prep_group_id = details.prep_group_id
    resource.domains, resource.competencies = details.domains, details.competencies
    resource.for_whom = [each.value for each in ForWhom if each in details.for_whom]
    resource.difficulty, resource.periods = details.difficulty, details.periods
    resource.replaces_id = details.replaces_id


def _check_people(actor: Actor, resource: Resource, details: Details) -> Errors:
    errors: Errors = {}
    people = details.contributors
    long = any(len(each["name"]) > MAX_NAME or len(each["role"]) > MAX_ROLE for each in people)
    if len(people) > MAX_CONTRIBUTORS or long:
        errors["contributors"] = ["resource.too_long"]
    known = {group.id for group in own_prep_groups(actor)} | {resource.prep_group_id, None}
    if details.prep_group_id not in known:
        errors["prep_group_id"] = ["field.invalid"]
    return errors


def _check_use(actor: Actor, resource: Resource, details: Details) -> Errors:
    errors: Errors = {}
    if not {*details.for_whom} <= set(ForWhom):
        errors["for_whom"] = ["field.invalid"]
    if details.periods is not None and not 1 <= details.periods <= MAX_PERIODS:
        errors["periods"] = ["resource.periods"]
    if details.replaces_id not in {each.id for each in replaceable(actor, resource)} | {None}:
        errors["replaces_id"] = ["field.invalid"]
    elif details.replaces_id is not None and _in_a_circle(resource, details.replaces_id):
        errors["replaces_id"] = ["resource.replaces_circle"]
    return errors


def _in_a_circle(resource: Resource, older_id: UUID) -> bool:
    """Say whether the older one takes the place of the resource itself, be it by way of others."""
    step: UUID | None = older_id
    seen: set[UUID] = set()
    while step is not None and step not in seen:
        if step == resource.id:
            return True
        seen.add(step)
        step = db.session.scalar(select(Resource.replaces_id).where(Resource.id == step))
    return False


def _check_standards(resource: Resource, details: Details, offered: Standards) -> Errors:
    return {
        name: ["field.invalid"]
        for name, standards in zip(("competencies", "domains"), offered, strict=True)
        if not _known(getattr(details, name), getattr(resource, name), standards)
    }


def _known(chosen: Sequence[str], said: Sequence[str], offered: Sequence[Standard]) -> bool:
    return {*chosen} <= {*said} | {standard.title for standard in offered}
