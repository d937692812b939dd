"""Open pages hear what happens: from one process, and across processes that die one by one."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from urllib.parse import urlencode
from uuid import UUID

import pytest
from alembic import command
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from tests import factories
from tests.browser.conftest import Guest, Site, cookie
from tests.browser.hands import PATIENCE
from tests.conftest import need_postgres, need_redis, postgres_database, settings_for_tests
from tests.library import samples
from tests.remote import Browserlike, wait_for
from tests.server import Server
from tongyan.accounts import notices, sessions
from tongyan.accounts.models import Person
from tongyan.app import create_app
from tongyan.kernel.clock import now
from tongyan.kernel.db import Base, db, transaction
from tongyan.kernel.schema import alembic_config
from tongyan.library.models import FileState, ResourceFile

pytestmark = [pytest.mark.browser, pytest.mark.process]

AWAY = ("/socket.io/", "/notices/bell")  # what a page cannot reach while its server is dead
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def teacher(name: str, **more: bool) -> Person:
    """Return a teacher of a school of their own, who has been here before."""
    person = factories.make_person(name, last_seen_at=now(), **more)
    factories.post(person, factories.make_school())
    return person


def appoint(admin: Browserlike, person_id: UUID, subject: str) -> None:
    """Give an office; the person is told."""
    school = factories.make_school()
    office = {"person_id": str(person_id), "kind": "subject_lead", "subject": subject, "from_on": "2026-09-01"}
    answer = admin.ask("POST", f"/admin/offices/school/{school.id}/new", urlencode(office).encode(), **FORM)
    assert answer.status == 302


def tell(person_id: UUID) -> None:
    """Write a notice in a process that holds no sockets."""
    with transaction():
        notices.notify([notices.NoticeSpec(person_id, "accounts.email", "/account")])


def rings(page: Page, unread: int) -> None:
    """Wait until the bell says so, without a reload."""
    expect(page.get_by_role("link", name=f"通知，{unread} 条未读")).to_be_visible(timeout=PATIENCE)


def test_the_bell_of_an_open_page_rings_and_says_that_the_session_is_over(
    visit: Callable[..., Guest], site: Site
) -> None:
    guest = visit()
    guest.expect(*AWAY)
    with site.app.app_context():
        admin, person_id = Browserlike(site.server, site.app, teacher("管理", is_admin=True)), teacher("听者").id
        guest.context.add_cookies([site.cookie(person_id)])
        page = guest.go("/account/contact")
        rings(page, 0)
        page.get_by_label("手机").fill("还没有写完")
        appoint(admin, person_id, "语文")
        rings(page, 1)

        site.server.kill("web")
        tell(person_id)
        site.server.start("web")
        rings(page, 2)
        tell(person_id)
        rings(page, 3)

        with transaction():
            sessions.end_all(person_id)
        expect(page.get_by_text("您已退出登录")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_label("手机")).to_have_value("还没有写完")


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """Give two web processes, a worker and beat on one PostgreSQL and one Redis, and an application beside them."""
    need_postgres()
    redis, folder = need_redis(), tmp_path_factory.mktemp("pair")
    with postgres_database() as database:
        app = create_app(settings_for_tests(database, folder))
        one, two = (Server(folder, database, BROKER_URL=redis, REDIS_URL=redis) for _ in range(2))
        with app.app_context():
            Base.metadata.create_all(db.engine)
            command.stamp(alembic_config(), "head")
            try:
                one.start()
                two.start("web")
                yield SimpleNamespace(one=one, two=two, app=app)
            finally:
                one.stop()
                two.stop()
                db.session.rollback()
                db.engine.dispose()


def ingested(name: str) -> ResourceFile | None:
    """Return the file once it has been taken in."""
    file = db.session.scalar(select(ResourceFile).where(ResourceFile.name == name))
    return file if file is not None and file.state is not FileState.PROCESSING else None


def test_processes_die_one_by_one_and_the_work_goes_on(pair: SimpleNamespace, chromium: Browser) -> None:
    admin, person = Browserlike(pair.one, pair.app, teacher("管理", is_admin=True)), teacher("上传者")
    context = chromium.new_context(locale="zh-CN")
    context.add_cookies([cookie(pair.app, person.id, pair.two.url)])
    page = context.new_page()
    page.goto(f"{pair.two.url}/account")
    rings(page, 0)
    appoint(admin, person.id, "语文")  # at the one process; the page hangs on the other
    rings(page, 1)

    client, content = Browserlike(pair.one, pair.app, person), samples.pptx()
    path, half = client.create("山行.pptx", content), len(content) // 2
    client.append(path, 0, content[:half])
    pair.one.kill("web")
    client.move(pair.two)
    assert client.offset(path) == half
    pair.one.kill("worker")
    client.append(path, half, content[half:])
    pair.one.start("worker", "web")
    file = wait_for(lambda: ingested("山行.pptx"))
    assert file.state is FileState.READY, (file.error_code, pair.one.log())

    pair.two.kill("web")
    admin.move(pair.one)
    appoint(admin, person.id, "数学")
    pair.two.start("web")
    rings(page, 2)
    context.close()


def test_what_one_process_counted_the_other_knows(pair: SimpleNamespace) -> None:
    client = Browserlike(pair.one, pair.app)
    answers = []
    for number in range(80):
        client.move(pair.two if number % 2 else pair.one)
        answers.append(client.ask("GET", "/search?q=x").status)
    assert answers.count(429) >= 10
    assert set(answers[:40]) == {200}
