"""Pages that are pictures are read; what a file says itself is never replaced; without the tool it is said."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories import fresh
from tests.library import made, samples
from tests.library.test_ingest import states, text_of
from tongyan.kernel.db import db, transaction
from tongyan.library.ingest import pipeline, sandbox, scans, steps
from tongyan.library.ingest.refusal import Refused
from tongyan.library.models import FileState, FileText, ResourceFile, Step, StepState

Ingested = Callable[..., ResourceFile]
FIRST, SECOND = "今天我们学习第二单元的课文", "请大家先读课文，想一想作者写了什么"


def pages_of(file: ResourceFile) -> dict[int, str]:
    """Return the words of each page."""
    return {row.page: row.text for row in db.session.query(FileText).filter_by(file_id=file.id)}


def test_scanned_pages_are_read_each_at_its_place(ingested: Ingested) -> None:
    file = ingested("扫描.pdf", made.scan("pdf", FIRST, "", SECOND))

    found = pages_of(file)
    assert FIRST in found[1]
    assert "请大家先读课文" in found[3]
    assert 2 not in found
    assert states(file)[Step.OCR] is StepState.DONE


def test_only_slides_without_words_are_read(ingested: Ingested) -> None:
    content = samples.photo_pptx(made.scan("png", FIRST, size=(1200, 900)), "山行")

    file = ingested("课件.pptx", content)

    found = pages_of(file)
    assert found[1] == "山行"
    assert FIRST in found[2]


def test_pages_with_words_and_empty_pages_need_no_reading(ingested: Ingested) -> None:
    for name, content in (("教案.docx", samples.docx()), ("空白.pdf", samples.blank_pdf(2)), ("诗.txt", b"words")):
        assert states(ingested(name, content))[Step.OCR] is StepState.SKIPPED


def test_picture_without_words_gives_none(ingested: Ingested) -> None:
    file = ingested("照片.jpg", samples.jpeg((800, 600)))

    assert (file.state, text_of(file)) == (FileState.READY, "")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("扫描.pdf", made.scan("pdf", FIRST), "ocr.no_tesseract"),
        ("板书.png", made.scan("png", FIRST), None),  # a photo mostly has no words: nobody need hear of it
    ],
)
def test_without_the_tool_a_scan_says_so(
    ingested: Ingested, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, code: str | None
) -> None:
    monkeypatch.setattr(scans, "_has_chinese", lambda: False)

    file = ingested(name, content)

    assert (file.state, file.error_code) == (FileState.READY, code)
    assert states(file)[Step.OCR] is StepState.SKIPPED


def test_tool_without_chinese_or_without_sandbox_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert scans.available() is None
    with monkeypatch.context() as patched:
        patched.setattr(scans.sandbox, "which_sandbox", lambda: "")
        assert scans.available() == "preview.no_sandbox"
    tool = samples.written(tmp_path, "tesseract", b"#!/bin/sh\necho eng\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(scans.shutil, "which", lambda _tool: str(tool))
    assert scans.available() == "ocr.no_tesseract"


def test_page_that_cannot_be_read_costs_no_other(ingested: Ingested, monkeypatch: pytest.MonkeyPatch) -> None:
    real = scans.read

    def read(picture: Path) -> str:
        if picture.name == "scan-1.png":
            raise Refused("file.too_slow")
        return real(picture)

    monkeypatch.setattr(steps.scans, "read", read)

    assert list(pages_of(ingested("扫描.pdf", made.scan("pdf", FIRST, SECOND)))) == [2]


def test_thick_scan_is_read_as_far_as_time_and_number_allow(
    ingested: Ingested, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "READ_PAGES", 1)
    assert list(pages_of(ingested("一.pdf", made.scan("pdf", FIRST, SECOND)))) == [1]
    monkeypatch.setattr(steps, "READ_SECONDS", -1)
    assert pages_of(ingested("二.pdf", made.scan("pdf", FIRST))) == {}


def test_file_can_be_used_while_its_pages_are_still_read(ingested: Ingested, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[FileState] = []

    def read(picture: Path) -> str:
        with transaction() as session:
            seen.extend(row.state for row in session.query(ResourceFile))
        return picture.name

    monkeypatch.setattr(steps.scans, "read", read)

    file = ingested("扫描.pdf", made.scan("pdf", FIRST, SECOND))

    assert seen == [FileState.READY] * 2
    assert pages_of(file) == {1: "scan-1.png", 2: "scan-2.png"}


def test_words_that_come_late_do_not_replace_others(bring: Ingested, run_jobs: Callable[[], int]) -> None:
    file = bring("扫描.pdf", made.scan("pdf", FIRST))
    with transaction() as session:
        session.add(FileText(file_id=file.id, page=1, text="written by hand"))

    pipeline._add_read(file.id, {1: "read", 2: "read", 3: ""})  # noqa: SLF001 # the very moment in which both come
    pipeline._put_texts(file.id, [{"page": 2, "text": "said"}])  # noqa: SLF001 # and the step of texts tried again
    db.session.commit()

    assert pages_of(fresh(ResourceFile, file.id)) == {1: "written by hand", 2: "said"}


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("head\n5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t91\t山\n5\t1\t1\t1\t1\t2\t0\t0\t9\t9\t90\t行 \n", "山行"),
        ("head\n5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t30\t|\n5\t1\t1\t1\t1\t2\t0\t0\t9\t9\t20\t~\n", ""),
        ("head\n5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t95\t \nnonsense\n", ""),
        ("", ""),
    ],
)
def test_shadows_taken_for_words_are_dropped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, table: str, lines: str
) -> None:
    monkeypatch.setattr(sandbox, "run", lambda *_: sandbox.Ended(table.encode(), 0))

    assert scans.read(tmp_path / "x.png") == lines


def test_tool_that_fails_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sandbox, "run", lambda *_: sandbox.Ended(b"", 1))

    with pytest.raises(Refused):
        scans.read(tmp_path / "x.png")


def test_long_work_says_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "PULSE", 0.05)
    beats: list[int] = []

    ended = sandbox.run(["sh", "-c", "sleep 0.4; echo done"], 30, lambda: beats.append(1))

    assert ended.output == b"done\n"
    assert len(beats) >= 3
