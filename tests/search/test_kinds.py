"""People, schools, groups and places of the curriculum are found by exactly those who see them."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from search_index import Document, Query
from tests.search.worlds import NAMED, World
from tongyan.kernel import search_jobs
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import ANONYMOUS, SYSTEM, Actor, visible
from tongyan.kernel.search import engine
from tongyan.kernel.searchables import SEARCHABLES, index_keys
from tongyan.org.actors import actor_for, live
from tongyan.org.models import Membership, Office, Posting, Region, School
from tongyan.org.scopes import parse_scope, place_names
from tongyan.org.words import OFFICES

KINDS = ("school", "group", "person", "node")


def found_by(actor: Actor, text: str, kind: str) -> set[str]:
    """Return what the index alone opens to an actor, before the database is asked."""
    query = Query(text, index_keys(actor), filters={"kind": frozenset({kind})}, limit=1000)
    return set(engine().search(query).ids)


def seen_by(actor: Actor, kind: str) -> set[str]:
    """Return what the rules show."""
    searchable = SEARCHABLES[kind]
    ids = db.session.scalars(select(searchable.model.id).where(searchable.found_by(actor)))
    return {f"{kind}:{each}" for each in ids}


@pytest.mark.parametrize("seed", range(8))
def test_the_index_opens_what_the_rules_show(app: Flask, seed: int) -> None:
    world = World(seed)
    search_jobs.rebuild(lambda _: None)

    for who in (*map(actor_for, world.people), ANONYMOUS, SYSTEM):
        for kind in KINDS:
            assert found_by(who, NAMED, kind) == seen_by(who, kind), (who, kind)


def readable_of(actor: Actor, person_id: UUID) -> set[str]:
    """Return all that the rules let an actor read of what somebody is here today."""
    on, words = today(), set[str]()
    posted = select(Posting).where(Posting.person_id == person_id, visible(actor, Posting), live(Posting, on))
    for posting in db.session.scalars(posted):
        words |= {posting.school.name, posting.school.short_name, str(posting.school_id)}
    offices = select(Office).where(Office.person_id == person_id, visible(actor, Office), live(Office, on))
    for office in db.session.scalars(offices):
        words |= {OFFICES[office.kind], office.subject or "", *place_names([office.scope]).values()}
        place = parse_scope(office.scope)
        school = db.session.get(School, place.id) if place.kind == "school" else None
        words |= {school.short_name, str(school.id)} if school else set()
        words |= set(db.session.scalars(select(Region.name))) if place.kind == "region" else set()  # they are public
    return words


def opened(actor: Actor, documents: Sequence[Document]) -> Iterator[tuple[UUID, Document]]:
    """Give the documents that an actor finds."""
    for document in documents:
        if document.audience & index_keys(actor):
            yield UUID(document.id.partition(":")[2]), document


@pytest.mark.parametrize("seed", range(8))
def test_one_finds_people_and_schools_by_nothing_that_one_may_not_read(app: Flask, seed: int) -> None:
    world = World(seed)
    people = SEARCHABLES["person"].documents([person.id for person in world.people])
    schools = SEARCHABLES["school"].documents([school.id for school in world.schools])
    groups = {group.id: group.name for group in world.groups}

    told = 0
    for who in map(actor_for, world.people):
        for person_id, document in opened(who, people):
            codes = {code for codes in document.facets.values() for code in codes}
            assert {*document.about} | codes <= readable_of(who, person_id), (who, document)
            told += bool(document.about) and not who.is_admin
        for school_id, document in opened(who, schools):
            rows = select(Membership.group_id).where(
                Membership.school_id == school_id, visible(who, Membership), live(Membership, today())
            )
            readable = {groups[group_id] for group_id in db.session.scalars(rows)}
            assert {word for word in document.about if word in groups.values()} <= readable, (who, document)
    assert told  # there is something to be found by
