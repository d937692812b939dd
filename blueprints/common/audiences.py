"""To whom something is open, in the words of a staff room."""

from collections.abc import Callable, Iterable
from typing import Any

from flask_babel import gettext as _

from blueprints.common.labels import listed
from tongyan.kernel.permissions import PUBLIC, Actor
from tongyan.org.services.audiences import AudienceName, audience_choices, name_audiences

MOST_SCHOOLS = 3  # named one by one


def audience_names(audiences: Iterable[str]) -> dict[str, str]:
    """Return every audience in words, such as "清江教育集团及伙伴集团"; several at once ask no more than one."""
    asked = list(audiences)
    named = name_audiences(asked)
    return {audience: audience_text(named.get(audience)) for audience in asked}


def audience_options(actor: Actor) -> list[tuple[str, str]]:
    """Return what the actor may open something to, for a select, the narrowest first."""
    return [(choice.audience, audience_text(choice.name)) for choice in audience_choices(actor)]


def audience_text(name: AudienceName | None) -> str:
    """Return an audience in words."""
    if name is None:
        return str(_("已不存在的范围"))
    first = name.names[0] if name.names else ""
    words: dict[str, Callable[[], Any]] = {
        "user": lambda: _("仅%(name)s", name=first),
        "prepgroup": lambda: _("%(name)s（%(place)s）", name=first, place=name.of),
        "schools": lambda: _schools(name.names),
        "partners": lambda: _("%(group)s及伙伴集团", group=first),
        "region": lambda: _("%(region)s各校", region=first),
        PUBLIC: lambda: _("所有人"),
    }
    return str(words.get(name.kind, lambda: first)())


def _schools(names: tuple[str, ...]) -> Any:
    if len(names) <= MOST_SCHOOLS:
        return _("指定学校：%(names)s", names=listed(names))
    return _("指定学校：%(names)s等 %(number)s 所", names=listed(names[:MOST_SCHOOLS]), number=len(names))
