"""指定学校: schools that are named together."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import fresh
from tests.org.test_actor_keys import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Invalid, NotFound
from tongyan.org.models import CircleSchool, School
from tongyan.org.services.circles import circle_for, circle_names


def rows() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(CircleSchool)) or 0


def test_equal_sets_of_schools_are_one_circle(cast: SimpleNamespace) -> None:
    core, rural = cast.core.id, cast.rural.id
    made = circle_for(now(cast.owner), [core, rural])
    assert circle_for(now(cast.neighbour), [rural, core, core]) == made
    assert rows() == 2
    assert circle_for(now(cast.owner), [core]) != made
    assert circle_names([made, uuid4()]) == {made: [fresh(School, rural).short_name, fresh(School, core).short_name]}


def test_a_circle_names_schools_that_the_actor_sees(cast: SimpleNamespace) -> None:
    for hidden in (cast.other.id, uuid4()):
        with pytest.raises(NotFound):
            circle_for(now(cast.owner), [cast.core.id, hidden])
    with transaction():
        fresh(School, cast.rural.id).active = False
    with pytest.raises(NotFound):
        circle_for(now(cast.owner), [cast.rural.id])
    with pytest.raises(Invalid) as refusal:
        circle_for(now(cast.owner), [])
    assert refusal.value.errors == {"schools": ["circle.empty"]}
    assert rows() == 0


def test_two_who_name_the_same_schools_at_once_make_one_circle(app: Flask, cast: SimpleNamespace) -> None:
    who, schools = now(cast.admin), [cast.core.id, cast.rural.id, cast.other.id]

    def name(_: int) -> object:
        with app.app_context():
            return circle_for(who, schools)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(name, range(8)))) == 1
    assert rows() == 3
