"""The one analysis of texts, for the index and for queries alike: folded text becomes terms.

Han characters become overlapping pairs, other words stay whole. Beside them stand, in term spaces of their own (the
marks below cannot occur in a word): every single character, the characters of title, tags and author (once more where
one stands alone: 《圆》), and the places in a curriculum, however they are written (一年级 = 1年级, 第3单元 = 第三单元,
上册 = 上).

All of it goes into one weighted bag. Title, tags and author also stand apart, for who asks for a title alone; and the
plain text is kept, in which a phrase is looked up.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from search_index.documents import Document
from search_index.folding import HAN, fold

MAX_WORD = 64  # characters; a longer Latin "word" is noise (base64, hashes)
MAX_TEXT = 500_000  # characters of a body that are indexed; a schoolbook has half of that
ANYWHERE, NAMED, PLACE, ALONE = "_", "#", "@", "."
TITLE, AUTHOR, ABOUT, TAGS, BODY = 6, 4, 4, 3, 1

_BLANKS = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
_RUNS = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+")
_HAN = re.compile(f"[{HAN}]")

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = "[0-9]{1,3}|[零〇一二两三四五六七八九十]{1,3}"
_PLACES = re.compile(
    rf"(?P<grade>{_NUMBER})年级(?:(?P<of_grade>[上下全])(?:册|学期)?)?"
    rf"|(?<![{HAN}])(?P<short>[一二三四五六七八九1-9])(?P<of_short>[上下])(?:册)?(?=第|[^{HAN}]|$)"
    rf"|(?P<volume>[上下全])(?:册|学期)"
    rf"|第?(?P<part>{_NUMBER})(?P<kind>单元|课时)"
    rf"|第(?P<numbered>{_NUMBER})(?P<sort>[课章节讲册回])"
)


class Terms(NamedTuple):
    """What a text is made of: words and pairs, Han characters, places in a curriculum, unbroken runs."""

    words: list[str]
    characters: list[str]
    places: list[str]
    runs: list[str]

    @property
    def plain(self) -> str:
        """Return the text without all that separates words."""
        return " ".join(self.runs)


class Digest(NamedTuple):
    """What the index is made of: the weighted bag, what stands in which part ("title=春晓"), the plain text."""

    bag: Counter[str]
    parts: set[str]
    plain: str


def analyse(text: str) -> Terms:
    """Take a text apart."""
    folded = _BLANKS.sub("", fold(text))
    runs = [run for run in _RUNS.findall(folded) if _HAN.match(run) or len(run) <= MAX_WORD]
    words = [word for run in runs for word in _words(run)]
    places = [place for match in _PLACES.finditer(folded) for place in _places(match)]
    return Terms(words, _HAN.findall(folded), places, runs)


def without_places(text: str) -> tuple[str, list[str]]:
    """Return folded text without its places in a curriculum, and these: a query means them however written."""
    folded = fold(text)
    found = [place for match in _PLACES.finditer(folded) for place in _places(match)]
    return _PLACES.sub(" ", folded), found


def _words(run: str) -> Iterator[str]:
    if not _HAN.match(run):
        yield run
    for first, second in pairwise(run) if _HAN.match(run) else ():
        yield first + second


def _places(match: re.Match[str]) -> Iterator[str]:
    found = match.groupdict()
    if grade := found["grade"] or found["short"]:
        yield f"{PLACE}{_number(grade)}年级"
    if volume := found["of_grade"] or found["of_short"] or found["volume"]:
        yield f"{PLACE}{volume}"
    if part := found["part"] or found["numbered"]:
        yield f"{PLACE}{_number(part)}{found['kind'] or found['sort']}"


def _number(written: str) -> int:
    """Read a number up to 999, in Arabic digits or in Chinese ones up to 99."""
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    value = 0
    for char in ones:
        value = value * 10 + _DIGITS[char]
    return value + (10 * _DIGITS.get(tens, 1) if ten else 0)


def part_term(part: str, word: str) -> str:
    """Return the term of a word in a part; a single character is marked as everywhere."""
    return f"{part}={word}"


def digest(document: Document) -> Digest:
    """Take a document apart."""
    bag: Counter[str] = Counter()
    parts: set[str] = set()
    plain: list[str] = []
    for part, text, weight in (
        ("title", document.title, TITLE),
        ("author", document.author, AUTHOR),
        *(("tag", tag, TAGS) for tag in document.tags),
        *(("", words, ABOUT) for words in document.about),
        ("", document.body[:MAX_TEXT], BODY),
    ):
        terms = analyse(text)
        _count(bag, terms, weight, named=bool(part))
        plain.append(terms.plain)
        if part:
            words = {*terms.words, *(ANYWHERE + char for char in terms.characters)}
            parts.update(part_term(part, word) for word in words)
    return Digest(bag, parts, "".join(f" {text} \n" for text in plain))  # a blank before and after every word


def _count(counts: Counter[str], terms: Terms, weight: int, named: bool) -> None:
    for term, times in Counter(terms.words).items():
        counts[term] += weight * times
    for place in terms.places:
        counts[place] += weight
    for char in set(terms.characters):
        counts[ANYWHERE + char] += weight
        if named:
            counts[NAMED + char] = 1
    for run in terms.runs if named else ():
        if len(run) == 1 and _HAN.match(run):
            counts[ALONE + run] = 1
