"""Parts that fetch themselves anew: whatever can hold the focus has an id, by which it gets the focus back."""

import io
from collections.abc import Callable
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.factories import save
from tongyan.accounts.models import Person
from tongyan.accounts.notices import NoticeSpec, notify
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.jobs import Job, JobState
from tongyan.library import services as library
from tongyan.org.actors import actor_for

FOCUSABLE = {"a", "button", "input", "select", "summary", "textarea"}
EMPTY = {"br", "hr", "img", "input"}


class Renewing(HTMLParser):
    """Collects what can hold the focus within the parts that fetch themselves anew."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._inside = 0
        self.stops: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if self._inside and tag in FOCUSABLE and values.get("type") != "hidden":
            self.stops.append(values)
        begins = (values.get("hx-trigger") or "").startswith("every ")
        if tag not in EMPTY and (self._inside or begins):
            self._inside += 1

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag not in EMPTY:
            self._inside -= 1


@pytest.mark.parametrize(
    ("role", "path", "stops"), [("owner", "/", 3), ("owner", "/library/upload", 7), ("admin", "/admin/jobs", 3)]
)
def test_whatever_can_hold_the_focus_has_an_id(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], role: str, path: str, stops: int
) -> None:
    person = getattr(cast, role)
    actor = actor_for(person)
    for name, received in (("山行.txt", b"words"), ("半份.txt", b"wor")):
        library.receive(actor, library.start_upload(actor, name, 5).id, 0, io.BytesIO(received))
    with transaction():
        notify([NoticeSpec(person.id, "accounts.password", "/account")])
    for _ in range(2):
        save(Job(kind="library.ingest_file", args={}, state=JobState.PARKED, attempts=3, ended_at=now()))

    found = Renewing(sign_in(person).get(path).text).stops

    assert len(found) >= stops
    assert [values for values in found if not values.get("id")] == []
