"""Words that mean the same, as administrators tend them and as every search asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from search_index.folding import fold
from search_index.synonyms import Synonyms
from tongyan.accounts.policy import require_admin
from tongyan.finding.models import SynonymSet
from tongyan.finding.policy import Action
from tongyan.finding.services.synonym_rules import check
from tongyan.kernel import audit, settings
from tongyan.kernel.db import after_commit, db, transaction
from tongyan.kernel.errors import Conflict
from tongyan.kernel.paging import MAX_PAGE, PAGE_SIZE, Page
from tongyan.kernel.permissions import Actor, load, visible

MAX_SETS = 1000
FRESH = 2.0  # seconds for which a process believes what it knows
STAMP = select(func.count(), func.sum(SynonymSet.version), func.max(SynonymSet.updated_at))  # any change changes it


@dataclass(slots=True)
class _Known:
    """What this process knows of the sets of one database, and when it looked."""

    stamp: Any = None
    at: float = 0.0
    words: Synonyms | None = None


_known: dict[str, _Known] = {}


def synonyms() -> Synonyms:
    """Return the words that mean the same; a change is known within two seconds (none or one statement, rarely two)."""
    known = _known.setdefault(settings.get("DATABASE_URL"), _Known())
    if known.words is not None and monotonic() - known.at < FRESH:
        return known.words
    stamp = db.session.execute(STAMP).one()
    if known.words is None or stamp != known.stamp:
        known.words = Synonyms(db.session.scalars(select(SynonymSet.words).order_by(SynonymSet.id)))
    known.stamp, known.at = stamp, monotonic()
    return known.words


def forget_synonyms() -> None:
    """Have this process look at once."""
    _known.clear()


def list_synonyms(actor: Actor, text: str = "", page: int = 1, size: int = PAGE_SIZE) -> Page[SynonymSet]:
    """Return a page of the sets that have a word with this text in it, the latest change first (one statement).

    They are few and looked through here: how a list lies in a column, databases do not agree on.
    """
    wanted = fold(text.strip())
    order = (SynonymSet.updated_at.desc(), SynonymSet.id)
    sets = db.session.scalars(select(SynonymSet).where(visible(actor, SynonymSet)).order_by(*order))
    found = [each for each in sets if not wanted or any(wanted in fold(word) for word in each.words)]
    number = min(max(1, page), MAX_PAGE)
    return Page(found[(number - 1) * size : number * size], len(found), number, size)


def get_synonyms(actor: Actor, set_id: UUID) -> SynonymSet:
    """Return a set that the actor may change. Raises NotFound."""
    return load(actor, SynonymSet, set_id, Action.SYNONYMS_EDIT)


def add_synonyms(actor: Actor, words: Sequence[str]) -> SynonymSet:
    """Add a set. Raises Forbidden, Invalid (the words), Conflict (too many sets)."""
    require_admin(actor)
    with transaction():
        sets = all_sets()
        return insert(actor, check(words, sets), len(sets))


def insert(actor: Actor, words: list[str], before: int) -> SynonymSet:
    """Write a set whose words were checked (inside a transaction); `before` says how many sets there are."""
    if before >= MAX_SETS:
        raise Conflict("synonyms.too_many", limit=MAX_SETS)
    row = SynonymSet(words=words)
    db.session.add(row)
    db.session.flush()  # the audit names the id
    audit.record(actor, "finding:synonyms:add", _subject(row), words=words)
    after_commit(forget_synonyms)
    return row


def change_synonyms(actor: Actor, set_id: UUID, words: Sequence[str], version: int) -> SynonymSet:
    """Change a set; `version` is the one the editor saw. Raises NotFound, Conflict, Invalid."""
    with transaction():
        row = get_synonyms(actor, set_id)
        if version != row.version:
            raise Conflict("conflict.stale")
        rewrite(actor, row, check(words, [each for each in all_sets() if each is not row]))
    return row


def rewrite(actor: Actor, row: SynonymSet, words: list[str]) -> None:
    """Give a set other words, which were checked (inside a transaction)."""
    if words != row.words:
        audit.record(actor, "finding:synonyms:change", _subject(row), before=row.words, words=words)
        row.words = words
        after_commit(forget_synonyms)


def delete_synonyms(actor: Actor, set_id: UUID) -> list[str]:
    """Delete a set and return its words. Raises NotFound."""
    with transaction() as session:
        row = get_synonyms(actor, set_id)
        words = row.words
        audit.record(actor, "finding:synonyms:delete", _subject(row), words=words)
        session.delete(row)
        after_commit(forget_synonyms)
    return words


def _subject(row: SynonymSet) -> str:
    return f"synonyms:{row.id}"


def all_sets() -> Sequence[SynonymSet]:
    """Return every set (inside a transaction of an administrator)."""
    return db.session.scalars(select(SynonymSet).order_by(SynonymSet.id)).all()
