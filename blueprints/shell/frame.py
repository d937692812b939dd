"""What the frame shows on every page: where one can go, and how much is unread."""

from typing import NamedTuple

from flask import request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from blueprints.common.web import current_actor, current_person
from blueprints.shell import bp
from tongyan import signin
from tongyan.accounts.service import PREFERENCES


class RailItem(NamedTuple):
    """A place in the left rail."""

    label: str
    icon: str
    url: str
    current: bool


def rail_items() -> list[RailItem]:
    """Return the places that there are, the administrator's last."""
    places = [
        (_("工作台"), "home", "shell.desk"),
        (_("课程资源"), "books", "library.index"),
        (_("教材"), "sitemap", "curriculum.index"),
        (_("集团"), "building-community", "org.group"),
    ]
    if current_actor().is_admin:
        places.append((_("管理"), "settings", "org.admin"))
    here = request.endpoint or ""
    return [RailItem(label, icon, url_for(end), _is_here(here, end)) for label, icon, end in places]


def _is_here(here: str, end: str) -> bool:
    feature = end.partition(".")[0]
    if end == "org.admin":
        return request.path.startswith(url_for(end))
    return here == end if feature in {"shell", "org"} else here.startswith(f"{feature}.")


def page_language() -> str:
    """Return the language of the page as HTML names it."""
    return "en" if str(get_locale()).startswith("en") else "zh-CN"


def page_theme() -> str:
    """Return the theme of the person, else of the browser's last choice, else what the machine prefers."""
    person = current_person()
    chosen = person.theme if person else request.cookies.get("theme", "")
    return chosen if chosen in PREFERENCES["theme"] else "auto"


def unread_notices() -> int:
    """Return how many notices wait at the bell."""
    row = signin.current_session()
    return (row.unread if row else None) or 0


@bp.app_context_processor
def frame() -> dict[str, object]:
    """Give the templates what the frame shows (looked up only when it is drawn)."""
    return {
        "page_language": page_language,
        "page_theme": page_theme,
        "rail_items": rail_items,
        "unread_notices": unread_notices,
    }
