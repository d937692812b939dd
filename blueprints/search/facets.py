"""Facets as links: what a result can be narrowed to, in words, and how many would remain."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from blueprints.common.labels import GRADES, grade_name, label
from blueprints.common.templates import url_with
from tongyan.library.indexing import school_names
from tongyan.library.models import ResourceKind

FACETS = ("subject", "grade", "type", "school")
NAMES = {
    "subject": lazy_gettext("学科"),
    "grade": lazy_gettext("年级"),
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


def facets(counts: Mapping[str, Mapping[str, int]], chosen: Mapping[str, Sequence[str]]) -> list[Facet]:
    """Return the facets that have values."""
    schools = school_names(counts.get("school", {}))
    return [
        Facet(name, str(NAMES[name]), [_choice(name, code, count, chosen, schools) for code, count in _ordered(values)])
        for name, values in counts.items()
        if values
    ]


def chips(shown: Sequence[Facet], chosen: Mapping[str, Sequence[str]]) -> list[Choice]:
    """Return what was chosen, also what nothing is left of; each link takes it out."""
    known = {(facet.name, choice.code): choice for facet in shown for choice in facet.choices}
    return [
        known.get((name, code)) or _choice(name, code, 0, chosen, {})
        for name, codes in chosen.items()
        for code in codes
    ]


def _ordered(values: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return grades by number, everything else as it came: most frequent first."""
    return sorted(values.items(), key=lambda item: int(item[0]) if item[0].isdecimal() else 0)


def _choice(
    name: str, code: str, count: int, chosen: Mapping[str, Sequence[str]], schools: Mapping[str, str]
) -> Choice:
    before = chosen.get(name, [])
    after = [each for each in before if each != code] if code in before else [*before, code]
    return Choice(code, _label(name, code, schools), count, code in before, url_with(**{name: after}))


def _label(name: str, code: str, schools: Mapping[str, str]) -> str:
    """Return a code in words; only schools that the result itself names have a name here."""
    if name == "grade" and code in map(str, range(1, len(GRADES) + 1)):
        return grade_name(int(code))
    if name == "type" and code in set(ResourceKind):
        return label(ResourceKind(code))
    return schools.get(code) or _("其他学校") if name == "school" else code
