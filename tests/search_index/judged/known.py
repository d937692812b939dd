"""Questions whose answer is known: made of documents, with all that an exact search of the documents finds.

What more than three documents answer is no question here, since then none is the one that was meant.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple

from opencc import OpenCC
from pypinyin import lazy_pinyin

from search_index import Document
from search_index.folding import fold

MOST = 3  # answers of a question
SOUNDS = {"pinyin", "initials"}
ASKED = (
    "有没有{title}的教案",
    "请问《{title}》怎么讲",
    "我想找{title}的课件",
    "{author}的{title}这首诗",
    "{title}讲了什么",
)
RARE = 60  # characters of a document that are looked at for one that few others have
_HAN_CLAUSE = re.compile(r"[\u4e00-\u9fff]{2,}")
_WRAPPED = re.compile(r"《(.+)》[\u4e00-\u9fff]+$")


class Known(NamedTuple):
    """A question, and the ids of the documents that answer it."""

    kind: str
    text: str
    answers: tuple[str, ...]


class Maker:
    """Makes questions, and finds all that answers them by looking through the folded text of everything."""

    def __init__(self, near: Sequence[Document], everything: Iterable[Document]) -> None:
        """Ask about what is near; look for answers in everything."""
        self.chance = Random()  # noqa: S311 # not for secrets
        self.near = near
        texts: list[str] = []
        self.ids: list[str] = []
        self.titles: list[str] = []
        self.authors: list[str] = []
        for each in everything:
            self.ids.append(each.id)
            self.titles.append(fold(each.title))
            self.authors.append(fold(each.author))
            texts.append(f"{self.titles[-1]}\n{self.authors[-1]}\n{fold(each.body)}\n")
        self._starts = [0, *accumulate(map(len, texts))]
        self._all = "".join(texts)
        self._usual = "".join(_HAN_CLAUSE.findall(self._all[:200_000]))  # characters, frequent ones often
        syllables = [lazy_pinyin("".join(_HAN_CLAUSE.findall(title))) for title in self.titles]
        self.spoken = [f" {' '.join(each)} " for each in syllables]
        self.initials = ["".join(syllable[0] for syllable in each) for each in syllables]
        self.other_script = {True: OpenCC("t2s").convert, False: OpenCC("s2t").convert}

    def items(self, kind: str, number: int) -> Iterator[Known]:
        """Give so many questions of one kind (fewer when there are not so many), no two of one document."""
        self.chance.seed(kind)  # whatever was asked before
        given = 0
        for document in self.chance.sample(self.near, len(self.near)):
            made = KINDS[kind](self, document)
            if made is None:
                continue
            text, answers = made
            ids = {document.id, *(self.ids[each] for each in answers)}
            if len(ids) <= MOST:
                yield Known(kind, text, tuple(sorted(ids)))
                given += 1
            if given == number:
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
        return text[:place] + self.chance.choice(self._usual.replace(text[place], "")) + text[place + 1 :]


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
    characters = sorted(set(document.title + document.body))
    for character in maker.chance.sample(characters, min(RARE, len(characters))):
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
