"""Facets as links: what a result can be narrowed to, in words, and how many would remain."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from blueprints.common.labels import GRADES, grade_name, kind_name, label
from blueprints.common.templates import url_with
from tongyan.library.indexing import edition_names, school_names
from tongyan.library.models import ResourceKind

FACETS = ("subject", "grade", "edition", "type", "school")
NAMES = {
    "subject": lazy_gettext("学科"),
    "grade": lazy_gettext("年级"),
    "edition": lazy_gettext("版本"),
    "type": lazy_gettext("类型"),
    "school": lazy_gettext("所属学校"),
}


class Choice(NamedTuple):
    """A value of a facet; its link adds it to the search, or takes it out when it was chosen."""

    code: str
    label: str
    number: int
    chosen: bool
    url: str


class Facet(NamedTuple):
    """A facet with the values that there are."""

    name: str
    label: str
    choices: list[Choice]


class Tab(NamedTuple):
    """A kind of things, and how many of it were found; its link shows only these."""

    code: str
    label: str
    number: int
    chosen: bool
    url: str


def tabs(counts: Mapping[str, int], chosen: Sequence[str]) -> list[Tab]:
    """Return the kinds that were found, after the one for all of them; none where there is nothing to choose."""
    if len(counts) < 2 and not chosen:
        return []
    everything = Tab("", _("全部"), sum(counts.values()), not chosen, url_with(kind=None))
    kinds = dict.fromkeys([*counts, *chosen])
    return [
        everything,
        *(Tab(kind, kind_name(kind), counts.get(kind, 0), kind in chosen, url_with(kind=kind)) for kind in kinds),
    ]


def facets(counts: Mapping[str, Mapping[str, int]], chosen: Mapping[str, Sequence[str]]) -> list[Facet]:
    """Return the facets that have values."""
    names = {"school": school_names, "edition": edition_names}
    known = {name: names[name](counts[name]) for name in names if counts.get(name)}
    return [
        Facet(name, str(NAMES[name]), [_choice(name, code, count, chosen, known) for code, count in _ordered(values)])
        for name, values in counts.items()
        if values and name in NAMES
    ]


def chips(shown: Sequence[Facet], chosen: Mapping[str, Sequence[str]]) -> list[Choice]:
    """Return what was chosen, also what nothing is left of; each link takes it out."""
    return [choice for name in chosen for choice in _chosen(shown, chosen, name)]


def _chosen(shown: Sequence[Facet], chosen: Mapping[str, Sequence[str]], name: str) -> list[Choice]:
    known = {choice.code: choice for facet in shown if facet.name == name for choice in facet.choices}
    return [known.get(code) or _choice(name, code, 0, chosen, {}) for code in chosen[name]]


class WayOut(NamedTuple):
    """What could be dropped where nothing was found, and how many there are without it."""

    label: str
    number: int
    url: str


def ways_out(
    without: Mapping[str, int], shown: Sequence[Facet], chosen: Mapping[str, Sequence[str]], kinds: Sequence[str]
) -> list[WayOut]:
    """Return the conditions of the URL that leave nothing, those first without which there is most."""
    said = {name: "、".join(choice.label for choice in _chosen(shown, chosen, name)) for name in chosen}
    if kinds:
        said["kind"] = "、".join(map(kind_name, kinds))
    helping = {name: number for name, number in without.items() if name in said}
    ways = [WayOut(said[name], number, url_with(**{name: None})) for name, number in helping.items()]
    return sorted(ways, key=lambda way: -way.number)


def _ordered(values: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return grades by number, everything else as it came: most frequent first."""
    return sorted(values.items(), key=lambda item: int(item[0]) if item[0].isdecimal() else 0)


Known = Mapping[str, Mapping[str, str]]  # facet -> code -> its name, of what the result itself names


def _choice(name: str, code: str, count: int, chosen: Mapping[str, Sequence[str]], known: Known) -> Choice:
    before = chosen.get(name, [])
    after = [each for each in before if each != code] if code in before else [*before, code]
    return Choice(code, _label(name, code, known), count, code in before, url_with(**{name: after}))


def _label(name: str, code: str, known: Known) -> str:
    """Return a code in words; only schools that the result itself names have a name here."""
    if name == "grade" and code in map(str, range(1, len(GRADES) + 1)):
        return grade_name(int(code))
    if name == "type" and code in set(ResourceKind):
        return label(ResourceKind(code))
    if name == "school":
        return known.get(name, {}).get(code) or _("其他学校")
    return known.get(name, {}).get(code) or (_("其他版本") if name == "edition" else code)
