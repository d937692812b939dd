"""Searches that people save under a name, to run them again and to be told of news."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from tongyan.accounts.models import Person
from tongyan.finding.models import SavedSearch
from tongyan.finding.policy import Action
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.permissions import Actor, load
from tongyan.kernel.search import SearchRequest
from tongyan.org.names import clean

MOST, MAX_NAME, MAX_TEXT, MAX_PLACE = 50, 64, 200, 64


def save_search(actor: Actor, name: str, request: SearchRequest, *, digest: bool = False) -> SavedSearch:
    """Keep a search of the actor's. Raises Invalid (name, nothing searched), Conflict (saved before, too many)."""
    name, asked = clean(name), _asked(request)
    with transaction() as session:
        session.get_one(Person, actor.person_id, with_for_update=True)  # two at once must not exceed the limit
        mine = session.scalars(_mine(actor)).all()
        for row in mine:
            if _of(row) == asked:
                raise Conflict("saved.same", name=row.name)
        if len(mine) >= MOST:
            raise Conflict("saved.too_many", limit=MOST)
        _check_name(name, mine)
        row = SavedSearch(person_id=actor.person_id, name=name, **asked)
        _switch(row, digest=digest)
        session.add(row)
    return row


def list_saved(actor: Actor) -> Sequence[SavedSearch]:
    """Return the actor's searches, those with news first, then the latest."""
    order = (SavedSearch.news.desc(), SavedSearch.created_at.desc(), SavedSearch.id.desc())
    return db.session.scalars(_mine(actor).order_by(*order)).all()


def get_saved(actor: Actor, saved_id: UUID) -> SavedSearch:
    """Return a search of the actor's. Raises NotFound."""
    return load(actor, SavedSearch, saved_id, Action.SAVED_EDIT)


def change_saved(actor: Actor, saved_id: UUID, name: str, *, digest: bool) -> SavedSearch:
    """Give a search another name, and say whether to tell of news. Raises NotFound, Invalid."""
    name = clean(name)
    with transaction() as session:
        row = get_saved(actor, saved_id)
        _check_name(name, [each for each in session.scalars(_mine(actor)) if each is not row])
        row.name = name
        _switch(row, digest=digest)
    return row


def switch_digest(actor: Actor, saved_id: UUID, *, on: bool) -> SavedSearch:
    """Tell the actor of news, or no more. Raises NotFound."""
    with transaction():
        row = get_saved(actor, saved_id)
        _switch(row, digest=on)
    return row


def delete_saved(actor: Actor, saved_id: UUID) -> str:
    """Forget a search and return what it was called. Raises NotFound."""
    with transaction() as session:
        row = get_saved(actor, saved_id)
        name = row.name
        session.delete(row)
    return name


def look_at_news(actor: Actor, saved_id: UUID) -> SavedSearch:
    """Return a search whose news are about to be looked at: from now on they are none. Raises NotFound."""
    row = get_saved(actor, saved_id)
    if row.news:
        with transaction():
            row = get_saved(actor, saved_id)
            row.news = 0
    return row


def request_of(row: SavedSearch) -> SearchRequest:
    """Return what a saved search asks."""
    return SearchRequest(text=row.text, kinds=tuple(row.kinds), filters=row.filters, within=row.within, sort=row.sort)


def _mine(actor: Actor) -> Select[SavedSearch]:
    return select(SavedSearch).where(SavedSearch.person_id == actor.person_id)


def _asked(request: SearchRequest) -> dict[str, object]:
    """Return what is kept of a request: two that ask the same are kept alike."""
    text = clean(request.text)[:MAX_TEXT]
    if not text:
        raise Invalid("saved.nothing")
    filters = {name: sorted(set(codes)) for name, codes in sorted(request.filters.items()) if codes}
    kept: dict[str, object] = {"text": text, "kinds": sorted(set(request.kinds)), "filters": filters}
    return kept | {"within": request.within[:MAX_PLACE], "sort": request.sort}


def _of(row: SavedSearch) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("text", "kinds", "filters", "within", "sort")}


def _check_name(name: str, others: Sequence[SavedSearch]) -> None:
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid(errors={"name": ["saved.name"]}, limit=MAX_NAME)
    if any(row.name == name for row in others):
        raise Invalid(errors={"name": ["saved.twin"]})


def _switch(row: SavedSearch, *, digest: bool) -> None:
    """Begin to tell of what is new from now on, or stop; what is on already goes on where it was."""
    if digest and not row.digest:
        row.told_at = row.known_until = now()
    elif not digest:
        row.told_at = row.known_until = None
        row.news = 0
