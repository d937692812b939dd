"""Duplicates: the same bytes, or nearly the same words, in what the actor may see. Who uploads or reviews decides."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor, visible
from tongyan.library.fingerprint import Shingles, joined, likeness, shingles
from tongyan.library.fingerprints import page_texts
from tongyan.library.models import FileBand, Resource, ResourceFile

MAX_SAME = 50
CANDIDATES, SHOWN, ENOUGH = 12, 3, 0.5  # compared exactly; told of; from how much in common on


@dataclass(frozen=True, slots=True)
class Alike:
    """Another resource with a file that says nearly the same; `share` from 0 to 1."""

    resource: Resource
    share: float


def duplicates(actor: Actor, resource: Resource) -> dict[UUID, list[Resource]]:
    """Return, per file, other resources the actor may see that hold the same bytes."""
    hashes = {file.sha256: file.id for file in resource.files if file.sha256}
    same = _others(actor, resource).where(ResourceFile.sha256.in_(hashes)).order_by(ResourceFile.id).limit(MAX_SAME)
    found: dict[UUID, list[Resource]] = {}
    for file in db.session.scalars(same):
        if file.sha256:
            found.setdefault(hashes[file.sha256], []).append(file.resource)
    return found


def _others(actor: Actor, resource: Resource):  # type: ignore[no-untyped-def] # a select with its options
    """Return the select of present files of other resources that the actor may see; a new version is no other."""
    kin = {resource.id, resource.revises_id} - {None}
    return (
        select(ResourceFile)
        .join(ResourceFile.resource)
        .where(
            ResourceFile.resource_id.not_in(kin),
            ResourceFile.version_id.is_(None),
            Resource.revises_id.is_(None) | Resource.revises_id.not_in(kin),
            visible(actor, Resource),
        )
        .options(contains_eager(ResourceFile.resource).joinedload(Resource.owner))
    )


def alike(actor: Actor, resource: Resource) -> dict[UUID, list[Alike]]:
    """Return, per file, up to three other resources that say nearly the same in other bytes, the nearest first."""
    return {file.id: near for file in resource.files if (near := _near(actor, resource, file))}


def _near(actor: Actor, resource: Resource, file: ResourceFile) -> list[Alike]:
    mine = select(FileBand.band, FileBand.hash).where(FileBand.file_id == file.id).subquery()
    meets = (FileBand.band == mine.c.band) & (FileBand.hash == mine.c.hash)
    common = select(FileBand.file_id).join(mine, meets).group_by(FileBand.file_id).order_by(func.count().desc())
    candidates = _others(actor, resource).where(
        ResourceFile.id.in_(common.limit(10 * CANDIDATES)), ResourceFile.sha256.is_distinct_from(file.sha256)
    )
    others = db.session.scalars(candidates.limit(CANDIDATES)).all()
    known = _shingles(file.id) if others else None
    found = (
        {}
        if known is None
        else {other.resource_id: Alike(other.resource, likeness(known, _shingles(other.id))) for other in others}
    )
    near = sorted(found.values(), key=lambda each: -each.share)
    return [each for each in near if each.share >= ENOUGH][:SHOWN]


def _shingles(file_id: UUID) -> Shingles:
    return shingles(joined(page_texts(file_id)))
