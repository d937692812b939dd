"""Shared resources with words in them, made without ingest; pages as a browser without scripts sees them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import save
from tests.library.conftest import bring, ingested, owner, shared
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.ids import new_id
from tongyan.kernel.jobs import enqueue
from tongyan.kernel.permissions import group_key
from tongyan.kernel.searchables import index_spec
from tongyan.library.models import FileState, FileText, Licence, Resource, ResourceFile, ResourceKind, ResourceState

__all__ = ["bring", "ingested", "owner", "shared"]  # fixtures of the library's tests

Found = Callable[..., "Page"]


class Page:
    """What a page of results shows."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
        self.titles = [re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<h2>\s*<a [^>]*>(.*?)</a>", html, re.S)]
        self.marks = re.findall(r"<mark>(.*?)</mark>", html)
        self.total = int((re.search(r"找到 (\d+) 个结果", html) or [0, "-1"])[1])
        self.counts = {
            name: int(number)
            for name, number in re.findall(r'id="((?:subject|grade|type|school)-[^"]+)".*?num[^>]*>(\d+)<', html, re.S)
        }


def open_search(browser: FlaskClient, **query: Any) -> Page:
    """Open the page of results."""
    answer = browser.get(f"/search?{urlencode(query, doseq=True)}")
    assert answer.status_code == 200
    return Page(answer.text)


def suggested(browser: FlaskClient, text: str) -> list[str]:
    """Return what is suggested while one types."""
    answer = browser.get("/search/suggest", query_string={"q": text}).get_json()
    return [each["text"] for each in answer["suggestions"]]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is asked of the database."""
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def publish_all(cast: SimpleNamespace) -> Callable[..., list[Resource]]:
    """Publish resources (title: what its file says), to the first group unless told otherwise."""

    def make(texts: dict[str, str], by: Person = cast.owner, **values: Any) -> list[Resource]:
        defaults = {
            "kind": ResourceKind.COURSEWARE, "audience": group_key(cast.group_a.id), "subject": "语文", "grade": 3,
            "school_id": cast.core.id, "licence": Licence.CC_BY, "published_at": now(),
            "state": ResourceState.PUBLISHED,
        }  # fmt: skip
        resources = [Resource(id=new_id(), title=title, owner_id=by.id, **(defaults | values)) for title in texts]
        files = [
            ResourceFile(
                id=new_id(),
                resource_id=each.id,
                name="a.txt",
                size=1,
                sha256="0" * 64,
                state=FileState.READY,
            )
            for each in resources
        ]
        save(*resources, *files)
        save(*(FileText(file_id=file.id, page=1, text=text) for file, text in zip(files, texts.values(), strict=True)))
        with transaction():
            enqueue(index_spec("resource", [each.id for each in resources]))
        return resources

    return make


@pytest.fixture
def publish(publish_all: Callable[..., list[Resource]]) -> Callable[..., Resource]:
    """Publish one resource."""
    return lambda title, text="", **values: publish_all({title: text}, **values)[0]


@pytest.fixture
def indexed(app: Flask, run_jobs: Callable[[], int]) -> Callable[[], int]:
    """Make the index (the first change asks for a rebuild) and bring it up to date."""
    return run_jobs
