"""Show where a text fits a query: parts of the original text, each marked as fitting or not. Never HTML.

What is banned (-word) is not looked for; other words of the same meaning are marked, too.

Folding is the slow part. Of a long text only the neighbourhood is folded where a plain search, which takes the usual
spellings, finds most of the query; so a book takes milliseconds.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from search_index.analysis import ANYWHERE, PLACE, analyse
from search_index.folding import HAN, fold_with_places, spellings
from search_index.query import query_slots, words_of
from search_index.synonyms import NO_SYNONYMS, Synonyms

MAX_FOLDED = 30_000  # characters of a text
NEAR = 2_000  # characters around the place that a plain search found
SOUGHT, PER_TERM = 24, 100  # terms of the plain search, and places of each that are compared
MAX_MATCHES = 2_000
CUT = "…"
LEAD = 24  # characters before the best place

_PLACE = re.compile("第?[0-9零〇一二三四五六七八九十]{1,3}(?:年级|单元|课时|[课章节讲册回])|[上下全]册")


class Part(NamedTuple):
    """A piece of the original text."""

    text: str
    is_match: bool


class Span(NamedTuple):
    """A place in the original text."""

    start: int
    end: int
    term: str


class Excerpt(NamedTuple):
    """A window of a text, and where in the text the matches stand that it shows, in their order."""

    parts: list[Part]
    matches: list[int]


class Sought(NamedTuple):
    """What is looked for in texts: literally, and as places in a curriculum (however written)."""

    literals: list[str]
    places: frozenset[str]


def sought(query: str, synonyms: Synonyms = NO_SYNONYMS) -> Sought:
    """Return what a query looks for in texts."""
    words = words_of(query)
    terms = [term for slot in query_slots(words, synonyms) for way in slot.ways for term in way]
    literals = [term.removeprefix(ANYWHERE) for term in terms if not term.startswith(PLACE)]
    return Sought(list(dict.fromkeys(literals)), frozenset(term for term in terms if term.startswith(PLACE)))


def highlight(text: str, what: Sought) -> list[Part]:
    """Cut the whole text into parts (titles)."""
    return _parts(text, 0, len(text), _spans(text, what))


def excerpt(text: str, what: Sought, length: int = 120) -> Excerpt:
    """Cut a window of about `length` characters, where most of the query stands; the beginning when nothing does."""
    begin = _neighbourhood(text, what, length)
    near = text[begin : begin + MAX_FOLDED]
    spans = _spans(near, what)
    start = _best_start(spans, length)
    end = min(len(near), start + length)
    before = [Part(CUT, False)] if begin + start else []
    after = [Part(CUT, False)] if begin + end < len(text) else []
    inside = sorted(begin + span.start for span in spans if start <= span.start < end)
    return Excerpt([*before, *_parts(near, start, end, spans), *after], inside)


def _neighbourhood(text: str, what: Sought, length: int) -> int:
    """Return from where on a text is worth reading."""
    if len(text) <= MAX_FOLDED:
        return 0
    spans = [span for literal in what.literals[:SOUGHT] for span in _plain_spans(text, literal)]
    return max(0, _best_start(spans, length) - NEAR)


def _plain_spans(text: str, literal: str) -> Iterator[Span]:
    for spelling in spellings(literal):
        place = text.find(spelling)
        for _ in range(PER_TERM):
            if place < 0:
                break
            yield Span(place, place + len(spelling), literal)
            place = text.find(spelling, place + 1)


def _spans(text: str, what: Sought) -> list[Span]:
    folded, places = fold_with_places(text)
    found = [*_literal_spans(folded, what.literals), *_place_spans(folded, what.places)]
    if places is None:
        return found
    ends = [*places, len(text)]
    return [Span(places[span.start], ends[span.end], span.term) for span in found]


def _literal_spans(folded: str, literals: list[str]) -> Iterator[Span]:
    if not literals:
        return
    # a lookahead finds overlapping pairs; blanks inside a pair ("山 行") belong to it
    longest = sorted(set(literals), key=len, reverse=True)
    either = "|".join(_literal(word) for word in longest)
    for number, match in enumerate(re.finditer(f"(?=({either}))", folded)):
        if number == MAX_MATCHES:
            return
        yield Span(match.start(1), match.end(1), match[1])


def _literal(word: str) -> str:
    if re.match(f"[{HAN}]", word):
        return r"\s{0,3}".join(map(re.escape, word))
    return rf"(?<![^\W_{HAN}]){re.escape(word)}(?![^\W_{HAN}])"


def _place_spans(folded: str, wanted: frozenset[str]) -> Iterator[Span]:
    if not wanted:
        return
    for match in _PLACE.finditer(folded):
        if wanted & set(analyse(match[0]).places):
            yield Span(match.start(), match.end(), match[0])


def _best_start(spans: list[Span], length: int) -> int:
    """Return the start of the window that holds most different terms."""
    ordered = sorted(spans)
    best, best_start, first = 0, 0, 0
    inside: dict[str, int] = {}
    for span in ordered:
        inside[span.term] = inside.get(span.term, 0) + 1
        while span.end - ordered[first].start > length - LEAD:
            left = ordered[first].term
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
            first += 1
        if len(inside) > best:
            best, best_start = len(inside), ordered[first].start
    return max(0, best_start - LEAD)


def _parts(text: str, start: int, end: int, spans: list[Span]) -> list[Part]:
    marked = _merged(spans, start, end)
    parts: list[Part] = []
    place = start
    for left, right in marked:
        if left > place:
            parts.append(Part(text[place:left], False))
        parts.append(Part(text[left:right], True))
        place = right
    if place < end:
        parts.append(Part(text[place:end], False))
    return parts


def _merged(spans: list[Span], start: int, end: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for span in sorted(spans):
        left, right = max(span.start, start), min(span.end, end)
        if left >= right:
            continue
        if merged and left <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged
