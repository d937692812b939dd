"""Whether what was meant is found, and how far up: MRR and recall among the first ten, beside tantivy's."""

from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean
from typing import Any, NamedTuple

from bench import Row
from bench._search.built import built, corpus, has_postgres
from bench._search.corpus import DOCUMENTS, EVERYONE, number_of
from bench._search.engines import POSTGRES, TANTIVY, WHOOSH
from bench._search.known import SOUNDS, Known, known_items
from search_index import Query

TOP = 10
PEER = "tantivy, the same terms, any of them"
LIMITS = {10_000: (0.95, 0.97), DOCUMENTS: (0.93, 0.96)}  # documents -> MRR, recall
TEXTS_LIMIT = 0.90  # MRR of the PostgreSQL engine, without the kinds that go by sound


class Score(NamedTuple):
    """The mean reciprocal rank of the first answer, and the share of the answers that were found."""

    mrr: float
    recall: float


Scores = dict[str, list[Score]]  # of the questions, by kind


def rows() -> list[Row]:
    """Ask all questions of both sizes."""
    if not (given := corpus(DOCUMENTS)).real:
        return []
    known = known_items(given)
    return [row for number in LIMITS for row in _of_size(known, number)]


def _of_size(known: Sequence[Known], number: int) -> list[Row]:
    items = [each._replace(answers=[answer for answer in each.answers if answer < number]) for each in known]
    names = [TANTIVY, WHOOSH, *([POSTGRES] if has_postgres() else [])]
    scores = {name: judged(built(name, number).place.open(), items) for name in names}
    _tell(scores, number)
    ours, peer = mean(scores[WHOOSH]), mean(scores[TANTIVY])
    mrr, recall = LIMITS[number]
    size = f"{number // 1000}k documents"
    found = [
        Row(f"found: {size}, MRR@10", ours.mrr, peer.mrr, PEER, "", mrr, more_is_better=True),
        Row(f"found: {size}, recall@10", ours.recall, peer.recall, PEER, "", recall, more_is_better=True),
    ]
    if POSTGRES in scores:
        texts = {
            name: mean({kind: each for kind, each in of.items() if kind not in SOUNDS}) for name, of in scores.items()
        }
        name = f"postgres: {size}, text kinds, MRR@10"
        found.append(Row(name, texts[POSTGRES].mrr, texts[TANTIVY].mrr, PEER, "", TEXTS_LIMIT, more_is_better=True))
    return found


def judged(engine: Any, items: Sequence[Known]) -> Scores:
    """Ask all questions, as somebody who may see everything."""
    scores: Scores = defaultdict(list)
    for item in items:
        found = engine.search(Query(item.text, frozenset({EVERYONE}), limit=TOP)).ids
        scores[item.kind].append(score([number_of(each) for each in found], set(item.answers)))
    return scores


def score(found: Sequence[int], answers: set[int]) -> Score:
    """Judge one answer."""
    ranks = [rank for rank, each in enumerate(found[:TOP], 1) if each in answers]
    return Score(1 / ranks[0] if ranks else 0.0, len(ranks) / min(len(answers), TOP))


def mean(scores: Scores) -> Score:
    """Return the mean of all questions."""
    every = [each for of_kind in scores.values() for each in of_kind]
    return Score(fmean(each.mrr for each in every), fmean(each.recall for each in every))


def _without_sounds(scores: Scores) -> Scores:
    return {kind: each for kind, each in scores.items() if kind not in SOUNDS}


def _tell(scores: dict[str, Scores], number: int) -> None:
    print(f"MRR@10 / recall@10 among {number} documents")
    for kind in next(iter(scores.values())):
        each = (f"{name} {(of := mean({kind: by[kind]})).mrr:.2f}/{of.recall:.2f}" for name, by in scores.items())
        print(f"  {kind:<18} {'   '.join(each)}")
