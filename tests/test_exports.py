"""Lists that are taken along: the trail knows of each, and nobody keeps the server busy with them."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.helpers import audited
from tests.sessions import open_session
from tongyan.accounts.models import Person

SignIn = Callable[[Person], FlaskClient]


@pytest.mark.parametrize(
    ("role", "path", "name"),
    [
        ("admin", "/admin/people/export.xlsx", "人员.xlsx"),
        ("admin", "/admin/schools/export.xlsx", "学校.xlsx"),
        ("owner", "/library/export.xlsx", "课程资源.xlsx"),
    ],
)
def test_every_list_that_is_taken_along_is_in_the_trail(
    cast: SimpleNamespace, sign_in: SignIn, role: str, path: str, name: str
) -> None:
    person = getattr(cast, role)
    assert sign_in(person).get(path).status_code == 200
    assert [(entry.actor_id, entry.data) for entry in audited("list.export")] == [(person.id, {"name": name})]


def test_an_empty_sheet_to_fill_in_is_not_in_the_trail(cast: SimpleNamespace, sign_in: SignIn) -> None:
    answer = sign_in(cast.admin).get("/admin/people/import/template.xlsx")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="______.xlsx"; filename*=UTF-8')
    assert audited("list.export") == []


def test_nobody_exports_the_library_all_day_long_nor_stops_others(counting: Flask, cast: SimpleNamespace) -> None:
    mine, theirs = open_session(counting, cast.owner), open_session(counting, cast.colleague)
    answers = [mine.get("/library/export.xlsx").status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
    assert theirs.get("/library/export.xlsx").status_code == 200
