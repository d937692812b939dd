"""What people are told: counted at the bell, listed, opened, read."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import time_machine
from flask.testing import FlaskClient

from tests.factories import fresh
from tongyan.accounts.models import Notice, Person
from tongyan.accounts.notices import NoticeSpec, notify
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction

SignIn = Callable[[Person], FlaskClient]
KIND = "accounts.password"


def tell(person: Person, url: str = "/account") -> Notice:
    """Tell a person something."""
    with transaction():
        notify([NoticeSpec(person.id, KIND, url)])
    notice: Notice = db.session.query(Notice).order_by(Notice.created_at.desc(), Notice.id.desc()).first()
    return notice


def at_the_bell(client: FlaskClient) -> str:
    """Return what the bell of the desk says."""
    return client.get("/").text.partition('class="bar-button"')[2].partition("</a>")[0]


def test_the_bell_counts_what_is_unread(cast: SimpleNamespace, sign_in: SignIn) -> None:
    tell(cast.owner)
    tell(cast.owner)
    assert "2 条未读" in at_the_bell(sign_in(cast.owner))


def test_the_bell_counts_too_when_the_page_is_the_first_for_minutes(cast: SimpleNamespace, sign_in: SignIn) -> None:
    tell(cast.owner)
    client = sign_in(cast.owner)
    with time_machine.travel(now() + timedelta(minutes=5), tick=False):
        assert "1 条未读" in at_the_bell(client)


def test_nobody_hears_what_others_are_told(cast: SimpleNamespace, sign_in: SignIn) -> None:
    notice = tell(cast.owner)
    client = sign_in(cast.colleague)
    assert "0 条未读" in at_the_bell(client)
    assert str(notice.id) not in client.get("/notices").text
    assert client.post(f"/notices/{notice.id}").status_code == 404
    assert fresh(Notice, notice.id).read_at is None


def test_a_notice_leads_to_what_it_is_about_and_counts_as_read(cast: SimpleNamespace, sign_in: SignIn) -> None:
    notice = tell(cast.owner, "/account")
    client = sign_in(cast.owner)
    assert "您的密码已更改" in client.get("/notices").text
    assert client.post(f"/notices/{notice.id}").headers["Location"] == "/account"
    assert fresh(Notice, notice.id).read_at is not None
    assert "0 条未读" in at_the_bell(client)


def test_all_can_be_read_at_once(cast: SimpleNamespace, sign_in: SignIn) -> None:
    tell(cast.owner)
    other = tell(cast.colleague)
    client = sign_in(cast.owner)
    assert client.post("/notices/read").status_code == 302
    assert "0 条未读" in at_the_bell(client)
    assert fresh(Notice, other.id).read_at is None


def test_without_notices_the_page_says_so(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert "没有" in sign_in(cast.owner).get("/notices").text


def test_a_page_behind_the_last_one_leads_back(cast: SimpleNamespace, sign_in: SignIn) -> None:
    tell(cast.owner)
    page = sign_in(cast.owner).get("/notices?page=9").text
    assert "这一页没有内容" in page
    assert "没有通知" not in page
