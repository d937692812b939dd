"""Runs the steps of one file and keeps their states; may be killed at any moment and simply run again.

A step counts its attempts before it starts, so one that takes the whole process with it is given up after three;
what a step found is written in one transaction that replaces what an earlier run wrote.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, select

from tongyan.kernel.db import db, publish, release, transaction
from tongyan.kernel.errors import StorageFull
from tongyan.library import parts
from tongyan.library.events import ResourceChanged
from tongyan.library.fingerprints import remember
from tongyan.library.ingest.refusal import Refused
from tongyan.library.ingest.steps import STEPS, VITAL, Found, Skipped, Snapshot, final_state
from tongyan.library.languages import settle_language
from tongyan.library.models import FileState, FileStep, FileText, PageImage, ResourceFile, Step, StepState, Upload

log = structlog.get_logger()

MAX_ATTEMPTS = 3
ENDED = {StepState.DONE, StepState.SKIPPED, StepState.FAILED}


def ingest(file_id: UUID, tell: Callable[[int], None] = lambda _percent: None) -> None:
    """Run every step of a file that has not ended yet; `tell` hears the percentage again and again."""
    for number, step in enumerate(Step):
        percent = number * 100 // len(Step)
        tell(percent)
        if not _run(file_id, step, partial(tell, percent)):
            break
    _close(file_id)


def _run(file_id: UUID, step: Step, renew: Callable[[], None]) -> bool:
    """Run one step and say whether the next one makes sense."""
    if not _begin(file_id, step):
        return _may_go_on(file_id, step)
    file = _snapshot(file_id, renew)
    release()  # a conversion may take a minute: hold no connection meanwhile
    if file is None:
        return False
    try:
        found = STEPS[step](file)
    except Skipped as skipped:
        _end(file_id, step, StepState.SKIPPED, skipped.code)
    except Refused as refused:
        _end(file_id, step, StepState.FAILED, refused.code)
    except (OSError, StorageFull):
        _put_back(file_id, step)  # the machine's fault, not the file's: this try does not count
        raise
    except Exception:
        log.exception("step_failed", file=str(file_id), step=step)
        _end(file_id, step, StepState.FAILED, "file.step_failed")
    else:
        _end(file_id, step, StepState.DONE, None, found)
    return _may_go_on(file_id, step)


def _begin(file_id: UUID, step: Step) -> bool:
    """Claim the step; False when it has ended, or is given up now."""
    with transaction() as session:
        if _locked(file_id) is None:
            return False
        row = session.get(FileStep, (file_id, step), populate_existing=True)
        if row is None:
            row = FileStep(file_id=file_id, step=step, state=StepState.PENDING, attempts=0)
            session.add(row)
        if row.state in ENDED:
            return False
        if row.attempts >= MAX_ATTEMPTS:
            row.state, row.error_code = StepState.FAILED, "file.step_failed"
            return False
        row.state, row.attempts = StepState.RUNNING, row.attempts + 1
    return True


def _put_back(file_id: UUID, step: Step) -> None:
    with transaction() as session:
        row = session.get(FileStep, (file_id, step), with_for_update=True, populate_existing=True)
        if row is not None and row.state is StepState.RUNNING:
            row.state, row.attempts = StepState.PENDING, row.attempts - 1


def _locked(file_id: UUID) -> ResourceFile | None:
    return db.session.get(ResourceFile, file_id, with_for_update=True, populate_existing=True)


def _snapshot(file_id: UUID, renew: Callable[[], None]) -> Snapshot | None:
    row = db.session.execute(
        select(ResourceFile, Upload.id, Upload.sha256)
        .outerjoin(Upload, Upload.file_id == ResourceFile.id)
        .where(ResourceFile.id == file_id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    file, upload_id, expected = row
    return Snapshot(
        file_id=file_id,
        upload_id=upload_id,
        expected_sha256=expected,
        name=file.name,
        size=file.size,
        sha256=file.sha256 or "",
        media_type=file.media_type,
        family=file.family,
        preview_sha256=file.preview_sha256,
        page_count=file.page_count,
        unread=_unread(file_id),
        renew=renew,
        show=partial(_show, file_id),
    )


def _end(file_id: UUID, step: Step, state: StepState, code: str | None, found: Found | None = None) -> None:
    """Write what the step found, instead of what any earlier run wrote."""
    with transaction() as session:
        file = _locked(file_id)
        row = session.get(FileStep, (file_id, step), populate_existing=True)
        if file is None or row is None or row.state in ENDED:
            return
        row.state, row.error_code = state, code
        if found is not None:
            for name, value in found.columns.items():
                setattr(file, name, value)
            if found.pages is not None:
                _put_pages(file_id, found.pages)
            if found.texts is not None:
                _put_texts(file_id, _text_rows(found.texts))
            _add_read(file_id, found.read)
        if file.state is not FileState.PROCESSING:
            publish(ResourceChanged(file.resource_id))  # it was shown before: the search must hear what came late


def _put_pages(file_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    db.session.execute(delete(PageImage).where(PageImage.file_id == file_id))
    _insert(PageImage, file_id, rows)


def _put_texts(file_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Write what the file says itself: it is better than what was read before from a picture of the page."""
    pages = [row["page"] for row in rows]
    db.session.execute(delete(FileText).where(FileText.file_id == file_id, FileText.page.in_(pages)))
    _insert(FileText, file_id, rows)


