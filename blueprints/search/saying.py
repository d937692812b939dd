"""Saved searches in words: what they look for, among what, and where."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from flask_babel import gettext as _

from blueprints.common.labels import kind_name
from blueprints.search.facets import Choice, Facet, chips
from tongyan.finding.models import SavedSearch
from tongyan.kernel.asking import scope_of
from tongyan.kernel.errors import NotFound
from tongyan.kernel.permissions import Actor
from tongyan.kernel.search import Sort
from tongyan.library import services as library
from tongyan.library.indexing import edition_names


def in_words(actor: Actor, rows: Sequence[SavedSearch]) -> Mapping[UUID, list[str]]:
    """Return what each search asks, in words; schools are named if they are near the actor, places if they see them."""
    near = library.filter_schools(actor) if any("school" in row.filters for row in rows) else ()
    editions = edition_names(_ids(code for row in rows for code in row.filters.get("edition", ())))
    known = [_facet("school", {str(each.id): each.name for each in near}), _facet("edition", editions)]
    return {row.id: list(_words(actor, row, known)) for row in rows}


def _ids(codes: Iterable[str]) -> Iterator[str]:
    """Give what may be ids: anything can stand in an address."""
    for code in codes:
        with suppress(ValueError):
            yield str(UUID(code))


def _facet(name: str, names: Mapping[str, str]) -> Facet:
    return Facet(name, "", [Choice(code, text, 0, True, "") for code, text in names.items()])


def _words(actor: Actor, row: SavedSearch, known: Sequence[Facet]) -> Iterator[str]:
    yield row.text
    yield from (kind_name(kind) for kind in row.kinds)
    yield from (choice.label for choice in chips(known, row.filters))
    if row.within:
        yield _place(actor, row.within)
    if row.sort is Sort.NEWEST:
        yield _("最新")


def _place(actor: Actor, code: str) -> str:
    try:
        place = scope_of(actor, code)
    except NotFound:
        return str(_("那里已不对您开放"))
    return str(_("在“%(title)s”里", title=place.title)) if place else ""
