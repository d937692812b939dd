"""Who one is, and the schools and groups that one sees."""

from typing import Any

from blueprints.api import bp
from blueprints.api.schemas import places
from blueprints.api.schemas.base import list_of, page_of
from blueprints.common.web import current_actor, current_person
from tongyan import signin
from tongyan.kernel.paging import Page
from tongyan.org.services import overview, schools
from tongyan.org.services.schools import SchoolFilters

TAG = "org"


@bp.door("GET", "/me", TAG, gives=places.Me)
def me() -> dict[str, Any]:
    """Say in whose name the token acts."""
    actor, person = current_actor(), current_person()
    return {
        "id": actor.person_id,
        "name": actor.name,
        "login": person.login if person else "",
        "school_id": actor.school_id,
        "schools": sorted(actor.school_ids),
        "groups": sorted(actor.group_ids),
        "offices": actor.offices,
        "token": signin.current_access(),
    }


@bp.door("GET", "/schools", TAG, query=places.NameQuery, gives=page_of(places.School))
def list_schools(query: dict[str, Any]) -> Page[Any]:
    """List the schools that one sees, by name."""
    found = schools.list_schools(current_actor(), SchoolFilters(text=query["text"]), query["page"], query["size"])
    return Page([row.school for row in found.items], found.total, found.number, found.size)


@bp.door("GET", "/groups", TAG, gives=list_of(places.Group))
def list_groups() -> dict[str, Any]:
    """List the groups that concern one, each with its schools."""
    views = overview.near_groups(current_actor())
    return {
        "items": [
            {
                "id": view.group.id,
                "name": view.group.name,
                "founded_on": view.group.founded_on,
                "schools": [member.membership.school for member in view.members],
            }
            for view in views
        ]
    }
