"""What the tests of exports and imports share: a course package, and the ways out and in."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from tests.factories import fresh
from tongyan.kernel.db import db, transaction
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import Job, JobState
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.models import (
    Difficulty,
    Licence,
    PackageItem,
    Resource,
    ResourceFile,
    ResourceKind,
    Transfer,
    TransferKind,
)
from tongyan.library.services import exports, imports
from tongyan.library.services import transfers as service

Run = Callable[[], int]


POEMS = {"三上/第二单元/山行.txt": "远上寒山石径斜", "三上/第二单元/赠刘景文.txt": "荷尽已无擎雨盖"}


def make_package(owner: Actor, ingested: Callable[..., ResourceFile]) -> UUID:
    """Make a course package: a unit with two poems, one of them of two files, and a heading whose text is gone."""
    files = [ingested(path.rpartition("/")[2], text.encode(), path=path) for path, text in POEMS.items()]
    ingested("朗读.txt", "白云生处有人家".encode(), resource_id=files[0].resource_id)
    edit = library.ResourceEdit(
        title="山行：课件/全套",
        kind=ResourceKind.COURSEWARE,
        summary="霜叶红于二月花",
        keywords=["杜牧", "秋天"],
        licence=Licence.CC_BY,
        subject="语文",
        grade=3,
        difficulty=Difficulty.BASIC,
        contributors=[{"name": "乙老师", "role": "制作"}],
    )
    library.edit_resource(owner, files[0].resource_id, edit)
    package = library.create_package(owner, "三上古诗", "语文", 3)
    unit = library.add_heading(owner, package.id, "第二单元")
    library.add_resources(owner, package.id, [file.resource_id for file in files], unit.id)
    library.add_heading(owner, package.id, "第三单元")
    library.edit_item(owner, unit.id, "第二单元 古诗", "两课时")
    return package.id


def export(actor: Actor, kind: TransferKind, ids: Sequence[UUID], run_jobs: Run) -> bytes:
    """Have resources packed and return the archive."""
    transfer = exports.start_export(actor, kind, ids)
    run_jobs()
    return service.deliver(actor, transfer.id).path.read_bytes()


def check(actor: Actor, name: str, archive: bytes) -> Transfer:
    """Have an archive looked through."""
    return imports.check_archive(actor, name, io.BytesIO(archive))


def bring_back(actor: Actor, name: str, archive: bytes, run_jobs: Run) -> Transfer:
    """Bring an archive in."""
    transfer = check(actor, name, archive)
    service.confirm_transfer(actor, transfer.id)
    run_jobs()
    return fresh(Transfer, transfer.id)


def told(_actor: Actor, package_id: UUID | str) -> list[Any]:
    """Return all that a course package tells: titles, notes, files with their bytes, in their order."""
    db.session.rollback()
    package = db.session.get_one(Resource, UUID(str(package_id)))
    rows = db.session.scalars(select(PackageItem).where(PackageItem.package_id == package.id)).all()

    def below(parent_id: UUID | None) -> list[Any]:
        here = sorted((row for row in rows if row.parent_id == parent_id), key=lambda row: row.position)
        return [[row.title, row.note, _resource(row.target), below(row.id)] for row in here]

    return [package.title, package.kind.value, below(None)]


def _resource(resource: Resource | None) -> Any:
    if resource is None:
        return None
    files = [(file.name, file_store().path(file.sha256 or "").read_bytes()) for file in resource.files]
    said = (resource.kind.value, resource.summary, tuple(resource.keywords), resource.licence, resource.difficulty)
    return resource.title, *said, files


def names_in(archive: bytes) -> list[str]:
    """Return the names of the entries."""
    with zipfile.ZipFile(io.BytesIO(archive)) as container:
        return container.namelist()


def revive_jobs() -> None:
    """Queue again what a killed worker left, as the sweeper does."""
    with transaction() as session:
        session.execute(update(Job).where(Job.state == JobState.RUNNING).values(state=JobState.QUEUED))
