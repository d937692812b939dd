"""Whether what was meant is found, and how far up: MRR and recall among the first ten, beside tantivy's."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bench import Row
from bench._search.built import built, corpus, has_postgres
from bench._search.corpus import DOCUMENTS, EVERYONE
from bench._search.engines import POSTGRES, TANTIVY, WHOOSH
from bench._search.known import known_items
from search_index import Query
from tests.search_index.judged.known import SOUNDS, Known
from tests.search_index.judged.measures import TOP, Score, mean, score

PEER = "tantivy, the same terms, any of them"
LIMITS = {10_000: (0.95, 0.97), DOCUMENTS: (0.93, 0.96)}  # documents -> MRR, recall
TEXTS_LIMIT = 0.90  # MRR of the PostgreSQL engine, without the kinds that go by sound


Scores = dict[str, list[Score]]  # of the questions, by kind


def rows() -> list[Row]:
    """Ask all questions of both sizes."""
    if not (given := corpus(DOCUMENTS)).real:
        return []
    known = known_items(given)
    return [row for number in LIMITS for row in _of_size(known, number)]


def _of_size(known: Sequence[Known], number: int) -> list[Row]:
    here = set(corpus(number).ids)
    items = [each._replace(answers=tuple(here.intersection(each.answers))) for each in known]
    names = [TANTIVY, WHOOSH, *([POSTGRES] if has_postgres() else [])]
    scores = {name: judged(built(name, number).place.open(), items) for name in names}
    _tell(scores, number)
    ours, peer = overall(scores[WHOOSH]), overall(scores[TANTIVY])
    mrr, recall = LIMITS[number]
    size = f"{number // 1000}k documents"
    found = [
        Row(f"found: {size}, MRR@10", ours.mrr, peer.mrr, PEER, "", mrr, more_is_better=True),
        Row(f"found: {size}, recall@10", ours.recall, peer.recall, PEER, "", recall, more_is_better=True),
    ]
    if POSTGRES in scores:
        texts = {name: overall(_without_sounds(of)) for name, of in scores.items()}
        name = f"postgres: {size}, text kinds, MRR@10"
        found.append(Row(name, texts[POSTGRES].mrr, texts[TANTIVY].mrr, PEER, "", TEXTS_LIMIT, more_is_better=True))
    return found


def judged(engine: Any, items: Sequence[Known]) -> Scores:
    """Ask all questions, as somebody who may see everything."""
    scores: Scores = defaultdict(list)
    for item in items:
        found = engine.search(Query(item.text, frozenset({EVERYONE}), limit=TOP)).ids
        scores[item.kind].append(score(found, item.answers))
    return scores


def overall(scores: Scores) -> Score:
    """Return the mean of all questions."""
    return mean(each for of_kind in scores.values() for each in of_kind)


def _without_sounds(scores: Scores) -> Scores:
    return {kind: each for kind, each in scores.items() if kind not in SOUNDS}


def _tell(scores: dict[str, Scores], number: int) -> None:
    print(f"MRR@10 / recall@10 among {number} documents")
    for kind in next(iter(scores.values())):
        each = (f"{name} {(of := mean(by[kind])).mrr:.2f}/{of.recall:.2f}" for name, by in scores.items())
        print(f"  {kind:<18} {'   '.join(each)}")
