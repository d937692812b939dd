"""The person menu: in whose name one acts, language, theme; and the reports of browsers."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import fresh, post
from tongyan.accounts.models import Person
from tongyan.org.models import PostingKind

SignIn = Callable[[Person], FlaskClient]


def test_one_acts_for_another_of_ones_schools(cast: SimpleNamespace, sign_in: SignIn) -> None:
    post(cast.owner, cast.rural, PostingKind.SERVING)
    client = sign_in(cast.owner)
    menu = client.get("/menu/schools").text
    assert cast.core.name in menu
    assert cast.rural.name in menu
    assert client.post("/menu/school", data={"school": str(cast.rural.id)}).status_code == 302
    assert fresh(Person, cast.owner.id).acting_school_id == cast.rural.id


def test_the_menu_names_ones_offices_and_what_they_are_over(cast: SimpleNamespace, sign_in: SignIn) -> None:
    menu = sign_in(cast.head).get("/menu/schools").text
    assert "执行校长" in menu
    assert menu.count(cast.core.name) == 2, "as a school to act for, and as what the office is over"
    assert "我的职务" not in sign_in(cast.colleague).get("/menu/schools").text


@pytest.mark.parametrize("school", ["", "nonsense"])
def test_one_acts_for_no_school_that_is_none(cast: SimpleNamespace, sign_in: SignIn, school: str) -> None:
    assert sign_in(cast.owner).post("/menu/school", data={"school": school}).status_code == 404


def test_one_acts_for_no_foreign_school(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert sign_in(cast.owner).post("/menu/school", data={"school": str(cast.other.id)}).status_code == 404
    assert fresh(Person, cast.owner.id).acting_school_id is None


def test_without_a_school_the_menu_says_so(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert "目前没有任职学校" in sign_in(cast.former).get("/menu/schools").text


def test_language_and_theme_stay_with_the_person(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    client.post("/menu/preferences", data={"locale": "en", "theme": "dark"})
    page = client.get("/").text
    assert '<html lang="en" data-bs-theme="dark">' in page
    assert "Sign out" in page
    assert "退出登录" not in page


def test_strangers_keep_their_language_in_the_browser(client: FlaskClient) -> None:
    client.post("/menu/preferences", data={"locale": "en"})
    assert 'lang="en"' in client.get("/sign-in").text


def test_nonsense_is_no_preference(client: FlaskClient) -> None:
    client.post("/menu/preferences", data={"locale": "xx", "theme": "pink"})
    page = client.get("/sign-in").text
    assert '<html lang="zh-CN" data-bs-theme="auto">' in page


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        ("http://localhost/library?page=2", "/library?page=2"),
        ("http://localhost/nowhere", "/"),
        ("http://evil.example/library", "/"),
        ("", "/"),
    ],
)
def test_a_choice_leads_back_to_where_it_was_made(client: FlaskClient, came_from: str, goes_to: str) -> None:
    answer = client.post("/menu/preferences", data={"theme": "dark"}, headers={"Referer": came_from})
    assert answer.headers["Location"] == goes_to


def test_reports_of_browsers_are_taken_from_anybody(client: FlaskClient) -> None:
    assert client.post("/csp-report", data=b'{"csp-report": {}}').status_code == 204


def test_a_page_that_refuses_a_form_has_a_whole_policy(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = client.post("/menu/preferences", headers={"X-CSRF-Token": "forged"})
    assert answer.status_code == 400
    assert re.search("'nonce-[^']{16,}'", answer.headers["Content-Security-Policy"])
