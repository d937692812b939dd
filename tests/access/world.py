"""The cast with one resource of every relation, and who of them may see which."""

from io import BytesIO
from types import SimpleNamespace
from uuid import UUID

from tests.factories import save
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.files import file_store
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import group_key, school_key, user_key
from tongyan.library.models import (
    FileFamily,
    FileState,
    Licence,
    PageImage,
    Resource,
    ResourceFile,
    ResourceKind,
    ResourceState,
)

ACTORS = (
    "anonymous", "owner", "colleague", "head", "group_head", "neighbour", "outsider", "former", "admin",
)  # fmt: skip
SEES = {
    "own": {"owner"},
    "same_school": {"owner", "colleague", "head", "group_head"},
    "other_school": {"owner", "colleague", "head", "group_head", "neighbour"},
    "other_group": {"outsider"},
    "deleted": {"owner"},
}
OWNS = {
    "own": "owner", "same_school": "owner", "other_school": "neighbour", "other_group": "outsider", "deleted": "owner",
}  # fmt: skip


def make_resource(cast: SimpleNamespace, relation: str) -> Resource:
    """Create the resource that stands in a relation to the owner; it holds one stored file."""
    owner: Person = getattr(cast, OWNS[relation])
    audience, state = _audience(cast, relation, owner)
    resource = Resource(
        id=new_id(), title=f"资源{relation}", kind=ResourceKind.COURSEWARE, owner_id=owner.id, school_id=cast.core.id,
        audience=audience, state=state, licence=Licence.CC_BY, subject="语文", grade=3,
        published_at=now() if state is ResourceState.PUBLISHED else None,
    )  # fmt: skip
    save(resource)
    save(_file(resource.id))
    return resource


def _audience(cast: SimpleNamespace, relation: str, owner: Person) -> tuple[str, ResourceState]:
    return {
        "own": (user_key(owner.id), ResourceState.DRAFT),
        "same_school": (school_key(cast.core.id), ResourceState.PUBLISHED),
        "other_school": (group_key(cast.group_a.id), ResourceState.PUBLISHED),
        "other_group": (group_key(cast.group_b.id), ResourceState.PUBLISHED),
        "deleted": (user_key(owner.id), ResourceState.TRASHED),
    }[relation]


def _file(resource_id: UUID) -> ResourceFile:
    blob = file_store().put(BytesIO(b"\x89PNG picture"))
    return ResourceFile(
        id=new_id(), resource_id=resource_id, name="山行.png", size=blob.size, sha256=blob.sha256,
        media_type="image/png", family=FileFamily.IMAGE, state=FileState.READY, preview_sha256=blob.sha256,
        thumbnail_sha256=blob.sha256, light_sha256=blob.sha256,
        pages=[PageImage(page=1, sha256=blob.sha256, width=1, height=1)],
    )  # fmt: skip
