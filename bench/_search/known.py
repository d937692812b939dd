"""Questions whose answer is known, sixty of each kind; they are made once and kept."""

import json
from pathlib import Path

from bench._search import corpus as corpus_module
from bench._search.corpus import Corpus
from tests.search_index.judged import known
from tests.search_index.judged.known import KINDS, Known, Maker
from tools.dev.base import once, say

EACH, NEAR = 60, 10_000  # questions of a kind; they come from the first so many documents


def known_items(corpus: Corpus) -> list[Known]:
    """Return the questions of all kinds for the whole corpus."""
    path = corpus.folder / "known.json"
    inputs = [Path(str(module.__file__)) for module in (known, corpus_module)]
    once(
        corpus.folder / "known.stamp",
        [*inputs, Path(__file__), corpus.folder / "places.json"],
        lambda: _write(corpus, path),
        [path],
    )
    return [Known(*each) for each in json.loads(path.read_text("utf-8"))]


def _write(corpus: Corpus, path: Path) -> None:
    say("· 准备已知答案的检索题 (once, some minutes) …")
    maker = Maker(list(corpus.load(corpus.ids[:NEAR])), corpus.load(corpus.ids))
    items = [item for kind in KINDS for item in maker.items(kind, EACH)]
    path.write_text(json.dumps(items, ensure_ascii=False), "utf-8")
