"""What teachers ask of the corpus: one to four words, some with a filter, some newest first; always the same."""

import re
from random import Random

from bench._search.corpus import FACETS, SUBJECTS, Corpus, teacher
from search_index import Query
from search_index.engine import Sort

QUERIES, HITS = 400, 10
READ = 2000  # documents whose words are used
FILTERED, BY_DATE = 0.3, 0.1
COUNTED = FACETS[:3]
_CLAUSE = re.compile(r"[^\W\d_a-zA-Z]{4,}")


def questions(corpus: Corpus, number: int = QUERIES) -> list[Query]:
    """Return questions of random teachers, in words that the corpus holds: frequent ones come often."""
    chance = Random(5)  # noqa: S311 # not for secrets
    documents = list(corpus.load(chance.sample(corpus.ids, READ)))
    asked = []
    for _ in range(number):
        words, document = [], chance.choice(documents)  # of one document: they belong together
        for _ in range(chance.choice((1, 1, 2, 2, 3, 4))):
            kind = chance.choices(("pair", "longer", "author", "title", "usual"), (40, 15, 15, 15, 15))[0]
            names = {"author": document.author, "title": _piece(chance, document.title, 8)}
            names["usual"] = chance.choice((*document.about, str(document.facets["type"])))
            words.append(names.get(kind) or _piece(chance, document.body, 2 if kind == "pair" else 4))
        filters = {"subject": frozenset({chance.choice(SUBJECTS)})} if chance.random() < FILTERED else {}
        sort = Sort.NEWEST if chance.random() < BY_DATE else Sort.RELEVANCE
        asked.append(Query(" ".join(words), teacher(chance), filters, COUNTED, sort=sort, limit=HITS))
    return asked


def _piece(chance: Random, text: str, length: int) -> str:
    """Return characters that stand side by side in a text."""
    clauses: list[str] = _CLAUSE.findall(text)
    clause = chance.choice(clauses or [text])
    begin = chance.randrange(max(1, len(clause) - length + 1))
    return clause[begin : begin + length]
