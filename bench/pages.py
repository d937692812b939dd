"""Ordinary pages at 100,000 resources and 1,000 people, on the server: p95, beside bare sqlite3 doing a list's work."""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from flask.testing import FlaskClient

from bench import Row
from bench._world import fill, key, shared_resource, teacher
from tests.conftest import settings_for_tests
from tests.sessions import open_session
from tongyan.app import create_app
from tongyan.curriculum.seeding import node_id
from tongyan.kernel.db import db
from tongyan.kernel.permissions import PUBLIC, group_key, school_key, user_key

ROUNDS = 60
LIMIT_MS = 60.0
BOOK = node_id("primary", "语文", "统编版", "三年级", "上册", "2022", "")
SUBJECT = node_id("primary", "英语")
EDITION = node_id("primary", "语文", "统编版")
TREE_LIMIT_MS = 100.0  # pages of the tree count the whole library
PAGES = {
    "desk": "/",
    "library": "/library",
    "library, one subject and grade": "/library?subject=语文&grade=3",
    "library, page 200": "/library?page=200",
    "library, every edition": "/library?editions=all",
    "library, one book": f"/library?node={BOOK}",
    "library, mine": "/library?mine=1",
    "curriculum": "/curriculum",
    "curriculum, one subject": f"/curriculum/{SUBJECT}",
    "curriculum, one subject in every edition": f"/curriculum/{SUBJECT}?all=1",
    "curriculum, one edition": f"/curriculum/{EDITION}",
    "curriculum, one book": f"/curriculum/{BOOK}",
    "coverage, one book": f"/curriculum/{BOOK}/coverage",
    "coverage, one subject": f"/curriculum/{SUBJECT}/coverage",
    "library, one domain": "/library?subject=英语&domain=人与自我",
    "library, one domain of any subject": "/library?domain=人与自我",
    "group": "/group",
    "notices": "/notices",
}


def run() -> list[Row]:
    """Fill a database and measure every page."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        app = create_app(settings_for_tests(f"sqlite:///{path}", Path(folder)))
        with app.app_context():
            fill()
            client = open_session(app, teacher())
            pages = PAGES | {"resource": f"/library/{shared_resource()}"}
            db.session.rollback()
        peer = p95(lambda: bare_list(path))
        return [_row(client, name, url, peer) for name, url in pages.items()]


def _row(client: FlaskClient, name: str, url: str, peer: float) -> Row:
    status = client.get(url).status_code
    if status != 200:
        raise RuntimeError(f"{url}: {status}")
    limit = TREE_LIMIT_MS if name.startswith(("curriculum", "coverage")) else LIMIT_MS
    return Row(f"page: {name}, p95", p95(lambda: client.get(url)), peer, "bare sqlite3 list", limit=limit)


def bare_list(path: Path) -> str:
    """Do the least that a list page needs: rights, count, one page of rows, and a string of them."""
    keys = [PUBLIC, user_key(key("person", 0)), school_key(key("school", 0)), group_key(key("group", 0))]
    marks = ",".join("?" * len(keys))
    where = f"from resource where state = 'published' and audience in ({marks})"  # only question marks are put in
    with closing(sqlite3.connect(path)) as connection:
        total = connection.execute(f"select count(*) {where}", keys).fetchone()
        rows = connection.execute(f"select id, title {where} order by published_at desc, id desc limit 24", keys)
        return f"{total}" + "".join(f"<li>{row[0]} {row[1]}</li>" for row in rows)


def p95(work: Callable[[], object]) -> float:
    """Return the 95th percentile of the time of one call, in milliseconds."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(times, n=20)[-1]
