"""What somebody asks for, understood: fields in what was typed that mean a facet, and the place in which they search.

Features register the fields they know (学科:语文, 学校:清江) and the places to search in (a package, a school).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from search_index.query import cut_fields
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import Actor


@dataclass(frozen=True, slots=True)
class Field:
    """A facet by its names; `codes` turns what was typed behind it into codes, none when it means nothing."""

    facet: str
    names: tuple[str, ...]
    codes: Callable[[Actor, str], Collection[str]]


@dataclass(frozen=True, slots=True)
class Scope:
    """A place in which one searches: by the ids of what lies in it (as documents), or by filters."""

    code: str  # "package:…", as in the address
    title: str
    ids: frozenset[str] | None = None
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Understood(NamedTuple):
    """The words that remain, and what the fields stand for."""

    text: str
    filters: dict[str, frozenset[str]]
    excluded: dict[str, frozenset[str]]


_FIELDS: dict[str, Field] = {}
_SCOPES: dict[str, Callable[[Actor, UUID], Scope]] = {}


def register_field(known: Field) -> None:
    """Register a field under all of its names."""
    _FIELDS.update(dict.fromkeys(known.names, known))


def register_scope(kind: str, find: Callable[[Actor, UUID], Scope]) -> None:
    """Register a kind of place; `find` raises NotFound for what the actor may not see."""
    _SCOPES[kind] = find


def scope_of(actor: Actor, code: str) -> Scope | None:
    """Return the place that an address names; None for everywhere. Raises NotFound."""
    if not code:
        return None
    kind, _, thing_id = code.partition(":")
    try:
        return _SCOPES[kind](actor, UUID(thing_id))
    except (KeyError, ValueError):
        raise NotFound from None


def understand(actor: Actor, text: str, filters: Mapping[str, Sequence[str]]) -> Understood:
    """Take the fields out of what was typed and add them to the filters; what means nothing stays a word."""
    rest, said = cut_fields(text, _FIELDS)
    wanted = {name: frozenset(values) for name, values in filters.items() if values}
    excluded: dict[str, frozenset[str]] = {}
    for each in said:
        known = _FIELDS[each.name]
        codes = frozenset(known.codes(actor, each.text))
        if not codes:
            rest = f"{rest} {'-' if each.banned else ''}{each.text}"
        elif each.banned:
            excluded[known.facet] = excluded.get(known.facet, frozenset()) | codes
        else:
            wanted[known.facet] = wanted.get(known.facet, codes) & codes
    return Understood(rest.strip(), wanted, excluded)
