"""The trail as administrators read it: narrowed, taken along, proved whole."""

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.accounts.helpers import audited
from tests.org.sheets import cells_of, types_of
from tongyan.accounts import service as accounts
from tongyan.accounts.models import Person
from tongyan.kernel import audit, oversight
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Forbidden
from tongyan.kernel.oversight import TrailFilters
from tongyan.kernel.permissions import SYSTEM, Actor


@pytest.fixture
def browser(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.admin)


@pytest.fixture
def admin(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    return actor(cast.admin)


def page(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_an_empty_trail_says_what_it_is_for(browser: FlaskClient) -> None:
    shown = page(browser, "/admin/audit")
    assert "还没有记录" in shown
    assert "还没有核对过" in shown


def test_deeds_are_shown_in_words(browser: FlaskClient, admin: Actor) -> None:
    person = accounts.create_person(admin, name="王小美", login="wang")
    shown = page(browser, "/admin/audit")
    for words in ("管理员", "添加账号", "王小美", f"user:{person.id}", "共 1 条记录"):
        assert words in shown


def test_what_the_platform_does_by_itself_is_not_put_on_a_person(browser: FlaskClient) -> None:
    with transaction():
        audit.record(SYSTEM, "library:resource:purge", "resource:1")
    assert "平台自己" in page(browser, "/admin/audit")


def test_a_deed_without_a_name_is_shown_as_it_is_written(browser: FlaskClient, admin: Actor) -> None:
    with transaction():
        audit.record(admin, "visits.plan", "visit:1")
    assert "visits.plan" in page(browser, "/admin/audit")


def test_the_trail_is_narrowed_by_who_what_whom_and_when(
    cast: SimpleNamespace, admin: Actor, browser: FlaskClient, actor: Callable[[Person], Actor]
) -> None:
    person = accounts.create_person(admin, name="甲", login="jia")
    accounts.disable_person(admin, person.id)
    with transaction():
        audit.record(actor(cast.owner), "person.change_contact", f"user:{cast.owner.id}")

    def found(**filters: object) -> list[str]:
        return [entry.action for entry in oversight.list_entries(admin, TrailFilters(**filters)).items]  # type: ignore[arg-type]

    assert found() == ["person.change_contact", "person.disable", "person.create"]
    assert found(who="甲老师") == ["person.change_contact"]
    assert found(who="%") == []
    assert found(action="person.disable") == ["person.disable"]
    assert found(subject=f"user:{person.id}") == ["person.disable", "person.create"]
    assert found(from_on=today(), to_on=today()) != []
    assert "没有符合条件的记录" in page(browser, "/admin/audit?from=2099-01-01&to=nonsense")
    assert "没有符合条件的记录" in page(browser, "/admin/audit?to=2001-01-01")
    part = browser.get("/admin/audit?who=甲老师", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "共 1 条记录" in part
    assert "<html" not in part


def test_taking_the_trail_along_is_itself_in_the_trail_and_hostile_names_are_text(
    browser: FlaskClient, admin: Actor
) -> None:
    accounts.create_person(admin, name="=1+1", login="formula")
    with transaction():
        audit.record(admin, "person.create", "user:1", name="no sign of XML: \uffff")
    content = browser.get("/admin/audit/export.xlsx?action=person.create").data
    assert len(cells_of(content)) == 3
    assert "f" not in types_of(content)
    entry = audited("audit.export")[0]
    assert (entry.actor_name, entry.data) == ("管理员", {"entries": 2, "filters": {"action": "person.create"}})
    assert audited("list.export") == [], "one deed is one entry"


def test_a_whole_chain_is_said_to_be_whole(browser: FlaskClient, admin: Actor) -> None:
    accounts.create_person(admin, name="甲", login="jia")
    answer = browser.post("/admin/audit/verify", follow_redirects=True)
    assert "操作记录完整" in answer.get_data(as_text=True)
    assert "上次核对" in answer.get_data(as_text=True)
    assert audited("audit.verify")[0].data == {"gaps": []}


def test_a_chain_that_was_tampered_with_names_the_place(browser: FlaskClient, admin: Actor) -> None:
    for number in range(3):
        accounts.create_person(admin, name="甲", login=f"jia{number}")
    with transaction() as session:
        session.execute(sa.update(AuditEntry).where(AuditEntry.seq == 2).values(actor_name="别人"))
    answer = browser.post("/admin/audit/verify", follow_redirects=True)
    assert re.search(r"alert-danger[^>]*>操作记录有 1 处对不上", answer.text)
    assert "第 2 条被改过" in answer.get_data(as_text=True)


@pytest.mark.parametrize("role", ["owner", "head", "group_head", "outsider"])
def test_for_all_but_administrators_there_is_no_trail(
    cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient], role: str
) -> None:
    other = sign_in(getattr(cast, role))
    assert other.get("/admin/audit").status_code == 404
    assert other.get("/admin/audit/export.xlsx").status_code == 404
    assert other.post("/admin/audit/verify").status_code == 404


def test_the_service_itself_asks_who_comes(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    head = actor(cast.head)
    for ask in (
        lambda: oversight.list_entries(head, TrailFilters()),
        lambda: oversight.export_entries(head, TrailFilters(), 10),
        lambda: oversight.actions(head),
        lambda: oversight.last_verified(head),
        lambda: oversight.verify_trail(head),
        lambda: oversight.machine(head),
        lambda: oversight.health_report(head),
    ):
        with pytest.raises(Forbidden):
            ask()
    db.session.rollback()