def _add_read(file_id: UUID, read: dict[int, str]) -> None:
    """Give words to the pages that have none."""
    unread = _unread(file_id)
    _insert(FileText, file_id, [{"page": page, "text": text} for page, text in read.items() if text and page in unread])


def _unread(file_id: UUID) -> Sequence[int]:
    worded = select(FileText.page).where(FileText.file_id == file_id)
    mute = select(PageImage.page).where(PageImage.file_id == file_id, PageImage.mute, PageImage.page.not_in(worded))
    return db.session.scalars(mute.order_by(PageImage.page)).all()


def _insert(model: type[PageImage] | type[FileText], file_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(model), [{"file_id": file_id, **row} for row in rows])


def _text_rows(texts: Sequence[str]) -> list[dict[str, Any]]:
    return [{"page": page, "text": text} for page, text in enumerate(texts, 1) if text]


def _may_go_on(file_id: UUID, step: Step) -> bool:
    """Say whether the step left something to work on; after the store the part file is no longer needed."""
    row = db.session.get(FileStep, (file_id, step), populate_existing=True)
    if row is None or (step in VITAL and row.state is StepState.FAILED):
        return False
    if step is Step.STORE and row.state is StepState.DONE:
        _drop_part(file_id)
    return row.state in ENDED


def _drop_part(file_id: UUID) -> None:
    for upload_id in db.session.scalars(select(Upload.id).where(Upload.file_id == file_id)):
        parts.part_path(upload_id).unlink(missing_ok=True)


def _show(file_id: UUID) -> None:
    """Let people use the file: what still comes only adds to it."""
    with transaction():
        file = _locked(file_id)
        if file is not None and file.state is FileState.PROCESSING:
            _settle(file)
    release()


def _settle(file: ResourceFile) -> None:
    file.state = final_state(file)
    file.error_code = next((row.error_code for row in _in_order(file) if row.error_code), None)
    settle_language(file.resource)
    remember(file.id)
    publish(ResourceChanged(file.resource_id))


def _close(file_id: UUID) -> None:
    """Settle the state of the file, once its steps have ended."""
    with transaction():
        file = _locked(file_id)
        if file is None or file.state is not FileState.PROCESSING:
            return
        failed = next((row for row in file.steps if row.step in VITAL and row.state is StepState.FAILED), None)
        if failed is not None:
            _reject(file, failed.error_code)
        elif {row.step for row in file.steps if row.state in ENDED} == set(Step):
            _settle(file)


def _reject(file: ResourceFile, code: str | None) -> None:
    """Keep the row, so that its owner reads why; the bytes are let go, the sweeper takes them."""
    file.state, file.error_code = FileState.REJECTED, code
    file.sha256 = file.preview_sha256 = None
    _drop_part(file.id)
    publish(ResourceChanged(file.resource_id))


def _in_order(file: ResourceFile) -> list[FileStep]:
    return sorted(file.steps, key=lambda row: list(Step).index(row.step))
