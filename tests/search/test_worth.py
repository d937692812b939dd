"""What lifts a resource among others that fit as well, and what it is found by besides its title."""

from collections.abc import Callable
from types import SimpleNamespace
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from search_index import Document, Query
from tests.factories import fresh, make_person, post, save
from tests.search.conftest import open_search
from tongyan.accounts.addressing import addressed
from tongyan.accounts.models import Person
from tongyan.curriculum.models import Level, Node, SchoolEdition
from tongyan.curriculum.terms import term_of
from tongyan.kernel import jobs, search_jobs
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, transaction
from tongyan.kernel.ids import new_id
from tongyan.kernel.jobs import JobSpec, enqueue
from tongyan.kernel.permissions import Actor, group_key, user_key
from tongyan.kernel.search import engine
from tongyan.kernel.searchables import index_keys
from tongyan.library import services as library
from tongyan.library.indexing import documents, edition_names
from tongyan.library.models import Licence, Resource, ResourceKind, ResourceState, Standing, Tally
from tongyan.library.services.preferring import ask_preferences
from tongyan.library.worth import quality, uses

Acting = Callable[[Person], Actor]
Publish = Callable[..., Resource]
RunJobs = Callable[[], int]


@pytest.mark.parametrize(
    ("standing", "stars", "favourites", "expected"),
    [
        (None, [], 0, 0.0),
        (Standing.SCHOOL, [], 0, 0.4),
        (Standing.GROUP, [], 0, 0.6),
        (None, [5], 0, 0.3 / 4),  # one voice does not count much
        (None, [5] * 9, 0, 0.3 * 9 / 12),
        (None, [3, 3, 3], 0, 0.0),
        (None, [1, 1], 0, 0.0),  # nobody falls below what has not been judged
        (None, [5, 1], 0, 0.0),
        (None, [], 5, 0.05),
        (Standing.GROUP, [5] * 10_000, 10_000, 1.0),
    ],
)
def test_quality_is_what_reviews_and_colleagues_say(
    standing: Standing | None, stars: list[int], favourites: int, expected: float
) -> None:
    tally = Tally(rating_sum=sum(stars), rating_count=len(stars), favourites=favourites)
    resource = Resource(standing=standing, tally=tally)
    assert quality(resource) == pytest.approx(expected, abs=0.001)
    assert 0 <= quality(resource) <= 1


def test_what_was_never_opened_has_no_worth() -> None:
    assert (quality(Resource()), uses(Resource())) == (0, 0)
    assert uses(Resource(tally=Tally(uses=2, copies=3, favourites=4, views=100, downloads=100))) == 9


def document(resource: Resource) -> Document:
    db.session.rollback()
    return documents([resource.id])[0]


def test_a_resource_is_found_by_what_it_is_for_and_who_helped(
    cast: SimpleNamespace, actor: Acting, publish: Publish, run_jobs: RunJobs
) -> None:
    helped = [{"name": "诸葛明", "role": "指导"}]
    slides = publish("分数的意义", kind=ResourceKind.COURSEWARE, contributors=helped)
    plan = publish("分数的意义", kind=ResourceKind.LESSON_PLAN)
    run_jobs()

    def found(text: str) -> set[str]:
        query = Query(text, index_keys(actor(cast.neighbour)), filters={"kind": frozenset({"resource"})})
        return {*engine().search(query).ids}

    assert found("分数 课件") == {f"resource:{slides.id}"}
    assert found("分数 教案") == {f"resource:{plan.id}"}
    assert found("诸葛明") == found("分数 诸葛") == {f"resource:{slides.id}"}
    assert document(slides).author == "甲老师、诸葛明"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张文静", "张老师"), ("欧阳修", "欧阳老师"), ("欧阳", "欧老师"), ("诸葛孔明", "诸葛老师"), ("甲老师", ""),
        ("Smith", ""), ("", ""), ("张", ""), ("买买提·艾力", ""),
    ],
)  # fmt: skip
def test_people_are_addressed_by_their_surname(name: str, expected: str) -> None:
    assert addressed(name) == expected


