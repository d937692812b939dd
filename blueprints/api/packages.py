"""Course packages: trees of headings and resources."""

from typing import Any
from uuid import UUID

from flask import Response

from blueprints.api import bp
from blueprints.api.doors import done
from blueprints.api.schemas import packages as schemas
from blueprints.api.schemas.base import list_of, page_of
from blueprints.api.schemas.resources import Resource, ResourceCard
from blueprints.api.showing import cards, full
from blueprints.common.web import current_actor
from tongyan.kernel.errors import NotFound
from tongyan.kernel.paging import Page
from tongyan.library import services as library
from tongyan.library.models import PackageItem, ResourceKind
from tongyan.library.services import Place
from tongyan.library.services.packages import Entry

TAG = "packages"


@bp.door("GET", "/packages", TAG, query=schemas.ShelfQuery, gives=page_of(ResourceCard))
def list_packages(query: dict[str, Any]) -> Page[Any]:
    """List the packages on a shelf, the latest first."""
    return cards(library.list_packages(current_actor(), query["shelf"], query["page"]))


@bp.door("POST", "/packages", TAG, body=schemas.NewPackage, gives=Resource, status=201)
def create_package(body: dict[str, Any]) -> dict[str, Any]:
    """Begin a package, as a draft; it is changed, shared and thrown away like every resource."""
    return full(library.create_package(current_actor(), **body))


@bp.door("GET", "/packages/<uuid:resource_id>/tree", TAG, gives=list_of(schemas.Entry))
def show_tree(resource_id: UUID) -> dict[str, Any]:
    """Show what one sees of a package."""
    actor = current_actor()
    package = library.get_resource(actor, resource_id)
    if package.kind is not ResourceKind.PACKAGE:
        raise NotFound
    return {"items": [shown(entry) for entry in library.package_tree(actor, package).entries]}


def shown(entry: Entry) -> dict[str, Any]:
    """Return a place in the tree with all below it."""
    below = [shown(each) for each in entry.entries]
    resource_id = entry.target.id if entry.target else None
    said = {"number": entry.number, "depth": entry.depth, "is_heading": entry.is_heading}
    return {**named(entry.item), **said, "resource_id": resource_id, "entries": below}


def named(item: PackageItem) -> dict[str, Any]:
    """Return what an item itself says."""
    return {"id": item.id, "title": item.title, "note": item.note}


@bp.door("POST", "/packages/<uuid:resource_id>/headings", TAG, body=schemas.NewHeading, gives=schemas.Entry, status=201)
def add_heading(resource_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Add a heading at the end."""
    return named(library.add_heading(current_actor(), resource_id, body["title"], body["parent_id"]))


@bp.door(
    "POST",
    "/packages/<uuid:resource_id>/entries",
    TAG,
    body=schemas.NewEntries,
    gives=list_of(schemas.Entry),
    status=201,
)
def add_entries(resource_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Add resources at the end; those that are there already are not added again."""
    added = library.add_resources(current_actor(), resource_id, body["resource_ids"], body["parent_id"])
    return {"items": [named(item) for item in added]}


@bp.door("PATCH", "/entries/<uuid:item_id>", TAG, body=schemas.EntryChange, gives=schemas.Entry)
def change_entry(item_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Give an entry another title and note."""
    return named(library.edit_item(current_actor(), item_id, **body))


@bp.door("POST", "/entries/<uuid:item_id>/move", TAG, body=schemas.EntryPlace, status=204)
def move_entry(item_id: UUID, body: dict[str, Any]) -> Response:
    """Move an entry with all below it."""
    library.move_item(current_actor(), item_id, Place(**body))
    return done()


@bp.door("DELETE", "/entries/<uuid:item_id>", TAG, status=204)
def remove_entry(item_id: UUID) -> Response:
    """Take an entry out with all below it; the resources themselves stay."""
    library.remove_item(current_actor(), item_id)
    return done()
