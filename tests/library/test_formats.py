"""Every format we accept: its words are found by the search, its pages are seen, its length is known."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.factories import fresh
from tests.library import made, samples
from tongyan.kernel.files import file_store
from tongyan.kernel.permissions import Actor
from tongyan.kernel.search import SearchRequest, search
from tongyan.library.ingest.formats import FORMATS
from tongyan.library.ingest.pictures import PAGE_BYTES
from tongyan.library.models import FileFamily, FileState, ResourceFile, Step, StepState

Ingested = Callable[..., ResourceFile]
Make = Callable[[str], bytes]
PRINTED = "今天我们学习第二单元的课文"
PICTURES = ("png", "jpeg", "gif", "webp", "bmp", "tiff")
MEDIA = (*made.FILMS, *made.SOUNDS, "amr")
WORDED = {  # extension -> how often the page is seen, and words to find it by
    "pptx": (2, samples.NOTES),
    "docx": (1, "教学目标"),
    "xlsx": (1, "期末成绩"),
    "ppt": (2, "石径斜"),
    "doc": (1, "教学目标"),
    "xls": (1, "期末成绩"),
    "pdf": (2, PRINTED),
    "txt": (0, "霜叶红于二月花"),
    "csv": (0, "期末成绩"),
    "zip": (0, "霜叶"),
    **dict.fromkeys(PICTURES, (1, PRINTED)),
}


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Make a sample by its extension, each once."""
    folder = tmp_path_factory.mktemp("made")
    return cache(lambda kind: content_of(kind, folder))


def content_of(kind: str, folder: Path) -> bytes:
    """Return a real file of that kind."""
    if kind in made.OLD:
        return made.old_office(kind, folder)
    if kind in made.FILMS:
        return made.film(kind, folder)
    if kind in made.SOUNDS:
        return made.sound(kind, folder)
    if kind == "amr":
        return made.speech()
    if kind in {"pdf", *PICTURES}:
        return made.scan(kind, *([PRINTED] if kind != "pdf" else [PRINTED, "请大家先读课文"]))
    plain = {"txt": "停车坐爱枫林晚，霜叶红于二月花".encode("gb18030"), "csv": "姓名,期末成绩\n小明,98".encode()}
    others = {"pptx": samples.pptx, "docx": samples.docx, "xlsx": samples.xlsx}
    return plain.get(kind) or (others[kind]() if kind in others else samples.gbk_archive("霜叶.jpg"))


def found_by(actor: Actor, words: str) -> list[str]:
    """Return the titles that a search for these words gives."""
    return [hit.thing.title for hit in search(actor, SearchRequest(words)).page.items]


def test_no_format_is_left_out() -> None:
    tried = {*WORDED, *MEDIA}

    assert {kind for kind, found in FORMATS.items() if not tried.intersection(found.extensions)} == {"other"}


@pytest.mark.parametrize("kind", WORDED)
def test_words_are_found_and_pages_are_seen(ingested: Ingested, owner: Actor, make: Make, kind: str) -> None:
    pages, words = WORDED[kind]

    file = ingested(f"样品.{kind}", make(kind))

    assert file.state is (FileState.DOWNLOAD_ONLY if kind == "zip" else FileState.READY)
    assert found_by(owner, words) == ["样品"]
    assert [page.page for page in file.pages] == list(range(1, pages + 1))
    assert all(file_store().path(page.sha256).stat().st_size <= PAGE_BYTES for page in file.pages)


@pytest.mark.parametrize("kind", MEDIA)
def test_media_have_their_length_and_films_a_poster(ingested: Ingested, owner: Actor, make: Make, kind: str) -> None:
    file = ingested(f"朗读.{kind}", make(kind))

    assert (file.state, file.error_code) == (FileState.READY, None)
    assert file.duration == pytest.approx(2, abs=0.5)
    if kind in made.FILMS:
        (poster,) = file.pages
        picture = Image.open(io.BytesIO(file_store().path(poster.sha256).read_bytes()))
        assert picture.size == (320, 240)
        assert len(picture.getcolors(maxcolors=1 << 24) or []) > 100  # a test card, no black frame
    assert found_by(owner, "朗读") == ["朗读"]


@pytest.mark.parametrize("kind", ["pdf", "pptx"])
def test_page_of_noise_is_still_light(ingested: Ingested, kind: str) -> None:
    photo = samples.jpeg((1600, 1600), exif=False)
    content = samples.photo_pptx(photo) if kind == "pptx" else samples.photo_pdf(photo)

    file = ingested(f"照片.{kind}", content)

    (page,) = file.pages
    assert 20_000 < file_store().path(page.sha256).stat().st_size <= PAGE_BYTES


def test_film_too_heavy_for_a_thin_line_gets_a_light_copy(
    ingested: Ingested, owner_web: FlaskClient, tmp_path: Path
) -> None:
    content = made.film("mp4", tmp_path, size="1280x720", seconds=4, bitrate="4M")

    file = ingested("课堂实录.mp4", content)

    assert file.step(Step.LIGHT).state is StepState.DONE
    copy = file_store().path(file.light_sha256)
    assert copy.stat().st_size < len(content) / 2
    part = owner_web.get(f"/files/{file.id}/light.mp4", headers={"Range": "bytes=4-11"}, buffered=True)
    assert (part.status_code, part.data, part.mimetype) == (206, copy.read_bytes()[4:12], "video/mp4")
    page = owner_web.get(f"/library/{file.resource_id}").text
    assert "流畅 480p" in page
    assert "原视频" in page
    assert f"/files/{file.id}/light.mp4" in page


def test_upright_film_keeps_its_form(ingested: Ingested, tmp_path: Path) -> None:
    from tongyan.library.ingest import media  # noqa: PLC0415 # the tool's own eye

    file = ingested("竖屏.mp4", made.film("mp4", tmp_path, size="720x1280", seconds=2, bitrate="4M"))

    film = media.film(file_store().path(file.light_sha256))
    assert film is not None
    assert film.lines == 480
    assert media.duration(file_store().path(file.light_sha256)) == pytest.approx(2, abs=0.3)


def test_small_film_needs_no_copy(ingested: Ingested, make: Make) -> None:
    file = ingested("短片.mp4", make("mp4"))

    assert (file.light_sha256, file.step(Step.LIGHT).state) == (None, StepState.SKIPPED)
    assert file.step(Step.LIGHT).error_code is None


def test_light_copy_is_not_swept_away(ingested: Ingested, tmp_path: Path) -> None:
    from tongyan.library.sweeping import used  # noqa: PLC0415 # the sweeper's own question

    file = ingested("课堂.mp4", made.film("mp4", tmp_path, size="1280x720", seconds=2, bitrate="4M"))

    assert used([file.light_sha256]) == {fresh(ResourceFile, file.id).light_sha256}


def test_sound_in_the_coat_of_a_film_has_no_copy(ingested: Ingested, tmp_path: Path) -> None:
    file = ingested("朗读.mp4", made.sound("m4a", tmp_path).replace(b"ftypM4A ", b"ftypisom"))

    assert (file.family, file.light_sha256) == (FileFamily.VIDEO, None)
    assert file.step(Step.LIGHT).state is StepState.SKIPPED
