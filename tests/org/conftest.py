"""An administrator, and what the audit trail says."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import make_person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor
from tongyan.org.actors import actor_for


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
