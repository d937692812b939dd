"""Founding the county: regions, schools, groups, people; by the services of an administrator, all or nothing."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from tongyan.accounts import passwords
from tongyan.accounts.models import Person
from tongyan.accounts.service import create_person
from tongyan.curriculum.seeding import node_id
from tongyan.curriculum.services import choose_editions
from tongyan.curriculum.terms import term_of
from tongyan.demo import cast
from tongyan.kernel.clock import now, today
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import SYSTEM
from tongyan.org.models import PostingKind
from tongyan.org.services import (
    appointments,
    groups,
    memberships,
    postings,
    prep_groups,
    prep_members,
    regions,
    schools,
)

Ids = Mapping[str, UUID]


def found() -> None:
    """Make everything that is there before the first lesson (one transaction)."""
    password_hash = passwords.hashed(passwords.DEMO_PASSWORD)  # slow, and one for all: everybody knows it anyway
    with transaction():
        region_ids = _regions()
        school_ids = _schools(region_ids)
        group_ids = _groups(region_ids, school_ids)
        person_ids = {member.login: _person(member, password_hash) for member in cast.people()}
        _post(person_ids, school_ids)
        places = {"school": school_ids, "group": group_ids, "region": region_ids}
        _appoint(person_ids, places)
        _prepare_together(person_ids, places)
        for key, school_id in school_ids.items():
            _choose_editions(key, school_id)


def _regions() -> Ids:
    ids: dict[str, UUID] = {}
    for key, (parent, edit) in cast.REGIONS.items():
        above = ids[parent] if parent else None
        ids[key] = regions.create_region(SYSTEM, replace(edit, parent_id=above)).id
    return ids


def _schools(region_ids: Ids) -> Ids:
    return {
        key: schools.create_school(SYSTEM, replace(edit, region_id=region_ids[region])).id
        for key, (region, edit) in cast.SCHOOLS.items()
    }


def _groups(region_ids: Ids, school_ids: Ids) -> Ids:
    ids: dict[str, UUID] = {}
    for key, plan in cast.GROUPS.items():
        edit = groups.GroupEdit(
            name=plan.name,
            pairing=plan.pairing,
            way=plan.way,
            founded_on=plan.founded_on,
            core_school_id=school_ids[plan.core],
            region_id=region_ids[plan.region],
        )
        ids[key] = groups.create_group(SYSTEM, edit).id
        for school, (from_on, reason) in plan.members.items():
            joined = memberships.join(SYSTEM, ids[key], school_ids[school], from_on, reason)
            if (key, school) == cast.LEFT[:2]:
                memberships.leave(SYSTEM, joined.membership.id, cast.LEFT[2], cast.LEFT[3])
    return ids


def _person(member: cast.Member, password_hash: str) -> UUID:
    """Create an account that can be used at once (no link to activate it, no letter about its password)."""
    person: Person = create_person(SYSTEM, name=member.name, login=member.login, is_admin=member.login == "admin")
    person.password, person.password_changed_at, person.must_change_password = password_hash, now(), False
    return person.id


def _post(person_ids: Ids, school_ids: Ids) -> None:
    for member in cast.people():
        if member.school:
            school_id = school_ids[member.school]
            postings.start_posting(SYSTEM, person_ids[member.login], school_id, PostingKind.HOME, member.since)
    for more in cast.MORE_POSTINGS:
        person_id, school_id = person_ids[more.login], school_ids[more.school]
        postings.start_posting(SYSTEM, person_id, school_id, more.kind, more.from_on, to_on=more.to_on)


def _appoint(person_ids: Ids, places: Mapping[str, Ids]) -> None:
    for plan in cast.OFFICES:
        scope = _scope(plan.place, places)
        appointments.appoint(SYSTEM, person_ids[plan.login], plan.kind, scope, plan.from_on, subject=plan.subject)


def _scope(place: str, places: Mapping[str, Ids]) -> str:
    kind, _, key = place.partition(":")
    return f"{kind}:{places[kind][key]}"


def _prepare_together(person_ids: Ids, places: Mapping[str, Ids]) -> None:
    for plan in cast.PREP_GROUPS:
        edit = prep_groups.PrepGroupEdit(plan.name, plan.subject, plan.grade)
        made = prep_groups.create_prep_group(SYSTEM, _scope(plan.place, places), edit)
        for place, login in enumerate(plan.members):
            prep_members.add_member(SYSTEM, made.id, person_ids[login], plan.from_on, lead=place == 0)


def _choose_editions(key: str, school_id: UUID) -> None:
    stages = set(cast.SCHOOLS[key][1].stages)
    wanted = {**cast.EDITIONS, **cast.OWN_EDITIONS.get(key, {})}
    chosen: dict[tuple[UUID, int | None], UUID] = {
        (node_id(stage, subject), None): node_id(stage, subject, edition)
        for (stage, subject), edition in wanted.items()
        if stage in stages
    }
    choose_editions(SYSTEM, school_id, term_of(today()), chosen)
