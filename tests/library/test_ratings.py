"""Ratings: stars with a reason, one by each person, never of one's own."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.factories import make_person, post, save
from tests.library.voices import published, tally
from tongyan.accounts.models import Person
from tongyan.kernel.errors import Forbidden, Invalid, NotFound
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import Rating

Acting = Callable[[Person], Actor]
SignIn = Callable[[Person], FlaskClient]


def test_a_rating_is_given_changed_and_taken_back(cast: SimpleNamespace, sign_in: SignIn) -> None:
    resource = published(cast)
    browser, address = sign_in(cast.colleague), f"/library/{resource.id}/ratings"
    data = {"rating-stars": "4", "rating-reason": "结构清楚，孩子爱读"}
    assert browser.post(address, data=data).location == f"/library/{resource.id}/voices"
    assert tally(resource) == {"rating_sum": 4, "rating_count": 1}

    page = browser.get(f"/library/{resource.id}/voices").text
    for words in ("结构清楚，孩子爱读", "乙老师", "4.0", "修改我的评价"):
        assert words in page
    browser.post(address, data=data | {"rating-stars": "2"})
    assert tally(resource) == {"rating_sum": 2, "rating_count": 1}
    browser.post(f"{address}/remove")
    assert tally(resource) == {}
    assert "还没有评价" in browser.get(address).text


def test_the_mean_is_of_all_who_rated(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast)
    for person, stars in ((cast.colleague, 5), (cast.neighbour, 4), (cast.head, 4)):
        library.rate(actor(person), resource.id, stars, "课堂上好用")
    assert "4.3" in sign_in(cast.owner).get(f"/library/{resource.id}").text


@pytest.mark.parametrize(
    ("stars", "reason", "said"),
    [
        ("", "课堂上好用", "请选 1 到 5 颗星"),
        ("6", "课堂上好用", "请选 1 到 5 颗星"),
        ("x", "课堂上好用", "请选 1 到 5 颗星"),
        ("5", "好", "请写明理由"),
        ("5", "好" * 501, "请写明理由"),
    ],
)
def test_stars_and_a_reason_are_both_needed(
    cast: SimpleNamespace, sign_in: SignIn, stars: str, reason: str, said: str
) -> None:
    resource = published(cast)
    data = {"rating-stars": stars, "rating-reason": reason}
    answer = sign_in(cast.colleague).post(f"/library/{resource.id}/ratings", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert reason in answer.text
    assert tally(resource) == {}


def test_nobody_rates_their_own(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast)
    with pytest.raises(Forbidden):
        library.rate(actor(cast.owner), resource.id, 5, "自己觉得很好")
    assert "我来评价" not in sign_in(cast.owner).get(f"/library/{resource.id}/voices").text


@pytest.mark.parametrize("role", ["outsider", "former", "admin"])
def test_who_does_not_see_it_rates_nothing(cast: SimpleNamespace, actor: Acting, role: str) -> None:
    resource, by = published(cast), actor(getattr(cast, role))
    for door in (
        lambda: library.rate(by, resource.id, 5, "课堂上好用"),
        lambda: library.remove_rating(by, resource.id),
        lambda: library.list_ratings(by, resource.id),
    ):
        with pytest.raises(NotFound):
            door()


def test_the_page_shows_some_and_leads_to_all(cast: SimpleNamespace, sign_in: SignIn, actor: Acting) -> None:
    resource = published(cast)
    for number in range(30):
        person = make_person(f"教师{number:02d}")
        post(person, cast.core)
        if number < 29:
            save(Rating(resource_id=resource.id, person_id=person.id, stars=3, reason="节奏合适，课上用过"))
    library.rate(actor(person), resource.id, 5, "最后说的话排在最前面")
    browser = sign_in(cast.colleague)
    page = browser.get(f"/library/{resource.id}/voices").text
    assert "看全部 30 条评价" in page
    assert page.count("节奏合适，课上用过") == 4
    all_of_them = browser.get(f"/library/{resource.id}/ratings").text
    assert "共 30 条评价" in all_of_them
    assert all_of_them.index("最后说的话") < all_of_them.index("节奏合适")
    assert "这一页没有内容" in browser.get(f"/library/{resource.id}/ratings?page=9").text


def test_what_is_written_stays_text(cast: SimpleNamespace, actor: Acting, sign_in: SignIn) -> None:
    resource = published(cast)
    with pytest.raises(Invalid):
        library.rate(actor(cast.colleague), resource.id, 5, "\u202e\u200b   好  ")
    library.rate(actor(cast.colleague), resource.id, 5, "<script>alert(1)</script>")
    page = sign_in(cast.owner).get(f"/library/{resource.id}/voices").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
