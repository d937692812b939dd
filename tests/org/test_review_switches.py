"""Heads and administrators say whether what is shared is looked at first."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.factories import fresh
from tests.org.test_actor_keys import now
from tongyan.accounts.models import Person
from tongyan.kernel.audit import AuditEntry
from tongyan.kernel.errors import Conflict, Forbidden, NotFound
from tongyan.kernel.permissions import group_key, region_key, school_key
from tongyan.org.models import Group, School
from tongyan.org.services.review_switches import set_review

SignIn = Callable[[Person], FlaskClient]


def test_heads_switch_it_in_their_place(cast: SimpleNamespace, audited: Callable[[str], list[AuditEntry]]) -> None:
    for person, scope, model, place in (
        (cast.head, school_key(cast.core.id), School, cast.core),
        (cast.group_head, group_key(cast.group_a.id), Group, cast.group_a),
    ):
        set_review(now(person), scope, 1, on=True)
        assert fresh(model, place.id).reviews_resources
        set_review(now(person), scope, 2, on=True)  # it is on already
        set_review(now(person), scope, 2, on=False)
        assert not fresh(model, place.id).reviews_resources
    deeds = ("school.review_on", "school.review_off", "group.review_on", "group.review_off")
    assert [len(audited(deed)) for deed in deeds] == [1, 1, 1, 1]


def test_administrators_switch_it_anywhere(cast: SimpleNamespace) -> None:
    set_review(now(cast.admin), school_key(cast.other.id), 1, on=True)
    assert fresh(School, cast.other.id).reviews_resources


def test_others_do_not(cast: SimpleNamespace) -> None:
    school, group = school_key(cast.core.id), group_key(cast.group_a.id)
    for person, scope in ((cast.owner, school), (cast.group_head, school), (cast.head, group), (cast.neighbour, group)):
        with pytest.raises(Forbidden):
            set_review(now(person), scope, 1, on=True)
    for scope in (school, group, region_key(cast.core.id), "nonsense"):
        with pytest.raises(NotFound):
            set_review(now(cast.outsider), scope, 1, on=True)


def test_who_saw_an_older_state_is_told(cast: SimpleNamespace) -> None:
    set_review(now(cast.head), school_key(cast.core.id), 1, on=True)
    with pytest.raises(Conflict, match=r"conflict\.stale"):
        set_review(now(cast.head), school_key(cast.core.id), 1, on=False)
    assert fresh(School, cast.core.id).reviews_resources


def test_a_head_finds_the_switch_on_the_page(cast: SimpleNamespace, sign_in: SignIn) -> None:
    home = f"/schools/{cast.core.id}"
    assert "分享前先审核" not in sign_in(cast.owner).get(home).text
    browser = sign_in(cast.head)
    assert "分享前先审核" in browser.get(home).text
    done = browser.post(f"/review/school/{cast.core.id}", data={"version": "1", "reviews_resources": "y"})
    assert done.location == home
    page = browser.get(home).text
    assert ("以后分享要先审核" in page, "checked" in page) == (True, True)
    assert browser.post(f"/review/school/{cast.core.id}", data={"version": "1"}).status_code == 409


def test_the_head_of_a_group_finds_it_there(cast: SimpleNamespace, sign_in: SignIn) -> None:
    assert "分享前先审核" not in sign_in(cast.head).get("/group").text
    browser = sign_in(cast.group_head)
    assert "分享前先审核" in browser.get("/group").text
    assert browser.post(f"/review/group/{cast.group_a.id}", data={"version": "1"}).location == "/group"
    assert "以后分享不用先审核" in browser.get("/group").text
