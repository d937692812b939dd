"""The corpus in every engine: built once for all that is measured in a run, in a folder and a database of its own."""

import atexit
import os
import tempfile
import time
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import LiteralString, NamedTuple
from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from bench._search.corpus import Corpus
from bench._search.engines import POSTGRES, TANTIVY, Place

_kept = ExitStack()
atexit.register(_kept.close)


class Built(NamedTuple):
    """An index, and how many documents a second went in."""

    place: Place
    speed: float


@cache
def corpus(number: int) -> Corpus:
    """Return the first so many documents."""
    return Corpus(number)


@cache
def built(engine: str, number: int) -> Built:
    """Build an index of so many documents."""
    folder = Path(_kept.enter_context(tempfile.TemporaryDirectory(prefix="tongyan-")))
    place = Place(engine, folder, _database() if engine == POSTGRES else "")
    documents, begun = corpus(number), time.perf_counter()
    opened = place.open()
    if engine == TANTIVY:
        opened.put(documents.load(documents.ids))
    else:
        opened.rebuild(documents.ids, documents.load)
    return Built(place, number / (time.perf_counter() - begun))


def has_postgres() -> bool:
    """Say whether there is a PostgreSQL to measure with; `./dev bench` starts one where it is installed."""
    return bool(os.environ.get("TONGYAN_TEST_POSTGRES_URL"))


def _database() -> str:
    """Make a database of our own; it is dropped at the end."""
    server = os.environ["TONGYAN_TEST_POSTGRES_URL"].replace("+psycopg", "")
    name = f"bench_{uuid4().hex}"
    _run(server, f'CREATE DATABASE "{name}"')
    _kept.callback(_run, server, f'DROP DATABASE "{name}" WITH (FORCE)')
    return make_conninfo(server, dbname=name)


def _run(server: str, statement: LiteralString) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
