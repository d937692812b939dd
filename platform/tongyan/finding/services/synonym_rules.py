"""What a set of words of the same meaning must keep to, typed in a form or in a sheet alike."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from search_index.folding import fold
from tongyan.finding.models import SynonymSet
from tongyan.kernel.errors import Invalid
from tongyan.org.names import clean

LEAST, MOST, MAX_LENGTH = 2, 12, 20  # words of a set, characters of a word
BETWEEN = "、"
_BETWEEN = re.compile(r"[=＝、，,;；|/\r\n\t]+")


class Wrong(NamedTuple):
    """What is wrong with some words: a code, and what fills its sentence."""

    code: str
    data: dict[str, Any]


def split_words(text: str) -> list[str]:
    """Take words apart that somebody typed in a row, with any of the usual signs between them."""
    return [word for part in _BETWEEN.split(text) if (word := clean(part))]


def key_of(word: str) -> str:
    """Return what the search takes for the same word."""
    return fold(word).strip()


def problem(words: Sequence[str], others: Iterable[SynonymSet]) -> Wrong | None:
    """Return what is wrong with the words of a set beside the other sets, None when nothing is."""
    if not LEAST <= len(words) <= MOST:
        return Wrong("synonyms.number", {"least": LEAST, "most": MOST})
    seen: dict[str, str] = {}
    for word in words:
        key = key_of(word)
        if len(word) > MAX_LENGTH or not any(char.isalnum() for char in key):
            return Wrong("synonyms.word", {"word": word, "most": MAX_LENGTH})
        if key in seen:
            return Wrong("synonyms.twice", {"word": word, "other": seen[key]})
        seen[key] = word
    for other in others:
        if taken := [word for word in other.words if key_of(word) in seen]:
            return Wrong("synonyms.taken", {"word": seen[key_of(taken[0])], "words": BETWEEN.join(other.words)})
    return None


def check(words: Sequence[str], others: Iterable[SynonymSet]) -> list[str]:
    """Return the words; raises Invalid when something is wrong with them."""
    if wrong := problem(words, others):
        raise Invalid(errors={"words": [wrong.code]}, **wrong.data)
    return list(words)
