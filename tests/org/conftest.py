"""An administrator, a region, and what the audit trail says."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_person, save
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.db import db, transaction
from tongyan.kernel.permissions import Actor
from tongyan.org.actors import actor_for
from tongyan.org.models import Group, Region, School


@pytest.fixture
def admin(app: Flask) -> Actor:
    """Give an administrator who is in no cast."""
    return actor_for(make_person("系统管理员", is_admin=True))


@pytest.fixture
def audited(app: Flask) -> Callable[[str], list[AuditEntry]]:
    """Give the entries of the audit trail of one kind of deed."""

    def read(action: str) -> list[AuditEntry]:
        db.session.rollback()
        return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)))

    return read


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    """Give the administrator's browser."""
    return sign_in(cast.admin)


@pytest.fixture
def region(cast: SimpleNamespace) -> Region:
    """Give a region, in which the first group is."""
    region = save(Region(name="清江市", level="city"))
    with transaction() as session:
        session.get_one(Group, cast.group_a.id).region_id = region.id
        session.get_one(School, cast.core.id).region_id = region.id
    return region
