"""One-time links: activation and lost passwords."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.helpers import NEW_PASSWORD, audited, enter, is_in, make_factor_user, make_user, reload
from tests.factories import make_person
from tests.sessions import open_session
from tongyan.accounts import recovery, service
from tongyan.accounts.jobs import send_reset
from tongyan.accounts.models import OneTimeLink, Person
from tongyan.kernel import mail
from tongyan.kernel.clock import now
from tongyan.kernel.db import db
from tongyan.kernel.errors import Forbidden, NotFound
from tongyan.kernel.jobs import Job
from tongyan.org.actors import actor_for


def letters() -> list[str]:
    """Return the texts of the letters sent."""
    folder = mail.outbox()
    files = sorted(folder.iterdir()) if folder.exists() else []
    messages = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    return [message.get_content() for message in messages]


def path_in(letter: str) -> str:
    """Return the path of the link in a letter."""
    found = re.search(r"http://localhost(/sign-in/link/\w+)", letter)
    assert found
    return found[1]


def ask(client: FlaskClient, name: str, run_jobs, **values) -> list[str]:  # type: ignore[no-untyped-def]
    """Ask for a letter and return all letters."""
    assert client.post("/sign-in/forgot", data={"name": name}, **values).status_code == 200
    run_jobs()
    return letters()


def set_password(client: FlaskClient, path: str, password: str = NEW_PASSWORD) -> int:
    """Fill in the page of a link."""
    return client.post(path, data={"password": password, "again": password}).status_code


@pytest.mark.parametrize("name", ["wang.min", "min@school.cn"])
def test_the_link_in_the_letter_sets_a_new_password_once(client: FlaskClient, run_jobs, name: str) -> None:  # type: ignore[no-untyped-def]
    person = make_user(login="wang.min", email="min@school.cn")
    (letter,) = ask(client, name, run_jobs)
    path = path_in(letter)
    assert client.get(path).status_code == 200
    assert client.get(path).status_code == 200, "opening does not use it up"
    assert set_password(client, path) == 302
    assert not is_in(client), "a link signs nobody in"
    assert set_password(client, path, "another-quiet-river-stone") == 404
    assert enter(client, person, NEW_PASSWORD).status_code == 302
    assert audited("password.reset")


def test_unknown_names_get_the_same_answer_and_no_letter(client: FlaskClient, run_jobs) -> None:  # type: ignore[no-untyped-def]
    make_user(login="known", email="known@school.cn")
    make_user(login="closed", email="closed@school.cn", active=False)
    make_user(login="silent")
    with time_machine.travel(now(), tick=False):  # the token of a page holds the second in which it was drawn
        known, *others = (
            client.post("/sign-in/forgot", data={"name": name})
            for name in ("known", "closed", "silent", "nobody", "x@y.cn")
        )
    assert {(answer.status_code, answer.text) for answer in others} == {(200, known.text)}
    run_jobs()
    assert len(letters()) == 1


def test_a_mailed_link_lasts_half_an_hour(client: FlaskClient, run_jobs) -> None:  # type: ignore[no-untyped-def]
    make_user(login="wang", email="min@school.cn")
    path = path_in(ask(client, "wang", run_jobs)[0])
    with time_machine.travel(now() + timedelta(minutes=29)):
        assert client.get(path).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=31)):
        assert client.get(path).status_code == 404
        assert set_password(client, path) == 404
        recovery.sweep()
    db.session.rollback()
    assert db.session.query(OneTimeLink).count() == 0


def test_a_new_link_voids_the_one_before(client: FlaskClient, run_jobs) -> None:  # type: ignore[no-untyped-def]
    make_user(login="wang", email="min@school.cn")
    ask(client, "wang", run_jobs)
    first, second = map(path_in, ask(client, "wang", run_jobs))
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_three_letters_an_hour(client: FlaskClient, run_jobs) -> None:  # type: ignore[no-untyped-def]
    make_user(login="wang", email="min@school.cn")
    answers = [client.post("/sign-in/forgot", data={"name": "wang"}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_links_lead_to_the_public_address_whatever_the_host_header_says(client: FlaskClient, run_jobs) -> None:  # type: ignore[no-untyped-def]
    make_user(login="wang", email="min@school.cn")
    assert client.post("/sign-in/forgot", data={"name": "wang"}, headers={"Host": "evil.cn"}).status_code == 400
    (letter,) = ask(client, "wang", run_jobs, headers={"X-Forwarded-Host": "evil.cn"})
    assert "evil.cn" not in letter
    assert path_in(letter)


def test_a_reset_does_not_get_around_the_second_factor(client: FlaskClient, run_jobs) -> None:  # type: ignore[no-untyped-def]
    person, _ = make_factor_user(email="min@school.cn")
    set_password(client, path_in(ask(client, person.login, run_jobs)[0]))
    assert enter(client, person, NEW_PASSWORD).location == "/sign-in/code"
    assert not is_in(client)


def test_a_reset_ends_all_sessions(client: FlaskClient, app: Flask, run_jobs) -> None:  # type: ignore[no-untyped-def]
    person = make_user(email="min@school.cn")
    browser = open_session(app, person)
    set_password(client, path_in(ask(client, person.login, run_jobs)[0]))
    assert not is_in(browser)


def test_an_administrator_starts_a_reset_but_never_learns_the_password(app: Flask, client: FlaskClient) -> None:
    person, admin = make_user(), make_person(is_admin=True)
    before = reload(person).password
    link = recovery.start_reset(actor_for(admin), person.id)
    assert reload(person).password == before, "nothing changes until the person acts"
    assert link.code in link.url
    assert link.code not in str([entry.data for entry in audited("password.start_reset")])
    assert set_password(client, f"/sign-in/link/{link.code}") == 302
    assert enter(client, person, NEW_PASSWORD).status_code == 302


def test_an_activation_lasts_three_days(app: Flask, client: FlaskClient) -> None:
    admin = actor_for(make_person(is_admin=True))
    person = service.create_person(admin, name="新老师", login="xin.laoshi")
    assert person.password is None
    link = recovery.start_reset(admin, person.id)
    with time_machine.travel(now() + timedelta(hours=71)):
        assert client.get(f"/sign-in/link/{link.code}").status_code == 200
    with time_machine.travel(now() + timedelta(hours=73)):
        assert client.get(f"/sign-in/link/{link.code}").status_code == 404


def test_the_code_can_be_typed_with_any_spacing_and_case(app: Flask, client: FlaskClient) -> None:
    person, admin = make_person(), make_person(is_admin=True)
    code = recovery.start_reset(actor_for(admin), person.id).code
    typed = " " + "-".join(code[start : start + 4] for start in range(0, len(code), 4)).upper()
    answer = client.post("/sign-in/activate", data={"code": typed})
    assert set_password(client, answer.location) == 302
    assert reload(person).must_change_password is False


@pytest.mark.parametrize(
    ("typed", "said"), [("abcd-efgh", "激活码不对"), ("a/b", "激活码不对"), (" ", "请填写激活码。")]
)
def test_a_code_that_is_mistyped_can_be_mended(app: Flask, client: FlaskClient, typed: str, said: str) -> None:
    answer = client.post("/sign-in/activate", data={"code": typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{typed}"' in answer.text


def test_a_weak_password_does_not_use_the_link_up(app: Flask, client: FlaskClient) -> None:
    person, admin = make_person(), make_person(is_admin=True)
    path = f"/sign-in/link/{recovery.start_reset(actor_for(admin), person.id).code}"
    assert set_password(client, path, "jiaoyanzu2026") == 422
    assert set_password(client, path) == 302


def test_only_administrators_start_a_reset_and_not_their_own(app: Flask) -> None:
    person, colleague, admin = make_person(), make_person(), make_person(is_admin=True)
    with pytest.raises(NotFound):
        recovery.start_reset(actor_for(colleague), person.id)
    with pytest.raises(Forbidden):
        recovery.start_reset(actor_for(colleague), colleague.id)
    with pytest.raises(Forbidden):
        recovery.start_reset(actor_for(admin), admin.id)


def test_made_up_and_foreign_codes_are_missing(client: FlaskClient) -> None:
    for code in ("x", "0" * 28, "a" * 5000, "％２ｆ", "..", "%00"):
        assert client.get(f"/sign-in/link/{code}").status_code == 404


def test_a_link_of_a_closed_account_is_dead(app: Flask, client: FlaskClient) -> None:
    person, admin = make_person(), make_person(is_admin=True)
    link = recovery.start_reset(actor_for(admin), person.id)
    service.disable_person(actor_for(admin), person.id)
    assert client.get(f"/sign-in/link/{link.code}").status_code == 404


def test_secrets_are_stored_hashed(app: Flask) -> None:
    person, admin = make_person(), make_person(is_admin=True)
    link = recovery.start_reset(actor_for(admin), person.id)
    row = db.session.query(OneTimeLink).one()
    assert link.code not in (row.secret_hash, row.password_mark)


def test_running_the_letter_twice_leaves_one_good_link(client: FlaskClient, app: Flask) -> None:
    person: Person = make_user(email="min@school.cn")
    for _ in range(2):
        send_reset(Job(args={"name": person.login}))
    statuses = sorted(client.get(path_in(letter)).status_code for letter in letters())
    assert statuses == [200, 404]


def test_two_browsers_cannot_use_one_link(app: Flask) -> None:
    person, admin = make_person(), make_person(is_admin=True)
    path = f"/sign-in/link/{recovery.start_reset(actor_for(admin), person.id).code}"
    passwords = ["seven-brown-lanterns-drift", "another-quiet-river-stone", "eleven-warm-kettles-hum"]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda password: set_password(app.test_client(), path, password), passwords))
    assert sorted(answers) == [302, 404, 404]
