"""What is left lying is tidied, what is in use is not; steps without their tools say so."""

import io
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests.factories import fresh
from tests.library import samples
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound, TooMany
from tongyan.kernel.files import file_store, scratch_dir
from tongyan.kernel.jobs import Job
from tongyan.kernel.permissions import Actor, group_key
from tongyan.library import limits, parts, sweeping
from tongyan.library import services as library
from tongyan.library.ingest import media, pipeline, sandbox, steps, viruses
from tongyan.library.ingest.refusal import Refused
from tongyan.library.jobs import INGEST, sweep_leftovers
from tongyan.library.models import FileFamily, FileState, ResourceFile, Step, StepState, Upload

Bring = Callable[..., ResourceFile]
OLD = time.time() - 25 * 3600


def aged(path: Path) -> Path:
    """Make a path look old."""
    os.utime(path, (OLD, OLD))
    return path


def test_old_leftovers_go_and_young_or_wanted_ones_stay(app: Flask, owner: Actor, bring: Bring) -> None:
    coming = library.start_upload(owner, "a.txt", 5)
    waiting = db.session.scalar(select(Upload.id).where(Upload.file_id == bring("b.txt", b"words").id))
    wanted = [aged(parts.part_path(upload_id)) for upload_id in (coming.id, waiting)]
    young = samples.written(scratch_dir(), "young", b"x")
    gone = [
        aged(samples.written(parts.parts_dir(), "no-upload-at-all", b"x")),
        aged(samples.written(parts.parts_dir(), "018f0000-0000-7000-8000-000000000000", b"x")),
        aged(samples.written(scratch_dir(), "draft", b"x")),
    ]
    folder = scratch_dir() / "ingest-x"
    folder.mkdir()
    aged(folder)

    sweep_leftovers(None)  # type: ignore[arg-type] # it reads nothing of its job

    assert [path for path in (*gone, folder) if path.exists()] == []
    assert all(path.exists() for path in (*wanted, young))


@pytest.mark.usefixtures("app")
def test_what_a_killed_process_was_about_to_store_is_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        monkeypatch.undo()
        drafts.extend(scratch_dir().iterdir())
        raise SystemExit

    drafts: list[Path] = []
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)  # a killed process cleans up nothing
    monkeypatch.setattr(os, "fsync", die)
    with pytest.raises(SystemExit):
        file_store().put(io.BytesIO(b"words"))
    (draft,) = drafts
    draft.write_bytes(b"words")
    aged(draft)
    sweeping.drop_old_scratch()
    assert not draft.exists()


def test_upload_that_goes_on_at_this_moment_is_not_swept(owner: Actor) -> None:
    lost, busy = library.start_upload(owner, "lost.txt", 9).id, library.start_upload(owner, "busy.txt", 9).id
    parts.part_path(lost).unlink()
    with time_machine.travel(now() + timedelta(hours=80)), parts.locked_part(busy):
        sweeping.drop_expired_uploads()

    assert [row.id for row in library.open_uploads(owner)] == [busy]


def test_record_of_an_upload_goes_a_week_after_its_file_was_taken_up(bring: Bring, run_jobs: Callable[[], int]) -> None:
    done, stuck = bring("a.txt", b"words"), bring("b.txt", b"other")
    with transaction() as session:
        session.get_one(ResourceFile, done.id).state = FileState.READY
    with time_machine.travel(now() + timedelta(days=8)):
        sweeping.drop_expired_uploads()

    assert set(db.session.scalars(select(Upload.file_id))) == {stuck.id}


