"""What all doors of the API have in common."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from tests.sessions import open_access
from tongyan.library.models import Resource

Program = Callable[..., FlaskClient]


def doors(app: Flask) -> list[tuple[str, str]]:
    """Return every method and rule of the API."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.")]
    return [(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]


def test_openapi_describes_every_door(app: Flask, client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").json
    validate(described)
    assert described["openapi"].startswith("3.1")
    there = {
        (method.upper(), path)
        for path, methods in described["paths"].items()
        for method in methods
        if method != "parameters"
    }
    named = {
        (method, rule.replace("<uuid:", "{").replace("<int:", "{").replace(">", "}")) for method, rule in doors(app)
    }
    assert there == named


def test_every_door_says_what_it_does(client: FlaskClient) -> None:
    for path, methods in client.get("/api/v1/openapi.json").json["paths"].items():
        for method, said in methods.items():
            if method != "parameters":
                assert said["summary"], (method, path)
                assert said["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}


def test_a_refusal_has_the_shape_of_the_house(client: FlaskClient, own: FlaskClient) -> None:
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json.keys() == {"ok", "code", "message", "errors"}
    assert (answer.json["ok"], answer.json["code"]) == (False, "token.missing")
    missing = own.get("/api/v1/there-is-none")
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")
    assert own.delete("/api/v1/me").status_code == 405


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"version": 1, "colour": "red"}, {"colour": ["没有这一项。"]}),
        ({"title": "改名"}, {"version": ["缺少这一项。"]}),
        ({"version": "many"}, {"version": ["这一项的内容不对。"]}),
        ({"version": 1, "kind": "poem"}, {"kind": ["这一项的内容不对。"]}),
        ({"version": 1, "contributors": [{"name": "甲", "age": 3}]}, {"contributors.0.age": ["没有这一项。"]}),
        ([1, 2], {"_schema": ["这一项的内容不对。"]}),
    ],
)
def test_what_does_not_fit_is_refused_by_field(
    own: FlaskClient, lesson: Resource, sent: Any, errors: dict[str, list[str]]
) -> None:
    answer = own.patch(f"/api/v1/resources/{lesson.id}", json=sent)
    assert (answer.status_code, answer.json["errors"]) == (422, errors)


def test_an_unknown_filter_is_refused_too(own: FlaskClient) -> None:
    answer = own.get("/api/v1/resources?colour=red&size=1000")
    assert answer.status_code == 422
    assert answer.json["errors"].keys() == {"colour", "size"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"title=a", "application/x-www-form-urlencoded", 415),
        (b"\xff", "application/json", 400),
    ],
)
def test_a_body_that_is_no_json_is_refused(
    own: FlaskClient, lesson: Resource, body: bytes, kind: str, status: int
) -> None:
    answer = own.patch(f"/api/v1/resources/{lesson.id}", data=body, content_type=kind)
    assert answer.status_code == status
    assert answer.json["ok"] is False


def test_a_token_that_only_reads_changes_nothing(app: Flask, cast: SimpleNamespace, program: Program) -> None:
    reader = program(cast.owner, may_write=False)
    assert reader.get("/api/v1/resources").status_code == 200
    for method, rule in doors(app):
        if method == "GET":
            continue
        path = re.sub(r"<uuid:\w+>", str(uuid4()), re.sub(r"<int:\w+>", "1", rule))
        answer = reader.open(path, method=method, json={})
        assert (answer.status_code, answer.json["code"]) == (403, "token.read_only"), (method, rule)


def test_a_token_asks_six_hundred_times_a_minute_at_most(counting: Flask, cast: SimpleNamespace) -> None:
    one, other = (open_access(counting, cast.owner) for _ in range(2))
    answers = [one.get("/api/v1/curriculum").status_code for _ in range(601)]
    assert (answers[:600].count(200), answers[600]) == (600, 429)
    assert one.get("/api/v1/me").json["code"] == "too_many"
    assert other.get("/api/v1/curriculum").status_code == 200
