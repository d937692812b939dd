"""Opening a resource to colleagues (at once, or after a review), and closing it again."""

from uuid import UUID

from sqlalchemy import select

from tongyan.kernel.audit import record
from tongyan.kernel.db import transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, load, parse_audience, visible
from tongyan.library.models import FileState, Licence, Resource, ResourceKind, ResourceState, Upload, UploadState
from tongyan.library.policy import Action
from tongyan.library.services.contents import items_of
from tongyan.library.services.editing import licence_suits
from tongyan.library.services.opening import close, open_to
from tongyan.library.services.reviewing import ask, end_reviews, next_level
from tongyan.library.services.versions import replace
from tongyan.org.models import CircleSchool, School


def share_resource(
    actor: Actor, resource_id: UUID, audience: str = "", licence: Licence | None = None, note: str = ""
) -> Resource:
    """Publish a resource to an audience of the actor's; where a review is due, it waits for that instead.

    The draft of a new version takes the place of the old one (whose audience counts when none is named). Returns what
    holds the contents now. Raises NotFound, Forbidden, Conflict while files are not finished or a review is under
    way, Invalid when something needed is missing.
    """
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_SHARE)
        _check_state(resource)
        audience = audience or (resource.revises.audience if resource.revises else "")
        _check_complete(actor, resource, audience, licence or resource.licence)
        resource.licence = licence or resource.licence
        record(
            actor, Action.RESOURCE_SHARE, f"resource:{resource.id}", title=resource.title, audience=audience,
            licence=resource.licence,
        )  # fmt: skip
        if resource.revises_id is not None:
            resource.note = note.strip() or resource.note
        level = next_level(resource, audience)
        if level is not None:
            ask(actor, resource, level, audience, note)
            return resource
        if resource.revises_id is not None:
            resource = replace(actor, resource)
        open_to(resource, audience)
    return resource


def _check_state(resource: Resource) -> None:
    if resource.state is ResourceState.TRASHED:
        raise Conflict("resource.trashed")
    if resource.state is ResourceState.TAKEN_DOWN:
        raise Conflict("resource.taken_down")
    if resource.review_scope is not None:
        raise Conflict("resource.in_review")
    # before the files are read: an upload that ends in between is a file then, and not overlooked
    if exists(select(Upload).where(Upload.resource_id == resource.id, Upload.state == UploadState.RECEIVING)):
        raise Conflict("resource.uploading")
    if not resource.files and not (resource.kind is ResourceKind.PACKAGE and items_of(resource)):
        raise Conflict("resource.no_file")
    states = {file.state for file in resource.files}
    if FileState.PROCESSING in states:
        raise Conflict("resource.processing")
    if FileState.REJECTED in states:
        raise Conflict("resource.file_rejected")


def _check_complete(actor: Actor, resource: Resource, audience: str, licence: Licence | None) -> None:
    errors: dict[str, list[str]] = {}
    if not may_share_with(actor, audience):
        errors["audience"] = ["resource.audience_foreign"]
    if not resource.title.strip():
        errors["title"] = ["resource.title_missing"]
    if not licence_suits(audience, licence):
        errors["licence"] = ["resource.licence_needed"]
    if resource.subject is None:
        errors["subject"] = ["resource.subject_missing"]
    if errors:
        raise Invalid(errors=errors)


def may_share_with(actor: Actor, audience: str) -> bool:
    """Say whether an audience is one of the actor's, or schools that the actor sees."""
    try:
        kind, circle_id = parse_audience(audience)
    except ValueError:
        return False
    if kind != "schools":
        return kind not in {"user", "public"} and audience in actor.keys
    members = select(CircleSchool.school_id).where(CircleSchool.circle_id == circle_id)
    foreign = members.join(School, School.id == CircleSchool.school_id).where(~visible(actor, School))
    return exists(members) and not exists(foreign)


def unshare_resource(actor: Actor, resource_id: UUID) -> Resource:
    """Close a resource to all but its owner (the owner, or the head of the audience). Raises NotFound, Forbidden."""
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_UNSHARE)
        if resource.state is ResourceState.PUBLISHED:
            record(
                actor, Action.RESOURCE_UNSHARE, f"resource:{resource.id}", title=resource.title,
                audience=resource.audience,
            )  # fmt: skip
            end_reviews(resource)
            close(resource, ResourceState.DRAFT)
    return resource