def test_one_searches_for_people_and_their_work_as_one_addresses_them(
    cast: SimpleNamespace, publish: Publish, sign_in: Callable[[Person], FlaskClient], run_jobs: RunJobs
) -> None:
    teacher = make_person("诸葛文静")
    post(teacher, cast.core)
    publish("分数的意义", by=teacher)
    publish("分数的意义")
    search_jobs.rebuild(lambda _: None)
    page = open_search(sign_in(cast.neighbour), q="诸葛老师")
    assert sorted(page.titles) == ["分数的意义", "诸葛文静"]
    page = open_search(sign_in(cast.neighbour), q="诸葛老师 分数")
    assert page.titles[0] == "分数的意义"
    assert page.text.index("· 诸葛文静") < page.text.index("· 甲老师")


def make_edition(subject: str = "语文") -> Node:
    """Create an edition below a subject."""
    above = Node(id=new_id(), level=Level.SUBJECT, title=subject, position=1.0, stage="primary", subject=subject)
    above.path = f"/{uuid4().hex}/{above.id.hex}/"
    edition = Node(id=new_id(), parent_id=above.id, level=Level.EDITION, title="统编版", position=1.0, subject=subject)
    edition.path = f"{above.path}{edition.id.hex}/"
    edition.stage, edition.edition = "primary", "统编版"
    save(above)
    return save(edition)


def test_stage_and_edition_are_facets(cast: SimpleNamespace, publish: Publish) -> None:
    edition = make_edition()
    placed = publish("山行", node_id=edition.id, edition_id=edition.id, stage="primary")
    assert document(placed).facets.items() >= {"stage": "primary", "edition": str(edition.id)}.items()
    assert {"stage", "edition"}.isdisjoint(document(publish("别的")).facets)
    assert edition_names([str(edition.id)]) == {str(edition.id): "小学语文 统编版"}


def test_what_is_not_published_is_open_to_its_owner_alone(cast: SimpleNamespace, publish: Publish) -> None:
    audience = group_key(cast.group_a.id)
    assert document(publish("山行", audience=audience)).audience == {audience, user_key(cast.owner.id)}
    draft = publish("草稿", audience=audience, state=ResourceState.DRAFT)
    assert document(draft).audience == {user_key(cast.owner.id)}


def test_the_search_hears_within_the_hour_what_is_used_and_rated(
    cast: SimpleNamespace, actor: Acting, publish: Publish, run_jobs: RunJobs
) -> None:
    used, only_seen = publish("圆"), publish("方")
    run_jobs()
    colleague = actor(cast.colleague)
    library.rate(colleague, used.id, 5, "讲得很清楚")
    library.keep_favourite(colleague, used.id, wanted=True)
    library.copy_resource(colleague, used.id)
    library.note_view(colleague, fresh(Resource, only_seen.id))
    assert [row.resource_id for row in db.session.scalars(select(Tally).where(Tally.unindexed))] == [used.id]
    run_jobs()
    before = document(used)
    assert (before.uses, before.quality) == (2, pytest.approx(0.3 / 4 + 0.1 / 6))

    assert asked_to_index(run_jobs) == [[str(used.id)]]
    assert asked_to_index(run_jobs) == []

    library.keep_favourite(colleague, used.id, wanted=False)
    assert asked_to_index(run_jobs) == [[str(used.id)]]
    assert document(used).uses == 1


def asked_to_index(run_jobs: RunJobs) -> list[list[str]]:
    """Run the hourly job and return of which resources it has the index told."""
    before = set(db.session.scalars(select(jobs.Job.id)))
    with transaction():
        enqueue(JobSpec("library.follow_use"))
    run_jobs()
    rows = select(jobs.Job).where(jobs.Job.kind == "search.index", jobs.Job.id.not_in(before))
    return [row.args["ids"] for row in db.session.scalars(rows)]


def test_ones_own_work_is_known_by_what_one_brings_and_the_books_of_the_school(
    cast: SimpleNamespace, actor: Acting, publish: Publish, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    assert library.preferences(actor(cast.outsider)) == {}
    edition = make_edition()
    term = str(term_of(today()))
    choice = {"school_id": cast.core.id, "term": term, "stage": "primary", "subject": "语文"}
    save(SchoolEdition(edition_node_id=edition.id, **choice))
    publish("圆", subject="数学", grade=6, licence=Licence.CC_BY)

    own = frozenset({str(edition.id)})
    assert library.preferences(actor(cast.owner)) == {
        "subject": frozenset({"数学"}), "grade": frozenset({"6"}), "edition": own,
    }  # fmt: skip
    assert library.preferences(actor(cast.colleague)) == {"edition": own}
    for who in (actor(cast.owner), actor(cast.colleague)):
        assert count_statements(lambda who=who: ask_preferences(who)) <= 3
