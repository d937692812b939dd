"""The product as it really runs, a small world in its database, and browsers that report whatever should not happen."""

import shutil
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from alembic import command
from flask import Flask
from flask import session as cookie_session
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.browser.world import make_world
from tests.conftest import DATABASES, empty_database, settings_for_tests
from tests.server import Server
from tongyan.accounts.limits import Browser as Machine
from tongyan.accounts.models import Person
from tongyan.accounts.sessions import start_session
from tongyan.app import create_app
from tongyan.kernel.db import Base, db
from tongyan.kernel.schema import alembic_config

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = ["--no-sandbox", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 360, "height": 740}
WATCH_POLICY = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


class Site:
    """A running server, and an application that looks at the same data."""

    def __init__(self, server: Server, app: Flask) -> None:
        self.server, self.app = server, app
        self.url = server.url
        with app.app_context():
            Base.metadata.create_all(db.engine)
            command.stamp(alembic_config(), "head")
            self.world = make_world(server.data_dir)

    def cookie(self, person_id: UUID) -> dict[str, str]:
        """Return the cookie of a browser that is signed in here."""
        return cookie(self.app, person_id, self.url)


def cookie(app: Flask, person_id: UUID, url: str) -> dict[str, str]:
    """Return the cookie of a signed-in browser (a real session row, no password typed)."""
    with app.test_request_context():
        person = db.session.get_one(Person, person_id)
        cookie_session["token"] = start_session(person, Machine("127.0.0.1", "pytest", "known"), factor=True)
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        value = signer.dumps(dict(cookie_session))
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": url}


class Guest:
    """Somebody at a browser of their own; everything that should not happen is written down."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site, self.context = site, context
        self.problems: list[str] = []
        self.expected: list[str] = []
        context.add_init_script(WATCH_POLICY)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        self.page: Page = context.new_page()

    def go(self, path: str) -> Page:
        """Open a page of ours."""
        self.page.goto(self.site.url + path)
        return self.page

    def expect(self, *parts: str) -> None:
        """Allow what a test provokes: messages that hold one of these."""
        self.expected += parts

    def unexpected(self) -> list[str]:
        """Return what happened against the rules."""
        return [problem for problem in self.problems if not any(part in problem for part in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and f"{parts.scheme}://{parts.netloc}" != self.site.url:
            self.problems.append(f"foreign: {request.url}")

    def _failed(self, request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # a page that was left stops what it was loading
            self.problems.append(f"failed: {request.url} {request.failure}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Give one Chromium, without a way out of this machine."""
    if PROGRAM is None:
        pytest.fail("no chromium: run ./dev test")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session", params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give databases of the browsers' own: the other tests empty theirs."""
    with empty_database(request.param, tmp_path_factory) as url:
        yield url


@pytest.fixture(scope="session")
def site(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give the running product on each database."""
    folder = tmp_path_factory.mktemp("site")
    app = create_app(settings_for_tests(database, folder))
    server = Server(folder, database)
    try:
        running = Site(server, app)
        server.start()
        yield running
    finally:
        server.stop()
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def world(site: Site) -> SimpleNamespace:
    """Give ids and names of the small world."""
    return site.world


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Callable[..., Guest]]:
    """Give browsers by role (nobody is signed in without one); at the end nothing may have gone wrong in any."""
    guests: list[Guest] = []

    def come(role: str = "", **options: object) -> Guest:
        context = chromium.new_context(**{"viewport": WIDE, "locale": "zh-CN", "accept_downloads": True} | options)
        if role:
            context.add_cookies([site.cookie(site.world.person[role])])
        guests.append(Guest(site, context))
        return guests[-1]

    yield come
    problems = [problem for guest in guests for problem in guest.unexpected()]
    for guest in guests:
        guest.context.close()
    assert not problems, "\n".join(problems)
