"""What somebody may have meant: the piece of a known title that looks and sounds most like what was typed.

The titles come from the caller, who gives only what the searcher may see.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from pypinyin.constants import PINYIN_DICT

from search_index.folding import fold, fold_with_places
from search_index.pinyin import toneless
from search_index.query import words_of

SAME_SOUND = 0.4  # a character of the same sound costs less than any other: that is how one errs with an input method
ALLOWED = 0.34  # of the length of a word may be wrong
SHORT = 3  # characters up to which only sounds may be wrong
LONGEST = 40


class _Fit(NamedTuple):
    cost: float
    piece: str


def correction(text: str, titles: Sequence[str]) -> str | None:
    """Return what was typed with the words replaced that no title has, but one nearly has; None when there are none."""
    words = words_of(text).split()
    better = [_better(word, titles) for word in words]
    if not any(better):
        return None
    return " ".join(new or word for new, word in zip(better, words, strict=True))


def _better(word: str, titles: Sequence[str]) -> str | None:
    """Return the piece of a title that is nearly this word; None when a title has the word itself, or none is near."""
    typed = fold(word)
    if not 2 <= len(typed) <= LONGEST:
        return None
    best: _Fit | None = None
    for title in titles:
        fit = _nearest(typed, title)
        if fit.cost == 0:
            return None
        if fit.cost <= _most(typed) and (best is None or fit.cost < best.cost):
            best = fit
    return best.piece if best else None


def _most(typed: str) -> float:
    return SAME_SOUND if len(typed) < SHORT else max(1.0, ALLOWED * len(typed))


def _nearest(typed: str, title: str) -> _Fit:
    """Find the piece of a title that differs least from what was typed (edit distance; the piece begins anywhere)."""
    folded, places = fold_with_places(title)
    above = [(0.0, start) for start in range(len(folded) + 1)]  # cost, where the piece begins
    for char in typed:
        row = [(above[0][0] + 1, 0)]
        for column, other in enumerate(folded):
            changed = above[column][0] + _difference(char, other), above[column][1]
            left_out = above[column + 1][0] + 1, above[column + 1][1]
            added = row[column][0] + 1, row[column][1]
            row.append(min(changed, left_out, added, key=lambda each: each[0]))
        above = row
    end = min(range(len(above)), key=lambda each: above[each][0])
    cost, start = above[end]
    start, end = _whole_words(folded, start, end)
    if places is None:
        return _Fit(cost, title[start:end])
    ends = [*places, len(title)]
    return _Fit(cost, title[ends[start] : ends[end]])


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a piece that begins or ends inside a Latin word."""
    while 0 < start < len(text) and _is_latin(text[start - 1]) and _is_latin(text[start]):
        start -= 1
    while 0 < end < len(text) and _is_latin(text[end - 1]) and _is_latin(text[end]):
        end += 1
    return start, end


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _difference(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return SAME_SOUND if _sounds(one) & _sounds(other) else 1.0


@cache
def _sounds(char: str) -> frozenset[str]:
    """Return the readings of a character without their tones."""
    readings = PINYIN_DICT.get(ord(char), "")
    return frozenset(toneless(reading) for reading in readings.split(",") if reading)
