"""Counters: each person once a day, never oneself, never an administrator; favourites; what a term brought."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import fresh, make_person, post, save
from tests.library.voices import published, tally
from tongyan.accounts.models import Person
from tongyan.curriculum.terms import Term
from tongyan.kernel.clock import today
from tongyan.kernel.db import db
from tongyan.kernel.errors import Forbidden, NotFound
from tongyan.kernel.permissions import Actor, group_key
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceFile, ResourceState, Visit, VisitKind
from tongyan.library.services.visits import forget_visits
from tongyan.library.sweeping import sweep

Acting = Callable[[Person], Actor]
SignIn = Callable[[Person], FlaskClient]
Shared = Callable[..., Resource]
HTMX = {"HX-Request": "true"}


def test_a_person_counts_once_a_day(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    for person in (cast.colleague, cast.neighbour):
        for _again in range(2):
            assert sign_in(person).get(f"/library/{resource.id}").status_code == 200
    assert tally(resource) == {"views": 2}
    save(Visit(resource_id=resource.id, person_id=cast.head.id, kind=VisitKind.VIEW, on=today() - timedelta(days=1)))
    sign_in(cast.head).get(f"/library/{resource.id}")
    assert tally(resource) == {"views": 3}


def test_counting_is_no_edit(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    sign_in(cast.colleague).get(f"/library/{resource.id}")
    assert fresh(Resource, resource.id).version == 1


def test_owner_and_administrators_do_not_count(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource, admin = published(cast), make_person("兼任管理员", is_admin=True)
    post(admin, cast.core)
    for person in (cast.owner, admin):
        browser = sign_in(person)
        browser.get(f"/library/{resource.id}")
        browser.post(f"/library/{resource.id}/favourite", data={"keep": "1"})
    assert tally(resource) == {}


def test_only_the_page_itself_is_a_view(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource, browser = published(cast), sign_in(cast.colleague)
    browser.head(f"/library/{resource.id}")
    browser.get(f"/library/{resource.id}", headers=HTMX)
    assert tally(resource) == {}


def test_what_is_not_open_is_not_visited(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast, state=ResourceState.TAKEN_DOWN)
    library.note_view(actor(cast.group_head), resource)
    assert tally(resource) == {}


def test_who_was_here_today_costs_one_statement(
    cast: SimpleNamespace, actor: Acting, count_statements: Callable[..., int]
) -> None:
    resource, by = published(cast), actor(cast.colleague)
    library.note_view(by, resource)
    again = fresh(Resource, resource.id)
    assert count_statements(lambda: library.note_view(by, again)) == 1


def test_downloads_and_copies_count(cast: SimpleNamespace, actor: Acting, shared: Shared, sign_in: SignIn) -> None:
    resource = shared(actor(cast.owner), group_key(cast.group_a.id))
    file: ResourceFile = resource.files[0]
    address = f"/files/{file.id}/original/a.txt?download=1"
    for person in (cast.owner, cast.neighbour, cast.neighbour):
        assert sign_in(person).get(address, buffered=True).status_code == 200
    library.copy_resource(actor(cast.neighbour), resource.id)
    library.copy_resource(actor(cast.owner), resource.id)
    assert tally(resource) == {"downloads": 1, "copies": 1}
    assert "下载 1 次 · 复制 1 份" in sign_in(cast.colleague).get(f"/library/{resource.id}").text


def test_owner_and_heads_see_the_terms_and_nobody_else(
    cast: SimpleNamespace, actor: Acting, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = published(cast)
    spring = today().replace(year=2026, month=3, day=5)
    autumn = today().replace(year=2026, month=9, day=5)
    for on, kind in ((spring, VisitKind.VIEW), (autumn, VisitKind.VIEW), (autumn, VisitKind.DOWNLOAD)):
        save(Visit(resource_id=resource.id, person_id=cast.colleague.id, kind=kind, on=on))
    for person in (cast.owner, cast.head, cast.group_head):
        rows = library.counts_by_term(actor(person), resource.id)
        assert [(row.term, row.views, row.downloads, row.uses) for row in rows] == [
            (Term(2026, 1), 1, 1, 0),
            (Term(2025, 2), 1, 0, 0),
        ]
        page = sign_in(person).get(f"/library/{resource.id}/voices").text
        assert "2025–2026 学年第二学期" in page
        assert "2026–2027 学年第一学期" in page
    with pytest.raises(Forbidden):
        library.counts_by_term(actor(cast.colleague), resource.id)
    with pytest.raises(NotFound):
        library.counts_by_term(actor(cast.outsider), resource.id)
    assert "各学期的使用情况" not in sign_in(cast.colleague).get(f"/library/{resource.id}/voices").text


def test_visits_are_forgotten_after_two_years_and_the_numbers_stay(cast: SimpleNamespace, actor: Acting) -> None:
    resource = published(cast)
    library.note_view(actor(cast.colleague), resource)
    for days in (800, 700):
        on = today() - timedelta(days=days)
        save(Visit(resource_id=resource.id, person_id=cast.colleague.id, kind=VisitKind.VIEW, on=on))
    sweep()
    forget_visits()
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 2
    assert tally(resource) == {"views": 1}


def test_a_favourite_is_kept_found_and_taken_out(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource, other = published(cast, "山行课件"), published(cast, "江雪课件", subject="数学", grade=5)
    browser, address = sign_in(cast.colleague), f"/library/{resource.id}/favourite"
    assert "还没有收藏" in browser.get("/library/favourites").text
    for _again in range(2):
        assert browser.post(address, data={"keep": "1"}).status_code == 302
    assert tally(resource) == {"favourites": 1}

    page = browser.get("/library/favourites").text
    assert "山行课件" in page
    assert other.title not in page
    assert "没有符合条件的收藏" in browser.get("/library/favourites?subject=数学").text
    assert "这一页没有内容" in browser.get("/library/favourites?page=9").text
    assert "<html" not in browser.get("/library/favourites", headers=HTMX).text
    assert 'aria-pressed="true"' in browser.get(f"/library/{resource.id}").text

    browser.post(address)
    assert tally(resource) == {"views": 1}
    assert "还没有收藏" in browser.get("/library/favourites").text


@pytest.mark.parametrize("small", [True, False])
def test_the_star_alone_comes_back_to_a_page_that_stays(cast: SimpleNamespace, sign_in: SignIn, small: bool) -> None:
    resource, browser = published(cast), sign_in(cast.colleague)
    data = {"keep": "1"} | ({"small": "1"} if small else {})
    star = browser.post(f"/library/{resource.id}/favourite", data=data, headers=HTMX).text
    assert star.strip().startswith("<form")
    assert 'aria-pressed="true"' in star
    assert ("已收藏" in star) is not small


def test_lists_show_which_are_kept_and_how_they_are_rated(
    cast: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    kept, _other = published(cast), published(cast, "江雪课件")
    library.keep_favourite(actor(cast.colleague), kept.id, wanted=True)
    library.rate(actor(cast.colleague), kept.id, 4, "课堂上好用")
    browser = sign_in(cast.colleague)
    for address in ("/library", "/"):
        page = browser.get(address).text
        assert page.count("star on small") == 1
        assert len(re.findall(r'class="star +small"', page)) == 1
        assert "4.0" in page


def test_what_is_no_longer_open_leaves_the_list_of_favourites(
    cast: SimpleNamespace, actor: Acting, sign_in: SignIn
) -> None:
    resource = published(cast)
    library.keep_favourite(actor(cast.neighbour), resource.id, wanted=True)
    library.unshare_resource(actor(cast.owner), resource.id)
    assert "山行课件" not in sign_in(cast.neighbour).get("/library/favourites").text
    with pytest.raises(NotFound):
        library.keep_favourite(actor(cast.neighbour), resource.id, wanted=False)
