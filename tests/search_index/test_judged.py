"""How well is found what is meant: some 400 questions to a small library, each kind with a floor just below today's.

Whoever changes analysis, query or scoring and falls below a floor has made the search worse. Whoever lifts the measured
value lifts the floor as well. `./dev bench search` asks the same kinds among 100,000 documents.
"""

import json
from collections.abc import Mapping
from statistics import fmean
from typing import NamedTuple

import pytest

from search_index import Document, Engine, Query
from search_index.whoosh_engine import WhooshEngine
from tests.search_index.conftest import fill
from tests.search_index.judged.known import KINDS, Maker
from tests.search_index.judged.library import HERE, PUBLIC, documents
from tests.search_index.judged.measures import TOP, mean, ndcg, score

EACH = 30  # questions of a kind
FLOORS = {  # MRR, recall; among the first ten
    "fragment": (0.96, 0.99),
    "other script": (0.99, 0.99),
    "typing mistake": (0.97, 0.99),
    "mistake in title": (0.97, 0.99),
    "author + word": (0.99, 0.99),
    "two words": (0.99, 0.99),
    "natural": (0.85, 0.85),
    "pinyin": (0.99, 0.99),
    "initials": (0.99, 0.99),
    "one character": (0.99, 0.99),
}
ORDER_FLOOR, FIRST_FLOOR = 0.84, 0.91  # nDCG and MRR of the questions that were judged by hand


class Judged(NamedTuple):
    """A question as a teacher types it, and what is worth finding: 2 what was meant, 1 what is of use, too."""

    asked: str
    grades: Mapping[str, int]


@pytest.fixture(scope="module")
def library() -> list[Document]:
    """Give the documents."""
    return documents()


@pytest.fixture(scope="module")
def searched(library: list[Document], tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Give an index of them."""
    engine = WhooshEngine(tmp_path_factory.mktemp("judged"))
    fill(engine, library)
    return engine


@pytest.fixture(scope="module")
def maker(library: list[Document]) -> Maker:
    """Give what makes the questions."""
    return Maker(library, library)


@pytest.fixture(scope="module")
def judged(library: list[Document]) -> list[Judged]:
    """Give the questions that were judged by hand; a title stands for the lessons of that name in all books."""
    ids: dict[str, list[str]] = {each.id: [each.id] for each in library if each.kind != "lesson"}
    for each in library:
        if each.kind == "lesson":
            ids.setdefault(each.title, []).append(each.id)
    lines = (HERE / "questions.jsonl").read_text("utf-8").splitlines()
    return [
        Judged(each["asked"], {found: grade for name, grade in each["answers"].items() for found in ids[name]})
        for each in map(json.loads, lines)
    ]


def first_ten(engine: Engine, text: str) -> tuple[str, ...]:
    """Return what is shown first."""
    return engine.search(Query(text, PUBLIC, limit=TOP)).ids


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_known_to_be_there_is_found(kind: str, maker: Maker, searched: Engine) -> None:
    items = list(maker.items(kind, EACH))
    assert len(items) == EACH
    found = mean(score(first_ten(searched, item.text), item.answers) for item in items)

    assert found.mrr >= FLOORS[kind][0]
    assert found.recall >= FLOORS[kind][1]


def test_what_teachers_ask_is_answered_in_a_good_order(judged: list[Judged], searched: Engine) -> None:
    answers = [(first_ten(searched, each.asked), each.grades) for each in judged]
    order = fmean(ndcg(found, grades) for found, grades in answers)
    first = mean(score(found, [each for each, grade in grades.items() if grade == 2]) for found, grades in answers)

    assert len(judged) > 100
    assert order >= ORDER_FLOOR
    assert first.mrr >= FIRST_FLOOR
