"""What is hidden leaves no trace: in no list, count, suggestion or facet, nor when the index is stale or gone."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.factories import LONG_AGO, make_group, make_person, make_school, post, save
from tests.search.conftest import open_search
from tongyan.accounts.models import Person
from tongyan.kernel import search_jobs
from tongyan.kernel.clock import today
from tongyan.kernel.db import transaction
from tongyan.kernel.permissions import Actor, group_key, region_key, school_key
from tongyan.library import services as library
from tongyan.library.models import Resource, ResourceKind
from tongyan.org.models import Office, OfficeKind, Posting, PostingKind, Region, RegionLevel

SignIn = Callable[[Person], FlaskClient]
Acting = Callable[[Person], Actor]
Publish = Callable[..., Resource]
Indexed = Callable[[], int]

DOORS = (
    "/search",
    "/search?q=秘密",
    "/search?q=秘",
    "/search?q=mm",
    "/search?q=圆",
    "/search?q=圆&sort=newest",
    "/search?q=圆&subject=数学",
    "/search?q=圆 秘密",
    "/search?q=yuan",
    "/search?q=外地小学",
    "/search?q=绝密17",
    "/search?q=圆&page=2",
    "/search?q=圆&type=exam&grade=6",
    "/search/suggest?q=秘密",
    "/search/suggest?q=圆",
    "/search/suggest?q=mm",
    "/search/suggest?q=绝",
)
ONE_TIME = re.compile(r'(name="csrf_token" value|name="csrf-token" content|nonce)="[^"]*"')


def everything(browser: FlaskClient, doors: Sequence[str] = DOORS) -> dict[str, tuple[int, str, str | None]]:
    """Return every answer of the search without what is new in every answer."""
    answers = {}
    for door in doors:
        for headers in ({}, {"HX-Request": "true"}):
            answer = browser.get(door, headers=headers)
            body = ONE_TIME.sub("", answer.text)
            answers[f"{door} {headers}"] = (answer.status_code, body, answer.headers.get("Vary"))
    return answers


@pytest.mark.parametrize("stranger", ["outsider", "former", "admin"])
def test_other_groups_documents_change_nothing(
    cast: SimpleNamespace,
    sign_in: SignIn,
    publish_all: Callable[..., list[Resource]],
    indexed: Indexed,
    stranger: str,
) -> None:
    group_b = group_key(cast.group_b.id)
    publish_all({"圆的面积": "圆"}, by=cast.outsider, audience=group_b, subject="数学")
    publish_all({"圆": "yuan"}, audience="public")
    indexed()
    browser = sign_in(getattr(cast, stranger))
    before = everything(browser)

    publish_all(
        {f"秘密圆{number}": f"秘密 绝密{number} 外地小学 圆的面积" for number in range(200)}, subject="秘密学科",
        kind=ResourceKind.EXAM, grade=6, school_id=cast.rural.id, keywords=["秘密"],
    )  # fmt: skip
    assert everything(browser) == before  # before the index knows
    indexed()

    assert everything(browser) == before
    assert open_search(sign_in(cast.neighbour), q="秘密").total == 200


NAMES = (
    "秘密",
    "mmls",
    "mimi",
    "秘密小学",
    "秘密集团",
    "秘密县",
    "秘密学科",
    "小学",
    "集团",
    "老师",
    "教研员",
    "乙老师",
)


@pytest.mark.parametrize("stranger", ["outsider", "former"])
def test_other_groups_people_schools_and_offices_change_nothing(
    cast: SimpleNamespace, sign_in: SignIn, indexed: Indexed, stranger: str
) -> None:
    post(cast.colleague, cast.other, PostingKind.SERVING)  # one of them is known to the outsider, too
    search_jobs.rebuild(lambda _: None)
    browser = sign_in(getattr(cast, stranger))
    doors = [f"/search{suggest}?q={name}" for name in NAMES for suggest in ("", "/suggest")]
    doors += ["/search?q=老师&kind=person", f"/search?q=老师&school={cast.core.id}", "/search?q=小学&kind=school"]
    before = everything(browser, doors)

    county = save(Region(name="秘密县", level=RegionLevel.COUNTY))
    school = make_school("秘密小学", region_id=county.id)
    group = make_group("秘密集团", school, cast.core)
    for number in range(20):
        post(make_person(f"秘密老师{number}"), school)
    for scope in (region_key(county.id), group_key(group.id), school_key(school.id)):
        for person in (cast.colleague, cast.owner):
            save(
                Office(
                    person_id=person.id, kind=OfficeKind.RESEARCHER, scope=scope, subject="秘密学科", from_on=LONG_AGO
                )  # fmt: skip
            )
    search_jobs.rebuild(lambda _: None)

    assert everything(browser, doors) == before
    assert open_search(sign_in(cast.head), q="秘密老师", kind="person").total >= 20


def test_one_who_left_finds_nothing_of_the_school_from_that_day(
    cast: SimpleNamespace, sign_in: SignIn, publish: Publish, indexed: Indexed
) -> None:
    publish("圆", audience=school_key(cast.rural.id))
    indexed()
    browser = sign_in(cast.outsider)
    posting: Posting = post(cast.outsider, cast.rural)
    assert open_search(browser, q="圆").total == 1

    with transaction() as session:
        session.get_one(Posting, posting.id).to_on = today() - timedelta(days=1)

    assert open_search(browser, q="圆").total == 0
    assert browser.get("/search/suggest?q=圆").json == {"suggestions": []}


def test_what_is_taken_back_is_gone_at_once_from_lists_counts_and_facets(
    cast: SimpleNamespace, sign_in: SignIn, actor: Acting, publish: Publish, indexed: Indexed
) -> None:
    resource = publish("圆的面积", "圆", subject="数学")
    publish("圆", subject="语文")
    indexed()
    browser = sign_in(cast.neighbour)
    assert open_search(browser, q="圆").counts["subject-数学"] == 1

    library.unshare_resource(actor(cast.owner), resource.id)

    for stale in (True, False):
        page = open_search(browser, q="圆")
        assert (page.total, page.titles) == (1, ["圆"]), stale
        assert "subject-数学" not in page.counts
        assert open_search(browser, q="面积").total == 0
        assert browser.get("/search/suggest?q=面积").json == {"suggestions": []}
        indexed()
    assert open_search(sign_in(cast.owner), q="面积").titles == ["圆的面积"]


def test_what_is_thrown_away_is_found_by_nobody(
    cast: SimpleNamespace, sign_in: SignIn, actor: Acting, publish: Publish, indexed: Indexed
) -> None:
    resource = publish("圆")
    indexed()
    library.unshare_resource(actor(cast.owner), resource.id)
    library.trash_resource(actor(cast.owner), resource.id)
    indexed()

    for role in ("owner", "neighbour", "admin"):
        assert open_search(sign_in(getattr(cast, role)), q="圆").total == 0


def test_a_hidden_school_is_not_named_by_its_code(
    cast: SimpleNamespace, sign_in: SignIn, publish: Publish, indexed: Indexed
) -> None:
    publish("圆")
    indexed()

    page = open_search(sign_in(cast.neighbour), q="圆", school=str(cast.other.id))
    assert page.total == 0
    assert "外地小学" not in page.text
