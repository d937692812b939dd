"""Resources and files as the API gives them: what they say, and the addresses at which they are."""

from typing import Any

from flask import url_for

from tongyan.kernel import settings
from tongyan.kernel.paging import Page
from tongyan.library.models import FileState, Resource, ResourceFile

CARD = (
    "id",
    "version",
    "title",
    "kind",
    "state",
    "summary",
    "keywords",
    "owner",
    "school",
    "audience",
    "licence",
    "stage",
    "subject",
    "grade",
    "node_id",
    "standing",
    "number",
    "tally",
    "created_at",
    "updated_at",
    "published_at",
)
REST = (
    "source",
    "contributors",
    "prep_group_id",
    "language",
    "for_whom",
    "domains",
    "competencies",
    "difficulty",
    "periods",
    "note",
    "replaces_id",
    "revises_id",
    "review_scope",
)
FILE = (
    "id",
    "resource_id",
    "name",
    "path",
    "size",
    "sha256",
    "media_type",
    "family",
    "state",
    "error_code",
    "page_count",
    "duration",
)


def public_address(path: str) -> str:
    """Return a path of ours as an address that holds outside, too."""
    base: str = settings.get("PUBLIC_URL")
    return base.rstrip("/") + path


def card(resource: Resource) -> dict[str, Any]:
    """Return what lists show of a resource."""
    address = public_address(url_for("library.show", resource_id=resource.id))
    return {**{name: getattr(resource, name) for name in CARD}, "address": address}


def cards(page: Page[Resource]) -> Page[dict[str, Any]]:
    """Return a page of resources as lists show them."""
    return Page([card(resource) for resource in page.items], page.total, page.number, page.size)


def full(resource: Resource) -> dict[str, Any]:
    """Return all that a resource says."""
    said = {name: getattr(resource, name) for name in REST}
    return {**card(resource), **said, "files": [shown_file(file) for file in resource.files]}


def shown_file(file: ResourceFile) -> dict[str, Any]:
    """Return a file and where to get it."""
    return {**{name: getattr(file, name) for name in FILE}, "addresses": addresses(file)}


def addresses(file: ResourceFile) -> dict[str, str]:
    """Return the addresses of what there is of a file; all of them take the token, and parts (Range)."""
    there = {
        "original": bool(file.media_type) and file.state is not FileState.REJECTED,
        "preview": file.preview_sha256,
        "light": file.light_sha256,
        "thumbnail": file.thumbnail_sha256,
    }
    names: dict[str, dict[str, Any]] = {"original": {"name": file.name}}
    return {
        what: public_address(url_for(f"library.file_{what}", file_id=file.id, **names.get(what, {})))
        for what, is_there in there.items()
        if is_there
    }
