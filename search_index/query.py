"""What was typed becomes a plan: groups of terms. There is no query language, so nothing typed can reach a field."""

import re
from typing import NamedTuple

from search_index import pinyin
from search_index.analysis import ANYWHERE, NAMED, analyse, without_places
from search_index.folding import HAN, fold

MAX_QUERY = 120  # characters
MAX_TERMS = 64

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONE = re.compile(rf"^[{HAN}](?:\s+[{HAN}]){{2,}}$")  # a text pasted with blanks between its characters
_LETTERS = re.compile(r"^[a-z]+(?:[\s']+[a-z]+)*$")

BAG, SOUND = "bag", "sound"
RESCUE_COVER, RESCUE_FROM = 0.6, 3  # a word of two characters in the wrong order is another word, not an error


class Group(NamedTuple):
    """Terms of one field, of whose weight (idf) a document must hold the share `cover`."""

    field: str
    terms: tuple[str, ...]
    cover: float
    factor: float = 1.0


class Plan(NamedTuple):
    """A document is found by any group; `names` are characters of title, tags and author.

    Names raise what was found, and rescue a search that found next to nothing (a typing error in a title).
    """

    groups: tuple[Group, ...]
    names: tuple[str, ...] = ()

    @property
    def may_rescue(self) -> bool:
        """Say whether there are enough names to tell an error from another word."""
        return len(self.names) >= RESCUE_FROM


def parse(text: str) -> Plan:
    """Plan a search."""
    words, characters = query_terms(text)
    groups = [Group(BAG, words, _cover(len(words)))] if words else []
    names = tuple(dict.fromkeys(NAMED + char for char in characters))[:MAX_TERMS]
    return Plan((*groups, *_sounds(text)), names)


def parse_start(text: str) -> Plan:
    """Plan a suggestion for what was typed so far: every character must be in a title, tag or author."""
    terms, characters = query_terms(text)
    names = tuple(dict.fromkeys(NAMED + char for char in characters))[:MAX_TERMS]
    words = tuple(term for term in terms if not term.startswith(ANYWHERE))
    by_name = [Group(BAG, names, 1.0)] if names else [Group(BAG, words, 1.0)] if words else []
    return Plan((*by_name, *_sounds(text)), ())


def query_terms(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the terms a query stands for, without repetition, and its Han characters."""
    rest, places = without_places(clean(text))
    terms: list[str] = list(places)
    characters: list[str] = []
    parts = [rest] if _LONE.match(rest.strip()) else rest.split()
    for part in parts:
        found = analyse(part)
        characters += found.characters
        terms += found.words
        terms += [ANYWHERE + char for char in _lone_characters(part)]
    return tuple(dict.fromkeys(terms))[:MAX_TERMS], tuple(dict.fromkeys(characters))


def clean(text: str) -> str:
    """Cut a query to what is looked at; what no database takes (NUL, halves of a character) becomes blanks."""
    return _UNREADABLE.sub(" ", text[:MAX_QUERY])


def _lone_characters(part: str) -> list[str]:
    """Return Han characters without a Han neighbour: they are in no pair."""
    return re.findall(rf"(?<![{HAN}])[{HAN}](?![{HAN}])", re.sub(rf"(?<=[{HAN}])\s+(?=[{HAN}])", "", part))


def _cover(terms: int) -> float:
    """Say how much of a query a document must hold; the longer it is, the more may be missing."""
    if terms <= 3:
        return (1.0, 1.0, 0.6, 0.5)[terms]
    return 0.45 if terms <= 6 else 0.3


def _sounds(text: str) -> list[Group]:
    """Plan letters as pinyin: by syllables, as one pair (xian = 西安), by initials."""
    typed = fold(clean(text)).strip()
    if not _LETTERS.match(typed):
        return []
    letters = re.sub(r"[^a-z]", "", typed)
    groups = []
    if spoken := _spoken(typed, letters):
        pairs = [pinyin.PAIR + first + second for first, second in zip(spoken, spoken[1:], strict=False)]
        terms = tuple(dict.fromkeys(pairs or [pinyin.SYLLABLE + spoken[0]]))[:MAX_TERMS]
        groups.append(Group(SOUND, terms, _cover(len(terms)), 0.8))
        if len(spoken) == 1:
            groups.append(Group(SOUND, (pinyin.PAIR + letters,), 1.0, 0.8))
    if initials := tuple(dict.fromkeys(pinyin.initials(letters))):
        groups.append(Group(SOUND, initials, 1.0, 0.6))
    return groups


def _spoken(typed: str, letters: str) -> list[str] | None:
    by_word = [pinyin.syllables(word) for word in re.findall("[a-z]+", typed)]
    if all(by_word):
        return [syllable for word in by_word if word for syllable in word]
    return pinyin.syllables(letters)
