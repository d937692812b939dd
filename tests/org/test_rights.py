"""People hear of it when their rights change."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.factories import fresh
from tongyan.accounts.models import Notice, Person
from tongyan.kernel.clock import now, today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.permissions import PUBLIC, Actor, school_key, user_key
from tongyan.org.models import OfficeKind, PostingKind, School
from tongyan.org.services.appointments import appoint
from tongyan.org.services.postings import start_posting
from tongyan.org.services.schools import close_school


def told(person: Person) -> list[str]:
    """Return the kinds of a person's notices."""
    db.session.rollback()
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id)))


@pytest.fixture
def admin(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    with transaction():
        fresh(Person, cast.owner.id).last_seen_at = now()
    return actor(cast.admin)


def test_a_new_posting_is_told(cast: SimpleNamespace, admin: Actor) -> None:
    start_posting(admin, cast.owner.id, cast.rural.id, PostingKind.SERVING, today())
    assert told(cast.owner) == ["org.rights"]


def test_a_new_office_is_told(cast: SimpleNamespace, admin: Actor) -> None:
    appoint(admin, cast.owner.id, OfficeKind.SCHOOL_HEAD, school_key(cast.core.id), today())
    assert told(cast.owner) == ["org.rights"]


def test_a_closed_school_takes_its_people_out_of_its_groups(
    cast: SimpleNamespace, admin: Actor, actor: Callable[[Person], Actor]
) -> None:
    assert cast.group_a.id in actor(cast.neighbour).group_ids
    school = fresh(School, cast.rural.id)
    close_school(admin, school.id, school.version)
    left = actor(fresh(Person, cast.neighbour.id))
    assert (left.school_ids, left.group_ids, left.keys) == (
        frozenset(),
        frozenset(),
        {PUBLIC, user_key(left.person_id)},
    )


def test_who_has_never_been_here_is_told_nothing(cast: SimpleNamespace, admin: Actor) -> None:
    start_posting(admin, cast.colleague.id, cast.rural.id, PostingKind.SERVING, today())
    assert told(cast.colleague) == []
