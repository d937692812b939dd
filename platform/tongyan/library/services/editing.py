"""Changing what a resource says and which files it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from tongyan.curriculum.models import Node
from tongyan.curriculum.services import find_node
from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.permissions import Actor, load, require, visible
from tongyan.library.events import FileReceived, ResourceChanged
from tongyan.library.languages import settle_language
from tongyan.library.models import (
    FileState,
    Licence,
    Resource,
    ResourceFile,
    ResourceKind,
    ResourceState,
    StepState,
)
from tongyan.library.names import clean_text
from tongyan.library.policy import Action
from tongyan.library.services.details import Details, write_details
from tongyan.library.services.reviewing import check_free

MAX_TITLE, MAX_SUMMARY, MAX_SOURCE, MAX_KEYWORDS, MAX_KEYWORD = 200, 5000, 500, 20, 32


@dataclass(frozen=True, slots=True)
class ResourceEdit(Details):
    """All that the owner may say about a resource."""

    title: str
    kind: ResourceKind
    summary: str = ""
    keywords: list[str] = field(default_factory=list)
    licence: Licence | None = None
    source: str = ""
    stage: str | None = None
    subject: str | None = None
    grade: int | None = None
    node_id: UUID | None = None


def edit_resource(actor: Actor, resource_id: UUID, edit: ResourceEdit, version: int | None = None) -> Resource:
    """Change a resource; `version` is the one the editor saw. Raises NotFound, Forbidden, Invalid, Conflict."""
    _check(edit)
    with transaction():
        resource = load(actor, Resource, resource_id, Action.RESOURCE_EDIT)
        if version is not None and version != resource.version:
            raise Conflict("conflict.stale")
        check_free(resource)
        _check_licence(resource, edit.licence)
        resource.put(_node(edit.node_id), edit.stage, edit.subject, edit.grade)
        resource.title, resource.kind = clean_text(edit.title).strip(), edit.kind
        resource.summary, resource.source = edit.summary.strip(), edit.source.strip()
        resource.keywords = _distinct(edit.keywords)
        resource.licence = edit.licence
        write_details(actor, resource, edit)
        settle_language(resource)
        resource.updated_at = now()  # what it is aligned to stands in rows of their own: this is an edit of it, too
        record(actor, Action.RESOURCE_EDIT, f"resource:{resource.id}", title=resource.title)
        publish(ResourceChanged(resource.id))
    return resource


def _check(edit: ResourceEdit) -> None:
    errors: dict[str, list[str]] = {}
    if not clean_text(edit.title).strip():
        errors["title"] = ["resource.title_missing"]
    for name, text, limit in (
        ("title", edit.title, MAX_TITLE),
        ("summary", edit.summary, MAX_SUMMARY),
        ("source", edit.source, MAX_SOURCE),
    ):
        if len(text) > limit:
            errors[name] = ["resource.too_long"]
    if len(edit.keywords) > MAX_KEYWORDS or any(len(word) > MAX_KEYWORD for word in edit.keywords):
        errors["keywords"] = ["resource.too_long"]
    if errors:
        raise Invalid(errors=errors)


def _check_licence(resource: Resource, licence: Licence | None) -> None:
    """A resource that others hold already must not lose its licence."""
    if resource.state is ResourceState.PUBLISHED and not licence_suits(resource.audience, licence):
        raise Invalid(errors={"licence": ["resource.licence_needed"]})


def licence_suits(audience: str, licence: Licence | None) -> bool:
    """Say whether a licence allows what the audience implies: beyond the school one is needed, and not 校内使用."""
    if audience.startswith(("user:", "prepgroup:", "school:")):
        return True
    return licence is not None and licence is not Licence.SCHOOL


def _node(node_id: UUID | None) -> Node | None:
    if node_id is None:
        return None
    node = find_node(node_id)
    if node is None:
        raise Invalid(errors={"node_id": ["field.invalid"]})
    return node


def _distinct(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(word for word in (clean_text(text).strip() for text in words) if word))


def remove_file(actor: Actor, file_id: UUID) -> UUID:
    """Take a file out of a resource and return the resource's id. A published one keeps at least one file."""
    with transaction() as session:
        file = own_file(actor, file_id)
        resource = file.resource
        check_free(resource)
        if resource.state is ResourceState.PUBLISHED and len(resource.files) == 1:
            raise Conflict("resource.last_file")
        resource.files.remove(file)
        session.flush()  # deleted as an orphan
        record(actor, Action.RESOURCE_EDIT, f"resource:{resource.id}", removed=file.name)
        publish(ResourceChanged(resource.id))
    return resource.id


def retry_file(actor: Actor, file_id: UUID) -> UUID:
    """Try the failed and skipped steps of a file again and return its resource's id. Raises NotFound, Conflict."""
    with transaction():
        file = own_file(actor, file_id)
        if file.state is FileState.REJECTED:
            raise Conflict("file.rejected")
        for row in file.steps:
            if row.state in {StepState.FAILED, StepState.SKIPPED}:
                row.state, row.attempts, row.error_code = StepState.PENDING, 0, None
        file.state, file.error_code = FileState.PROCESSING, None
        publish(FileReceived(file.id))
    return file.resource_id


def own_file(actor: Actor, file_id: UUID) -> ResourceFile:
    """Return a file of a resource that the actor may edit; raises NotFound, Forbidden."""
    statement = select(ResourceFile).join(ResourceFile.resource)
    file = db.session.scalar(statement.where(ResourceFile.id == file_id, visible(actor, Resource)))
    if file is None:
        raise NotFound
    require(actor, Action.RESOURCE_EDIT, file.resource)
    return file
