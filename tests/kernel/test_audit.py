"""The audit trail betrays whoever touches it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from tongyan.kernel import audit
from tongyan.kernel.audit import AuditEntry, AuditHead, Gap
from tongyan.kernel.db import db, transaction
from tongyan.kernel.permissions import SYSTEM

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def _three_deeds(app: object) -> None:
    for number in range(3):
        with transaction():
            audit.record(SYSTEM, "bell:ring", f"room:{number}", text="放学\r\n了")


@pytest.mark.usefixtures("_three_deeds")
def test_an_untouched_trail_verifies() -> None:
    assert audit.verify() == []


@pytest.mark.usefixtures("_three_deeds")
def test_a_changed_entry_is_named() -> None:
    with transaction() as session:
        session.execute(update(AuditEntry).where(AuditEntry.seq == 2).values(actor_name="别人"))
    assert Gap(2, "changed") in audit.verify()


@pytest.mark.usefixtures("_three_deeds")
def test_a_dropped_entry_is_named() -> None:
    with transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.seq == 2))
    assert audit.verify()[0] == Gap(2, "missing")


@pytest.mark.usefixtures("_three_deeds")
def test_a_cut_off_end_is_named() -> None:
    with transaction() as session:
        head = session.get_one(AuditHead, 1)
        head.seq = 1
        session.flush()
        session.execute(delete(AuditEntry).where(AuditEntry.seq > 1))
        head.seq = 1
    assert audit.verify() == [Gap(1, "cut")]


@pytest.mark.usefixtures("_three_deeds")
def test_an_end_that_is_gone_altogether_is_named() -> None:
    with transaction() as session:
        session.execute(delete(AuditHead))
        session.execute(delete(AuditEntry).where(AuditEntry.seq > 1))
    assert audit.verify() == [Gap(1, "cut")]


@pytest.mark.usefixtures("_three_deeds")
def test_what_is_written_during_the_walk_is_no_gap(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile() -> None:
        with app.app_context(), transaction():
            audit.record(SYSTEM, "bell:ring", "room:4")

    def hash_and_write(previous: str, entry: AuditEntry) -> str:
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(meanwhile).result()
        return audit._hash(previous, entry)

    monkeypatch.setattr(audit, "_hash", hash_and_write)
    assert audit.verify() == []
    db.session.rollback()
    assert db.session.get_one(AuditHead, 1).seq == 4
    assert audit.verify() == []


def test_a_deed_that_fails_leaves_no_entry() -> None:
    with pytest.raises(LookupError), transaction():
        audit.record(SYSTEM, "bell:ring", "room:1")
        raise LookupError
    with transaction():
        audit.record(SYSTEM, "bell:ring", "room:2")
    assert audit.verify() == []


def test_the_first_writers_do_not_collide(app: Flask) -> None:
    def deed(number: int) -> None:
        with app.app_context(), transaction():
            audit.record(SYSTEM, "bell:ring", f"room:{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(deed, range(8)))
    db.session.rollback()
    assert audit.verify() == []
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 8
