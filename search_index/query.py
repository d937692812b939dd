"""What was typed becomes a plan: groups of terms, what must be there, and what must not.

The language is small and safe: words, "a phrase" (also in “Chinese” quotes), -without (but -5 is a number), and title:,
author: or tag: before a word (also 标题：, 作者：, 关键词：). All else is words; nothing typed can reach another field.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from search_index import pinyin
from search_index.analysis import ALONE, ANYWHERE, NAMED, analyse, part_term, without_places
from search_index.folding import HAN, fold
from search_index.synonyms import NO_SYNONYMS, Piece, Synonyms

MAX_QUERY = 120  # characters
MAX_TERMS = 64

PARTS: Mapping[str, str] = {
    "title": "title", "标题": "title", "题目": "title", "author": "author", "作者": "author", "tag": "tag",
    "关键词": "tag", "标签": "tag",
}  # fmt: skip

_UNREADABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONE = re.compile(rf"^[{HAN}](?:\s+[{HAN}]){{2,}}$")  # a text pasted with blanks between its characters
_LETTERS = re.compile(r"^[a-z]+(?:[\s']+[a-z]+)*$")
_QUOTED = '"[^"]*"?|“[^”]*”?|「[^」]*」?'
_TOKEN = re.compile(
    rf"(?<!\S)(?P<no>[-－](?!\d))?(?:(?P<name>[^\W\d]{{2,8}})[:：])?(?P<said>{_QUOTED}|[^\s\"“「]+)|(?P<rest>\S)"
)
_QUOTES = '"“”「」'

BAG, SOUND, PART = "bag", "sound", "part"
LONG, HELD = 4, 1.6  # words of a long question; about two of them must be held
RESCUE_COVER, RESCUE_FROM = 0.6, 3  # a word of two characters in the wrong order is another word, not an error


class Slot(NamedTuple):
    """A thing that is looked for: any of its ways to say it, each by all of its terms."""

    label: str
    ways: tuple[tuple[str, ...], ...]


class Group(NamedTuple):
    """Slots of one field, of whose weight (idf) a document must hold the share `cover`."""

    field: str
    slots: tuple[Slot, ...]
    cover: float
    factor: float = 1.0


class Need(NamedTuple):
    """Terms of a field that stand together in a document; with a phrase, it also stands in its text."""

    field: str
    terms: tuple[str, ...]
    phrase: str = ""


class Plan(NamedTuple):
    """A document is found by any group, if it has all needs and no ban.

    Names are characters of title, tags and author, `alone` those that stand alone there: they raise what was found. A
    search that found next to nothing is rescued by names (a typing error in a title) and by the groups of `rescue`.
    Where still nothing was found, those of `last` are asked: in a long question (我想找…的课件) most words are only
    said by the way.
    """

    groups: tuple[Group, ...] = ()
    names: tuple[Slot, ...] = ()
    alone: tuple[Slot, ...] = ()
    needs: tuple[Need, ...] = ()
    bans: tuple[Need, ...] = ()
    rescue: tuple[Group, ...] = ()
    last: tuple[Group, ...] = ()

    @property
    def may_rescue_by_name(self) -> bool:
        """Say whether there are enough names to tell an error from another word."""
        return len(self.names) >= RESCUE_FROM


class Said(NamedTuple):
    """A piece of what was typed, as it was meant."""

    text: str
    name: str = ""  # of a field
    quoted: bool = False
    banned: bool = False


def plain_slot(term: str) -> Slot:
    """Look for one term."""
    return Slot(term, ((term,),))


def read(text: str, names: Iterable[str] = PARTS) -> list[Said]:
    """Take apart what was typed; `name:` is only read where the name is one of `names`."""
    known = set(names)
    said = []
    for match in _TOKEN.finditer(clean(text)):
        name, spoken = (match["name"] or "").lower(), match["said"] or match["rest"]
        if name and name not in known:
            name, spoken = "", f"{match['name']} {spoken}"
        quoted = spoken[0] in _QUOTES
        if bare := spoken.strip(_QUOTES).strip():
            said.append(Said(bare, name, quoted, bool(match["no"])))
    return said


def cut_fields(text: str, names: Iterable[str]) -> tuple[str, list[Said]]:
    """Return what was typed without the fields of these names, and these fields."""
    fields = [each for each in read(text, names) if each.name]
    if not fields:
        return text, []
    return " ".join(_again(each) for each in read(text, {*names, *PARTS}) if each.name not in set(names)), fields


def _again(said: Said) -> str:
    quote = '"' if said.quoted else ""
    return f"{'-' if said.banned else ''}{f'{said.name}:' if said.name else ''}{quote}{said.text}{quote}"


def words_of(text: str) -> str:
    """Return the words that are looked for: without what is banned, and without the marks of the language."""
    return " ".join(said.text for said in read(text) if not said.banned)


def parse(text: str, synonyms: Synonyms = NO_SYNONYMS) -> Plan:
    """Plan a search."""
    said = read(text)
    words = words_of(text)
    slots = query_slots(words, synonyms)
    groups = [Group(BAG, slots, _cover(len(slots)))] if slots else []
    needs = [need for each in said if not each.banned and (each.quoted or each.name) for need in _needs(each)]
    bans = [need for each in said if each.banned for need in _needs(each)]
    free = not needs and not any(each.banned for each in said)
    return Plan(
        groups=(*groups, *(_sounds(words) if free else ())),
        names=_names(words),
        alone=_alone(words),
        needs=tuple(needs),
        bans=tuple(bans),
        rescue=_misspelt(words),
        last=(Group(BAG, slots, HELD / len(slots)),) if len(slots) > LONG else (),
    )


def parse_start(text: str) -> Plan:
    """Plan a suggestion for what was typed so far: every character must be in a title, tag or author."""
    names = _names(text)
    words = tuple(slot for slot in query_slots(text) if not slot.label.startswith(ANYWHERE))
    by_name = [Group(BAG, names, 1.0)] if names else [Group(BAG, words, 1.0)] if words else []
    return Plan((*by_name, *_sounds(text)))


def parse_alike(text: str) -> Plan:
    """Plan a search for titles that look or sound like what was typed."""
    words = words_of(text)
    names = _names(words)
    groups = [Group(BAG, names, RESCUE_COVER)] if len(names) > 1 else []
    if spoken := pinyin.spoken_pairs(fold(words)):
        slots = tuple(Slot(ways[0], tuple((way,) for way in ways)) for ways in spoken[:MAX_TERMS])
        groups.append(Group(SOUND, slots, 1.0 if len(slots) < RESCUE_FROM else RESCUE_COVER))
    return Plan((*groups, *_sounds(words), *_misspelt(words)))


def query_slots(text: str, synonyms: Synonyms = NO_SYNONYMS) -> tuple[Slot, ...]:
    """Return what a query looks for, without repetition."""
    rest, places = without_places(clean(text))
    slots = [plain_slot(place) for place in places]
    for part in _parts(rest):
        for piece in synonyms.pieces(part):
            slots += _slots(piece)
    return tuple({slot.label: slot for slot in slots}.values())[:MAX_TERMS]


def _slots(piece: Piece) -> list[Slot]:
    terms = tuple(_terms(piece.text))
    if not piece.others or not terms:
        return [plain_slot(term) for term in terms]
    others = (tuple(_terms(other)) for other in piece.others)
    return [Slot(piece.text, (terms, *(way for way in others if way)))]


def _terms(text: str) -> list[str]:
    """Return words and pairs, and the Han characters without a Han neighbour: they are in no pair."""
    joined = re.sub(rf"(?<=[{HAN}])\s+(?=[{HAN}])", "", text)
    lone = re.findall(rf"(?<![{HAN}])[{HAN}](?![{HAN}])", joined)
    return [*analyse(text).words, *(ANYWHERE + char for char in lone)]


def _parts(text: str) -> list[str]:
    return [text] if _LONE.match(text.strip()) else text.split()


def _names(text: str) -> tuple[Slot, ...]:
    rest, _ = without_places(clean(text))
    characters = [char for part in _parts(rest) for char in analyse(part).characters]
    return tuple(plain_slot(NAMED + char) for char in dict.fromkeys(characters))[:MAX_TERMS]


def _alone(text: str) -> tuple[Slot, ...]:
    """Return the characters that were typed alone, as they stand alone in a title."""
    rest, _ = without_places(clean(text))
    terms = (term for part in _parts(rest) for term in _terms(part))
    return _plain_slots(ALONE + term.removeprefix(ANYWHERE) for term in terms if term.startswith(ANYWHERE))


def _needs(said: Said) -> list[Need]:
    """Return what one piece asks for: in one part all of its words, else the words one after the other."""
    if said.name:
        return [Need(PART, tuple(part_term(PARTS[said.name], term) for term in _terms(said.text)))]
    terms = tuple(_terms(said.text))[:MAX_TERMS]
    return [Need(BAG, terms, phrase_of(said.text) if len(terms) > 1 else "")] if terms else []


def phrase_of(text: str) -> str:
    """Return what stands in a plain text (with a blank before and after it) where a phrase stands."""
    runs = analyse(text).runs
    if not runs:
        return ""
    before, after = ("" if re.match(f"[{HAN}]", run) else " " for run in (runs[0], runs[-1]))
    return f"{before}{' '.join(runs)}{after}"


def clean(text: str) -> str:
    """Cut a query to what is looked at; what no database takes (NUL, halves of a character) becomes blanks."""
    return _UNREADABLE.sub(" ", text[:MAX_QUERY])


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
        slots = _plain_slots(pairs or [pinyin.SYLLABLE + spoken[0]])
        groups.append(Group(SOUND, slots, _cover(len(slots)), 0.8))
        if len(spoken) == 1:
            groups.append(Group(SOUND, _plain_slots([pinyin.PAIR + letters]), 1.0, 0.8))
    if initials := _plain_slots(pinyin.initials(letters)):
        groups.append(Group(SOUND, initials, 1.0, 0.6))
    return groups


def _misspelt(text: str) -> tuple[Group, ...]:
    """Plan Latin words with an error in them: most of their letters, three by three, stand in a title."""
    words = re.findall("[a-z]{5,40}", fold(clean(text)))
    return tuple(Group(SOUND, _plain_slots(pinyin.letters_of(word)), 0.5, 0.5) for word in words[:4])


def _plain_slots(terms: Iterable[str]) -> tuple[Slot, ...]:
    return tuple(plain_slot(term) for term in dict.fromkeys(terms))[:MAX_TERMS]


def _spoken(typed: str, letters: str) -> list[str] | None:
    by_word = [pinyin.syllables(word) for word in re.findall("[a-z]+", typed)]
    if all(by_word):
        return [syllable for word in by_word if word for syllable in word]
    return pinyin.syllables(letters)
