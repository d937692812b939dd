"""Titles by their sound: syllables, pairs of syllables and initials, and the way back from typed letters.

Latin words of titles are kept in threes of letters, so that a misspelt one is found, too.
"""

from functools import cache
from itertools import pairwise, product
from re import compile as pattern

import pypinyin
from pypinyin.constants import PINYIN_DICT

from search_index.folding import HAN, fold

SYLLABLE, PAIR, INITIALS, LETTERS = "^", "=", "~", "%"
MAX_HAN = 60  # characters of a title that are read aloud
MAX_READINGS = 2  # of one character (行: xing, hang)
MAX_INITIALS = 12
MAX_LETTERS = 60

_RUNS = pattern(f"[{HAN}]+")
_LATIN = pattern("[a-z]{4,40}")


def title_terms(title: str) -> set[str]:
    """Return the terms of a title's sound and of the letters of its Latin words."""
    folded = fold(title)
    terms: set[str] = set()
    for run in _RUNS.findall(folded[: MAX_HAN * 2]):
        terms |= _run_terms(_readings(run[:MAX_HAN]))
    for word in _LATIN.findall(folded):
        terms.update(letters_of(word))
    return terms


def letters_of(word: str) -> list[str]:
    """Return a Latin word in threes of letters."""
    return [LETTERS + word[start : start + 3] for start in range(len(word) - 2)]


def spoken_pairs(text: str) -> list[tuple[str, ...]]:
    """Return for each two neighbouring characters of a folded text the terms of all their readings."""
    pairs = []
    for run in _RUNS.findall(text):
        for first, second in pairwise(_readings(run[:MAX_HAN])):
            pairs.append(tuple(PAIR + one + two for one, two in product(first, second)))
    return pairs


def _readings(run: str) -> list[list[str]]:
    spoken = pypinyin.pinyin(run, style=pypinyin.Style.NORMAL, heteronym=True, errors="ignore")
    return [[toneless(reading) for reading in readings[:MAX_READINGS]] for readings in spoken]


def _run_terms(readings: list[list[str]]) -> set[str]:
    terms = {SYLLABLE + reading for each in readings for reading in each}
    for length in (2, 3):
        for start in range(len(readings) - length + 1):
            for spoken in product(*readings[start : start + length]):
                terms.add(INITIALS + "".join(syllable[0] for syllable in spoken))
                if length == 2:
                    terms.add(PAIR + "".join(spoken))
    return terms


def syllables(letters: str) -> list[str] | None:
    """Split letters into the fewest syllables; None when they are no pinyin."""
    if not 0 < len(letters) <= MAX_LETTERS:
        return None
    best: list[list[str] | None] = [[]]
    for end in range(1, len(letters) + 1):
        ways = [
            [*head, letters[start:end]]
            for start in range(max(0, end - 6), end)
            if (head := best[start]) is not None and letters[start:end] in _table()
        ]
        best.append(min(ways, key=len, default=None))
    return best[-1]


def initials(letters: str) -> list[str]:
    """Return the terms that letters make when each is the first of a syllable; none when there are too few or many."""
    if not 2 <= len(letters) <= MAX_INITIALS:
        return []
    length = min(3, len(letters))
    return [INITIALS + letters[start : start + length] for start in range(len(letters) - length + 1)]


@cache
def _table() -> frozenset[str]:
    spoken = {toneless(reading) for readings in PINYIN_DICT.values() for reading in readings.split(",")}
    return frozenset(syllable for syllable in spoken if syllable.isascii() and set(syllable) & set("aeiouv"))


def toneless(reading: str) -> str:
    """Drop the tone; ü is typed v."""
    return fold(reading.replace("ü", "v").replace("ǖ", "v").replace("ǘ", "v").replace("ǚ", "v").replace("ǜ", "v"))