def test_bytes_that_come_again_during_the_sweep_stay(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    store, ask = file_store(), sweeping.used
    long_ago = (now() - timedelta(days=2)).timestamp()
    orphan, wanted = (store.put(io.BytesIO(content)).sha256 for content in (b"nobody", b"somebody"))
    for sha256 in (orphan, wanted):
        os.utime(store.path(sha256), (long_ago, long_ago))

    def used_while_it_comes(hashes: list[str]) -> set[str]:
        found = ask(hashes)
        store.put(io.BytesIO(b"somebody"))
        return found

    monkeypatch.setattr(sweeping, "used", used_while_it_comes)
    sweeping.drop_orphan_blobs()

    assert (store.exists(orphan), store.exists(wanted)) == (False, True)


def test_many_orphans_are_dropped_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    orphans = [file_store().put(io.BytesIO(bytes([number]))).sha256 for number in range(5)]
    with time_machine.travel(now() + timedelta(hours=25)):
        sweeping.drop_orphan_blobs()

    assert [sha256 for sha256 in orphans if file_store().exists(sha256)] == []


def test_files_with_a_live_job_are_not_taken_up_twice(bring: Bring) -> None:
    bring("a.txt", b"words")
    with time_machine.travel(now() + timedelta(minutes=11)):
        sweeping.resume_lost_files()

    assert db.session.scalar(select(func.count()).where(Job.kind == INGEST)) == 1


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Give a way to put programs of our own in the place of those that are not on every machine."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(sandbox, "confine", lambda argv, *_args, **_kw: list(argv))

    def make(name: str, script: str) -> None:
        samples.written(tmp_path, name, f"#!/bin/sh\n{script}\n".encode()).chmod(0o755)

    return make


@pytest.mark.parametrize(
    ("said", "duration"), [('{"format": {"duration": "12.5"}}', 12.5), ("nonsense", None), ("{}", None)]
)
def test_length_of_a_film_is_what_the_tool_says(
    tools: Callable[[str, str], None], tmp_path: Path, said: str, duration: float | None
) -> None:
    tools("ffprobe", f"echo '{said}'")

    assert media.duration(tmp_path / "film.mp4") == duration


def test_poster_is_the_third_second_else_the_first_frame(tools: Callable[[str, str], None], tmp_path: Path) -> None:
    tools("ffmpeg", 'case "$*" in *"-ss 3"*) exit 0;; esac; for last; do :; done; echo picture > "$last"')
    assert media.poster(tmp_path / "film.mp4", tmp_path).read_text() == "picture\n"

    (tmp_path / "poster.png").unlink()
    tools("ffmpeg", "exit 0")
    with pytest.raises(Refused, match=r"preview\.failed"):
        media.poster(tmp_path / "film.mp4", tmp_path)


def test_film_gets_length_and_poster_where_the_tools_are(ingested: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "available", lambda: True)
    monkeypatch.setattr(media, "duration", lambda _: 61.0)
    monkeypatch.setattr(
        media, "poster", lambda _, folder: samples.written(folder, "poster.png", samples.picture("RGB"))
    )

    file = ingested("课堂.mp4", b"\0\0\0\x18ftypisom" + b"\0" * 50)

    assert (file.state, file.family, file.duration, len(file.pages)) == (FileState.READY, FileFamily.VIDEO, 61.0, 1)


@pytest.mark.parametrize(
    ("content", "code"), [(samples.ole("WordDocument"), "preview.no_office"), (b"GSP\0" * 9, None)]
)
def test_old_formats_need_the_converter_even_for_their_words(
    ingested: Bring, monkeypatch: pytest.MonkeyPatch, content: bytes, code: str | None
) -> None:
    monkeypatch.setattr("tongyan.library.ingest.office.available", lambda: "preview.no_office")

    file = ingested("旧教案.doc" if code else "几何.gsp", content)

    assert (file.state, file.error_code) == (FileState.DOWNLOAD_ONLY, code)
    assert file.step(Step.TEXT).state is StepState.SKIPPED


def test_file_over_the_limit_of_what_it_really_is_is_refused(ingested: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.FAMILY_LIMITS, FileFamily.TEXT, 3)

    file = ingested("无扩展名", b"words")

    assert (file.state, file.error_code) == (FileState.REJECTED, "file.too_large")


def test_scanner_that_never_answers_stalls_no_lesson(tools: Callable[[str, str], None], tmp_path: Path) -> None:
    tools("clamdscan", "sleep 5")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(viruses, "SECONDS", 0.05)
        viruses.scan(samples.written(tmp_path, "a.txt", b"words"))


def test_step_that_bursts_is_said_and_the_others_go_on(ingested: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(_: object) -> None:
        raise LookupError

    monkeypatch.setitem(steps.STEPS, Step.TEXT, burst)

    file = ingested("古诗.pdf", samples.pdf())

    assert (file.state, file.error_code) == (FileState.READY, "file.step_failed")


def test_file_removed_during_its_ingest_is_no_error(
    owner: Actor, bring: Bring, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = bring("a.txt", b"words").id

    def removed(file: steps.Snapshot) -> steps.Found:
        library.remove_file(owner, file_id)
        return steps.Found()

    monkeypatch.setitem(steps.STEPS, Step.CHECK, removed)
    run_jobs()

    assert fresh(ResourceFile, file_id) is None
    pipeline.ingest(file_id)  # a message that comes late


def test_too_many_unfinished_uploads_are_refused(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_OPEN_UPLOADS", 1)
    library.start_upload(owner, "a.txt", 5)

    with pytest.raises(TooMany):
        library.start_upload(owner, "b.txt", 5)


def test_person_without_a_school_uploads_for_themselves(
    cast: SimpleNamespace, actor: Callable[[Person], Actor], bring: Bring
) -> None:
    alone = actor(cast.former)

    resource = bring("a.txt", b"words", by=alone).resource

    assert (resource.school_id, resource.audience) == (None, f"user:{alone.person_id}")


def test_upload_whose_announced_sum_is_nonsense_is_refused(owner: Actor) -> None:
    with pytest.raises(Invalid, match=r"upload\.sha256"):
        library.start_upload(owner, "a.txt", 5, sha256="x" * 64)


def test_upload_that_is_already_whole_may_be_asked_for_again(owner: Actor, bring: Bring) -> None:
    upload = db.session.scalars(select(Upload).where(Upload.file_id == bring("a.txt", b"words").id)).one()

    again = library.receive(owner, upload.id, 5, io.BytesIO(b""))
    library.cancel_upload(owner, upload.id)

    assert again.file_id == upload.file_id
    assert library.get_upload(owner, upload.id).received == 5


def test_upload_whose_part_is_gone_begins_anew_or_is_missing(owner: Actor) -> None:
    upload = library.start_upload(owner, "a.txt", 5)
    parts.part_path(upload.id).unlink()

    assert library.get_upload(owner, upload.id).received == 0
    with pytest.raises(NotFound):
        library.receive(owner, upload.id, 0, io.BytesIO(b"words"))


def test_draft_shared_meanwhile_gets_no_more_files(owner: Actor, ingested: Bring) -> None:
    resource = ingested("a.txt", b"words").resource
    upload = library.start_upload(owner, "b.txt", 5, resource_id=resource.id)
    library.trash_resource(owner, resource.id)

    done = library.receive(owner, upload.id, 0, io.BytesIO(b"other"))

    assert done.resource_id != resource.id, "it became a draft of its own"


def test_resource_without_files_or_in_the_trash_is_not_shared(
    owner: Actor, cast: SimpleNamespace, ingested: Bring
) -> None:
    file = ingested("a.txt", b"words")
    audience = group_key(cast.group_a.id)
    library.remove_file(owner, file.id)
    with pytest.raises(Conflict, match=r"resource\.no_file"):
        library.share_resource(owner, file.resource_id, audience)
    library.trash_resource(owner, file.resource_id)
    with pytest.raises(Conflict, match=r"resource\.trashed"):
        library.share_resource(owner, file.resource_id, audience)
