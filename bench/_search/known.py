"""Questions whose answer is known: made of documents of the corpus, with all that an exact search of it finds.

Sixty of each kind. What more than three documents answer is no question here, since then none is the one that was
meant.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

from opencc import OpenCC
from pypinyin import lazy_pinyin

from bench._search import corpus as corpus_module
from bench._search.corpus import Corpus
from search_index import Document
from search_index.folding import fold
from tools.dev.base import once, say

EACH, MOST, NEAR = 60, 3, 10_000  # questions of a kind; answers of one; they come from the first so many documents
SOUNDS = {"pinyin", "initials"}
ASKED = (
    "有没有{title}的教案",
    "请问《{title}》怎么讲",
    "我想找{title}的课件",
    "{author}的{title}这首诗",
    "{title}讲了什么",
)
RARE = 12  # characters of a document that are looked at for one that few others have
_HAN_CLAUSE = re.compile(r"[\u4e00-\u9fff]{2,}")
_WRAPPED = re.compile(r"《(.+)》[\u4e00-\u9fff]+$")


class Known(NamedTuple):
    """A question, and the numbers of the documents that answer it."""

    kind: str
    text: str
    answers: list[int]


def known_items(corpus: Corpus) -> list[Known]:
    """Return the questions of all kinds for the whole corpus; found once and kept."""
    path = corpus.folder / "known.json"
    inputs = [Path(__file__), Path(corpus_module.__file__), corpus.folder / "places.json"]
    once(corpus.folder / "known.stamp", inputs, lambda: _write(corpus, path), [path])
    return [Known(*each) for each in json.loads(path.read_text("utf-8"))]


def _write(corpus: Corpus, path: Path) -> None:
    say("· 准备已知答案的检索题 (once, some minutes) …")
    maker = Maker(corpus)
    items = [item for kind in KINDS for item in maker.items(kind)]
    path.write_text(json.dumps(items, ensure_ascii=False), "utf-8")


class Maker:
    """Makes questions, and finds all that answers them by looking through the folded text of everything."""

    def __init__(self, corpus: Corpus) -> None:
        self.chance = Random(17)  # noqa: S311 # not for secrets
        self.near = list(corpus.load(corpus.ids[:NEAR]))
        texts, self.titles, self.authors = [], [], []
        for each in corpus.load(corpus.ids):
            self.titles.append(fold(each.title))
            self.authors.append(fold(each.author))
            texts.append(f"{self.titles[-1]}\n{self.authors[-1]}\n{fold(each.body)}\n")
        self._starts = [0, *accumulate(map(len, texts))]
        self._all = "".join(texts)
        syllables = [lazy_pinyin("".join(_HAN_CLAUSE.findall(title))) for title in self.titles]
        self.spoken = [f" {' '.join(each)} " for each in syllables]
        self.initials = ["".join(syllable[0] for syllable in each) for each in syllables]
        self.other_script = {True: OpenCC("t2s").convert, False: OpenCC("s2t").convert}

    def items(self, kind: str) -> Iterator[Known]:
        """Give the questions of one kind, no two of one document."""
        given = 0
        for document in self.chance.sample(self.near, len(self.near)):
            made = KINDS[kind](self, document)
            if made is None:
                continue
            text, answers = made
            number = corpus_module.number_of(document.id)
            if len(answers | {number}) <= MOST:
                yield Known(kind, text, sorted(answers | {number}))
                given += 1
            if given == EACH:
                return

    def holders(self, text: str, most: int = MOST) -> set[int]:
        """Return which documents hold a text, but not many more than `most`."""
        found: set[int] = set()
        place = self._all.find(text)
        while place >= 0 and len(found) <= most:
            number = bisect_right(self._starts, place) - 1
            found.add(number)
            place = self._all.find(text, self._starts[number + 1])
        return found

    def text_of(self, number: int) -> str:
        """Return the folded text of a document."""
        return self._all[self._starts[number] : self._starts[number + 1]]

    def clause(self, document: Document, shortest: int, longest: int) -> str | None:
        """Return something between two marks of a text."""
        fit = [each for each in _HAN_CLAUSE.findall(document.body) if shortest <= len(each) <= longest]
        return self.chance.choice(fit) if fit else None

    def mistyped(self, text: str) -> str:
        """Put another character into the place of one."""
        place = self.chance.randrange(len(text))
        others = "".join(_HAN_CLAUSE.findall(self.chance.choice(self.near).body)).replace(text[place], "")
        return text[:place] + self.chance.choice(others) + text[place + 1 :]


Made = tuple[str, set[int]] | None


def _name(document: Document) -> str:
    """Return the title of the poem."""
    found = _WRAPPED.match(document.title)
    return found[1] if found else document.title


def _among(texts: list[str], wanted: str) -> set[int]:
    return {number for number, text in enumerate(texts) if wanted in text}


def _fragment(maker: Maker, document: Document) -> Made:
    text = maker.clause(document, 5, 7)
    return (text, maker.holders(fold(text))) if text else None


def _script(maker: Maker, document: Document) -> Made:
    text = maker.clause(document, 5, 7)
    if text is None:
        return None
    is_traditional = maker.other_script[True](document.body) != document.body
    other = maker.other_script[is_traditional](text)
    return (other, maker.holders(fold(text))) if other != text else None


def _typo(maker: Maker, document: Document) -> Made:
    text = maker.clause(document, 7, 9)
    return (maker.mistyped(text), maker.holders(fold(text))) if text else None


def _title_typo(maker: Maker, document: Document) -> Made:
    name = _name(document)
    if not re.fullmatch(r"[\u4e00-\u9fff]{5,14}", name):
        return None
    return maker.mistyped(name), _among(maker.titles, fold(name))


def _author_and_word(maker: Maker, document: Document) -> Made:
    word = _word(maker, document)
    if not word or not document.author:
        return None
    author = fold(document.author)
    theirs = [number for number, each in enumerate(maker.authors) if each == author]
    return f"{document.author} {word}", {number for number in theirs if fold(word) in maker.text_of(number)}


def _two_words(maker: Maker, document: Document) -> Made:
    first, second = _word(maker, document), _word(maker, document)
    if not first or not second or first == second:
        return None
    holders = maker.holders(fold(first), most=5000)
    both = {number for number in holders if fold(second) in maker.text_of(number)}
    return (f"{first} {second}", both) if len(holders) <= 5000 else None


def _word(maker: Maker, document: Document) -> str | None:
    clause = maker.clause(document, 2, 9)
    if clause is None:
        return None
    begin = maker.chance.randrange(len(clause) - 1)
    return clause[begin : begin + 2]


def _natural(maker: Maker, document: Document) -> Made:
    name = _name(document)
    if len(name) < 3:
        return None
    text = maker.chance.choice(ASKED).format(title=name, author=document.author)
    return text, _among(maker.titles, fold(name))


def _pinyin(maker: Maker, document: Document) -> Made:
    spoken = _spoken(document, 3)
    if spoken is None:
        return None
    return maker.chance.choice(("", " ")).join(spoken), _among(maker.spoken, f" {' '.join(spoken)} ")


def _initials(maker: Maker, document: Document) -> Made:
    spoken = _spoken(document, 4)
    if spoken is None:
        return None
    letters = "".join(each[0] for each in spoken)
    return letters, _among(maker.initials, letters)


def _spoken(document: Document, shortest: int) -> list[str] | None:
    name = _name(document)
    if not re.fullmatch(rf"[\u4e00-\u9fff]{{{shortest},8}}", name):
        return None
    syllables: list[str] = lazy_pinyin(fold(name))
    return syllables if all(each.isascii() for each in syllables) else None


def _single(maker: Maker, document: Document) -> Made:
    name = _name(document)
    if len(name) == 1:
        alone = {fold(name), f"《{fold(name)}》"}
        return name, {number for number, title in enumerate(maker.titles) if alone & {title, title[:3]}}
    for character in maker.chance.sample(sorted(set(document.title + document.body)), RARE):
        if "一" <= character <= "鿿" and len(found := maker.holders(fold(character))) <= MOST:
            return character, found
    return None


KINDS: dict[str, Callable[[Maker, Document], Made]] = {
    "fragment": _fragment,
    "other script": _script,
    "typing mistake": _typo,
    "mistake in title": _title_typo,
    "author + word": _author_and_word,
    "two words": _two_words,
    "natural": _natural,
    "pinyin": _pinyin,
    "initials": _initials,
    "one character": _single,
}
