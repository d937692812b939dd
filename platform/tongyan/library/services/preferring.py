"""What somebody's own work is about: their subject and grade, the editions of their school."""

from collections import OrderedDict
from collections.abc import Mapping
from time import monotonic
from uuid import UUID

from tongyan.curriculum.services import default_editions
from tongyan.kernel.permissions import Actor
from tongyan.library.services.proposals import usual

Preferences = Mapping[str, frozenset[str]]

KEPT, MOST = 300.0, 10_000  # seconds, people: what one teaches changes by the term, and is asked with every search
_known: OrderedDict[tuple[UUID, UUID | None], tuple[float, Preferences]] = OrderedDict()


def preferences(actor: Actor) -> Preferences:
    """Return codes of facets that lift what a search finds, as far as they are known; minutes old at most."""
    who = (actor.person_id, actor.school_id)
    asked, known = _known.get(who, (0.0, None))
    if known is None or monotonic() - asked > KEPT:
        known = ask_preferences(actor)
        _known[who] = monotonic(), known
        if len(_known) > MOST:
            _known.popitem(last=False)
    return known


def ask_preferences(actor: Actor) -> Preferences:
    """Return the same as it is now (three statements at most)."""
    known = usual(actor)
    own = {
        "subject": frozenset({known.subject} if known.subject else ()),
        "grade": frozenset({str(known.grade)} if known.grade else ()),
        "edition": frozenset(str(choice.edition_id) for choice in default_editions(actor)),
    }
    return {facet: codes for facet, codes in own.items() if codes}
