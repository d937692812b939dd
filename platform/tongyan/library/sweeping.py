"""Tidying: abandoned uploads, parts and bytes that nothing refers to, files whose ingest was lost."""

import shutil
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select

from tongyan.kernel.batches import batches
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, release, transaction
from tongyan.kernel.errors import NotFound
from tongyan.kernel.files import file_store, scratch_dir
from tongyan.kernel.jobs import Job, JobState
from tongyan.library import parts
from tongyan.library.errors import Locked
from tongyan.library.events import FileReceived
from tongyan.library.models import FileState, PageImage, ResourceFile, Transfer, Upload, UploadState
from tongyan.library.services.transfers import drop_expired
from tongyan.library.services.trash import empty_trash
from tongyan.library.services.visits import forget_visits

ORPHAN_AGE = timedelta(hours=24)
LOST_AGE = timedelta(minutes=10)
KEPT_UPLOADS = timedelta(days=7)
BATCH = 500


def sweep() -> None:
    """Tidy everything once; each part stands for itself."""
    drop_expired_uploads()
    drop_orphan_parts()
    drop_old_scratch()
    resume_lost_files()
    empty_trash()
    drop_expired()
    forget_visits()
    drop_orphan_blobs()


def drop_expired_uploads() -> None:
    """Forget uploads that nobody continued in time, and the record of those that became files long ago."""
    expired = select(Upload.id).where(Upload.state == UploadState.RECEIVING, Upload.expires_at < now())
    for upload_id in db.session.scalars(expired.limit(BATCH)).all():
        try:
            with parts.locked_part(upload_id):
                _forget(upload_id)
        except NotFound:
            _forget(upload_id)
        except Locked:
            continue  # it goes on at this very moment
    whole = select(ResourceFile.id).where(ResourceFile.state == FileState.PROCESSING)
    with transaction() as session:
        session.execute(
            delete(Upload).where(
                Upload.state == UploadState.RECEIVED,
                Upload.created_at < now() - KEPT_UPLOADS,
                Upload.file_id.is_(None) | Upload.file_id.not_in(whole),
            )
        )


def _forget(upload_id: UUID) -> None:
    with transaction() as session:
        session.execute(delete(Upload).where(Upload.id == upload_id, Upload.expires_at < now()))
    parts.part_path(upload_id).unlink(missing_ok=True)


def drop_orphan_parts() -> None:
    """Remove old part files that no upload will be stored from."""
    for path in _older_than(parts.parts_dir().iterdir(), ORPHAN_AGE):
        if not _wanted(path.name):
            path.unlink(missing_ok=True)
    release()


def _wanted(name: str) -> bool:
    """Say whether an upload is still coming in, or waits for its bytes to be stored."""
    try:
        upload_id = UUID(name)
    except ValueError:
        return False
    statement = select(Upload.state, ResourceFile.state, ResourceFile.sha256)
    row = db.session.execute(
        statement.outerjoin(ResourceFile, ResourceFile.id == Upload.file_id).where(Upload.id == upload_id)
    ).first()
    if row is None:
        return False
    upload_state, file_state, sha256 = row
    return upload_state is UploadState.RECEIVING or (file_state is FileState.PROCESSING and sha256 is None)


def drop_old_scratch() -> None:
    """Remove what killed workers left in the folder for temporary files."""
    for path in _older_than(scratch_dir().iterdir(), ORPHAN_AGE):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _older_than(paths: Iterable[Path], age: timedelta) -> list[Path]:
    limit = time.time() - age.total_seconds()
    return [path for path in paths if _changed_at(path) < limit]


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # its owner removed it meanwhile
        return time.time()


def resume_lost_files() -> None:
    """Take up files that are neither finished nor waiting for a worker (their job was parked, or is gone)."""
    lost = select(ResourceFile.id).where(
        ResourceFile.state == FileState.PROCESSING, ResourceFile.updated_at < now() - LOST_AGE
    )
    with transaction() as session:
        live = set(session.scalars(select(Job.key).where(Job.state.in_([JobState.QUEUED, JobState.RUNNING]))))
        for file_id in session.scalars(lost.limit(BATCH)).all():
            if f"ingest:{file_id}" not in live:
                publish(FileReceived(file_id))


def drop_orphan_blobs() -> None:
    """Remove stored bytes that no file, preview or picture refers to."""
    store, old = file_store(), now() - ORPHAN_AGE
    for hashes in batches(store.older_than(old), BATCH):
        for sha256 in set(hashes) - used(hashes):
            store.delete(sha256, unless_since=old)
        release()


def used(hashes: list[str]) -> set[str]:
    """Return those of the hashes that something in the library refers to."""
    made = (ResourceFile.preview_sha256, ResourceFile.thumbnail_sha256, ResourceFile.light_sha256, PageImage.sha256)
    found: set[str] = set()
    for column in (ResourceFile.sha256, *made, Transfer.sha256):
        found.update(hash_ for hash_ in db.session.scalars(select(column).where(column.in_(hashes))) if hash_)
    return found
