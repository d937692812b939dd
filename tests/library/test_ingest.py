"""A file becomes a checked one with preview, pages and text; each step says how it went."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from tests.library import samples
from tongyan.kernel.db import db
from tongyan.kernel.files import file_store
from tongyan.library.models import FileFamily, FileState, FileText, PageImage, ResourceFile, Step, StepState

Ingested = Callable[..., ResourceFile]


def text_of(file: ResourceFile) -> str:
    """Return all words found in a file."""
    rows = db.session.scalars(select(FileText.text).where(FileText.file_id == file.id).order_by(FileText.page))
    return "\n".join(rows)


def states(file: ResourceFile) -> dict[Step, StepState]:
    """Return how each step ended."""
    return {row.step: row.state for row in file.steps}


def test_presentation_gets_preview_pages_thumbnail_and_text(ingested: Ingested) -> None:
    file = ingested("山行.pptx", samples.pptx())

    assert (file.state, file.family, file.error_code) == (FileState.READY, FileFamily.DOCUMENT, None)
    skipped = {Step.LIGHT, Step.OCR}  # it is no film, and every slide has words
    assert {step for step, state in states(file).items() if state is StepState.SKIPPED} == skipped
    assert set(states(file).values()) == {StepState.DONE, StepState.SKIPPED}
    assert file.page_count == 2
    assert [page.page for page in file.pages] == [1, 2]
    text = text_of(file)
    assert all(words in text for words in ("山行", samples.POEM, samples.NOTES, "生字"))
    assert file_store().path(file.thumbnail_sha256).stat().st_size < 50_000


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("教案.docx", samples.docx(), ["教学目标", samples.POEM]),
        ("成绩.xlsx", samples.xlsx(), ["期末成绩"]),
    ],
)
def test_every_office_format_is_shown_and_searched(
    ingested: Ingested, name: str, content: bytes, words: list[str]
) -> None:
    file = ingested(name, content)

    assert file.state is FileState.READY
    assert all(word in text_of(file) for word in words)


def test_pdf_is_its_own_preview(ingested: Ingested) -> None:
    file = ingested("古诗.pdf", samples.pdf(3))

    assert (file.state, file.page_count, len(file.pages)) == (FileState.READY, 3, 3)
    assert file.preview_sha256 == file.sha256
    assert states(file)[Step.PREVIEW] is StepState.SKIPPED


def test_thick_book_shows_its_first_pages_only(ingested: Ingested, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongyan.library.ingest.steps.RENDERED_PAGES", 45)  # more than two batches

    file = ingested("全册.pdf", samples.blank_pdf(50))

    assert (file.state, file.page_count) == (FileState.READY, 50)
    assert [page.page for page in file.pages] == list(range(1, 46))


def test_photo_preview_is_upright_small_and_without_metadata(ingested: Ingested) -> None:
    file = ingested("板书.jpg", samples.jpeg())

    assert (file.state, file.family) == (FileState.READY, FileFamily.IMAGE)
    content = file_store().path(file.pages[0].sha256).read_bytes()
    image = Image.open(io.BytesIO(content))
    assert len(content) <= 150_000
    assert image.height > image.width
    assert not image.getexif()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_plain_text_is_read_in_every_encoding_of_chinese_schools(ingested: Ingested, encoding: str) -> None:
    words = "〇𠮷 遠上寒山，霜葉紅於二月花"
    file = ingested("诗.txt", words.encode(encoding))

    assert (file.state, text_of(file)) == (FileState.READY, words)


def test_sound_can_be_heard(ingested: Ingested) -> None:
    file = ingested("范读.wav", samples.wav())

    assert (file.state, file.family, file.media_type) == (FileState.READY, FileFamily.AUDIO, "audio/x-wav")


def test_archive_is_kept_for_download_and_its_names_are_searched(ingested: Ingested) -> None:
    file = ingested("素材.zip", samples.gbk_archive("霜叶.jpg"))

    assert (file.state, text_of(file)) == (FileState.DOWNLOAD_ONLY, "霜叶.jpg")


def test_unknown_content_can_only_be_downloaded(ingested: Ingested) -> None:
    file = ingested("几何.gsp", b"GSP\x00\x01\x02" * 50)

    assert (file.state, file.media_type) == (FileState.DOWNLOAD_ONLY, "application/octet-stream")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("截断.pptx", samples.pptx()[:-2000], "file.damaged"),
        ("改名.jpg", samples.docx(), "file.wrong_extension"),
        ("炸弹.zip", samples.archive(("a.txt", b"\0" * (40 << 20))), "file.bomb"),
        ("画.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "file.type_refused"),
        ("厚书.pdf", samples.blank_pdf(2001), "file.too_many_pages"),
        ("五万见方.png", samples.png_header(50_000, 50_000), "file.too_many_pixels"),
    ],
)
def test_bad_files_are_refused_in_the_sandbox_too(ingested: Ingested, name: str, content: bytes, code: str) -> None:
    file = ingested(name, content)

    assert (file.state, file.error_code) == (FileState.REJECTED, code)
    assert file.sha256 is None
    assert not file.pages


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ('grep -q bad "$3" && exit 1 || exit 0', FileState.REJECTED),
        ("exit 2", FileState.READY),
    ],
)
def test_virus_scanner_of_the_site_is_asked(
    ingested: Ingested, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, state: FileState
) -> None:
    scanner = samples.written(tmp_path, "clamdscan", f"#!/bin/sh\n{script}\n".encode())
    scanner.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert ingested("a.txt", b"bad words").state is state


def test_one_bad_file_stalls_no_other(bring: Ingested, run_jobs: Callable[[], int]) -> None:
    bad, good = bring("坏.pptx", samples.pptx()[:-2000]), bring("好.txt", b"good")

    run_jobs()

    assert db.session.get(ResourceFile, bad.id, populate_existing=True).state is FileState.REJECTED
    assert db.session.get(ResourceFile, good.id, populate_existing=True).state is FileState.READY


def test_content_that_is_not_what_was_announced_is_refused(ingested: Ingested) -> None:
    file = ingested("诗.txt", b"words", sha256="0" * 64)

    assert (file.state, file.error_code) == (FileState.REJECTED, "file.corrupted")


def test_without_libreoffice_the_words_are_found_and_the_file_can_be_downloaded(
    ingested: Ingested, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongyan.library.ingest.office.available", lambda: "preview.no_office")

    file = ingested("山行.pptx", samples.pptx())

    assert (file.state, file.error_code) == (FileState.DOWNLOAD_ONLY, "preview.no_office")
    assert states(file)[Step.PREVIEW] is StepState.SKIPPED
    assert samples.POEM in text_of(file)


def test_running_twice_changes_nothing(ingested: Ingested) -> None:
    from tongyan.library.ingest.pipeline import ingest  # noqa: PLC0415 # the job's own door

    file = ingested("古诗.pdf", samples.pdf(2))
    before = rows_of(file)

    ingest(file.id)

    assert rows_of(file) == before


def rows_of(file: ResourceFile) -> list[object]:
    """Return everything ingest wrote about a file."""
    db.session.expire_all()
    pages = db.session.execute(select(PageImage.page, PageImage.sha256).where(PageImage.file_id == file.id)).all()
    return [file.state, file.sha256, file.updated_at, pages, text_of(file), states(file)]


def test_same_bytes_are_stored_once(ingested: Ingested) -> None:
    first, second = ingested("甲.txt", b"same"), ingested("乙.txt", b"same")

    assert first.id != second.id
    assert first.sha256 == second.sha256
    assert len(list(file_store().path(first.sha256).parent.iterdir())) == 1
