"""Accounts from the console of the server: the first administrator, and the last one who is locked out."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.helpers import NEW_PASSWORD, code_now, enter, make_factor_user, reload
from tongyan.accounts import factors
from tongyan.accounts.authentication import find_person
from tongyan.accounts.models import Person
from tongyan.kernel.db import db
from tongyan.kernel.errors import Invalid


def run(app: Flask, *words: str) -> str:
    """Run a command and return what it printed."""
    result = app.test_cli_runner().invoke(args=["people", *words], catch_exceptions=False)
    db.session.rollback()
    return str(result.output).strip()


def test_a_fresh_installation_has_no_accounts(app: Flask) -> None:
    assert db.session.query(Person).count() == 0


def test_the_first_administrator_sets_their_own_password(app: Flask, client: FlaskClient) -> None:
    url = run(app, "create-admin", "管理员", "head.admin")
    person = find_person("head.admin")
    assert person is not None
    assert (person.is_admin, person.password) == (True, None)
    client.post(url, data={"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert enter(client, person, NEW_PASSWORD).status_code == 302


def test_a_name_can_be_taken_only_once(app: Flask) -> None:
    run(app, "create-admin", "管理员", "head.admin")
    with pytest.raises(Invalid):
        run(app, "create-admin", "管理员", "HEAD.admin")


def test_the_console_gives_a_new_link(app: Flask, client: FlaskClient) -> None:
    run(app, "create-admin", "管理员", "head.admin")
    assert client.get(run(app, "link", "head.admin")).status_code == 200


def test_the_console_releases_a_lost_factor_alone(app: Flask) -> None:
    person, _ = make_factor_user()
    run(app, "release-factor", person.login)
    assert reload(person).tf_totp_secret is None


def test_the_console_lets_an_old_key_be_thrown_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person, key = make_factor_user()
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [app.config["SECRET_KEY"]])
    monkeypatch.setitem(app.config, "SECRET_KEY", "another-secret-that-is-long-enough-for-the-rule")
    make_factor_user()
    assert run(app, "encrypt-factors") == "1 encrypted anew"
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [])
    assert factors.use_code(person.id, code_now(key))


def test_unknown_names_are_said(app: Flask) -> None:
    assert "no such person" in run(app, "link", "nobody")
