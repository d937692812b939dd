"""kill -9 of the worker in the middle of an import: nobody is there, and after a restart everybody is."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests import factories
from tests.conftest import settings_for_tests
from tests.org.sheets import row, workbook
from tests.remote import wait_for
from tests.server import Server
from tongyan.accounts.models import Person
from tongyan.app import create_app
from tongyan.kernel.db import Base, db, release, transaction
from tongyan.kernel.jobs import Job, JobState
from tongyan.org.actors import actor_for
from tongyan.org.models import ImportState, PeopleImport, Posting
from tongyan.org.services import people_import as service

pytestmark = pytest.mark.process

PEOPLE = 3000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Server, Flask]]:
    """Give worker and beat without a web process, and an application that looks at the same data."""
    database = f"sqlite:///{tmp_path / 'tongyan.db'}"
    app = create_app(settings_for_tests(database, tmp_path))
    server = Server(tmp_path, database)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        yield server, app
        db.session.rollback()
        db.engine.dispose()
    server.stop()


def is_under_way() -> bool:
    """Say whether the sheet has been read: from now on the worker checks and writes."""
    row = db.session.execute(select(Job.state, Job.progress).where(Job.kind == service.JOB)).one()
    return row.state is JobState.RUNNING and row.progress >= 50


def counts() -> tuple[int, int]:
    """Return how many people came in, and how many postings there are."""
    release()
    came = select(func.count()).select_from(Person).where(Person.login.startswith("js"))
    return db.session.scalar(came) or 0, db.session.scalar(select(func.count()).select_from(Posting)) or 0


def state_of(import_id: UUID) -> ImportState:
    return db.session.scalars(select(PeopleImport.state).where(PeopleImport.id == import_id)).one()


def test_a_killed_import_leaves_nobody_and_the_next_worker_brings_all(world: tuple[Server, Flask]) -> None:
    server, _app = world
    factories.make_school("清江实验小学")
    admin = actor_for(factories.make_person("管理员", is_admin=True))
    sheet = service.check_upload(admin, "全校.xlsx", workbook([row(number) for number in range(PEOPLE)]))
    import_id = service.confirm(admin, sheet.id).id
    with transaction() as session:
        session.execute(update(Job).values(sent_at=None))  # this process has no broker: the sweeper sends it
    server.start("worker", "beat")

    wait_for(is_under_way, every=0.01)
    server.kill("worker")
    assert state_of(import_id) is ImportState.IMPORTING, "killed too late to prove anything"
    assert counts() == (0, 0)

    server.start("worker")
    wait_for(lambda: state_of(import_id) is ImportState.DONE)
    assert counts() == (PEOPLE, PEOPLE), server.log()
    attempts = db.session.scalars(select(Job.attempts).where(Job.kind == service.JOB)).one()
    assert attempts == 2
