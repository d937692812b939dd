"""The search page and the suggestions of the real server, at 100,000 resources, while twenty people search."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from bench import Row
from bench._search.asking import questions
from bench._search.built import corpus, has_postgres
from bench._search.corpus import DOCUMENTS, Corpus
from bench._search.people import Crowd
from bench._search.speed import p95
from bench._world import fill, key
from tests.conftest import postgres_database, settings_for_tests
from tests.remote import Browserlike
from tests.server import Server
from tongyan.accounts.models import Person
from tongyan.app import create_app
from tongyan.kernel import search_jobs
from tongyan.kernel.db import db

PEOPLE, SECONDS, QUIET = 20, 45.0, 20.0
LIMITS = {"page": 80.0, "suggestions": 40.0}
LONGEST = 100  # characters of a title
PEER = "the same for one person alone"


def run(number: int = DOCUMENTS) -> list[Row]:
    """Fill a database, build the index, and let people search."""
    given = corpus(number)
    texts = [query.text for query in questions(given)]
    with tempfile.TemporaryDirectory(prefix="tongyan-") as name, _database(Path(name)) as url:
        app = create_app(settings_for_tests(url, Path(name)))
        with app.app_context():
            people = _prepare(app, given, server := Server(Path(name), url))
            try:
                server.start("web")
                alone = Crowd(server.port, people[:1], texts).search(QUIET)
                together = Crowd(server.port, people, texts).search(SECONDS)
            finally:
                server.stop()
                db.session.rollback()
                db.engine.dispose()
    return [
        Row(f"search {kind}, 20 people at once, p95", p95(together[kind]), p95(alone[kind]), PEER, limit=limit)
        for kind, limit in LIMITS.items()
    ]


def _prepare(app: Flask, given: Corpus, server: Server) -> list[Browserlike]:
    fill(len(given.ids), ((each.title[:LONGEST], each.body) for each in given.load(given.ids)))
    begun = time.perf_counter()
    documents = search_jobs.rebuild(lambda _percent: None)
    print(f"index of {documents} things in {time.perf_counter() - begun:.0f} s")
    people = [Browserlike(server, app, db.session.get_one(Person, key("person", each))) for each in range(PEOPLE)]
    db.session.rollback()
    return people


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    if not has_postgres():
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    with postgres_database() as url:
        yield url
