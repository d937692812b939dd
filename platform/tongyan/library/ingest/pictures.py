"""Pictures of pages, and small ones for lists (runs in the child process)."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from tongyan.library.ingest import formats
from tongyan.library.ingest.refusal import Refused

PAGE_WIDTH, PAGE_BYTES = 1080, 150_000  # what the widest phone shows (360 px of three dots each)
THUMBNAIL, THUMBNAIL_QUALITY = (480, 360), 60
QUALITIES = (80, 40)  # what is too heavy at first is a photo all over: small steps would not help
SCAN_WIDTH = 1800  # the size of characters at which tesseract errs least, on paper and on slides


def count_pages(path: Path) -> int:
    """Return the number of pages of a PDF; raises Refused when it is damaged, locked or endless."""
    with _Pdf(path) as document:
        return _checked(len(document))


def _checked(count: int) -> int:
    if count == 0:
        raise Refused("file.damaged")
    if count > formats.MAX_PDF_PAGES:
        raise Refused("file.too_many_pages")
    return count


def render_pages(path: Path, first: int, last: int, folder: Path) -> tuple[int, list[dict[str, Any]]]:
    """Write pages `first` to `last` (from 1) as `<page>.webp`; return the number of all pages, and what these are.

    That is page, width, height, and mute when it shows something and holds no text. Raises Refused like `count_pages`.
    """
    rows = []
    with _Pdf(path) as document:
        count = _checked(len(document))
        for number in range(first, min(last, len(document)) + 1):
            page = document[number - 1]
            width = max(1.0, page.get_width())
            scale = min(4.0, PAGE_WIDTH / width, 2 * PAGE_WIDTH / max(1.0, page.get_height()))
            image = page.render(scale=scale).to_pil().convert("RGB")
            mute = _is_mute(page)
            page.close()
            image = _save(image, folder / f"{number}.webp")
            rows.append({"page": number, "width": image.width, "height": image.height, "mute": mute})
            if number == 1:
                save_thumbnail(image, folder / "thumbnail.webp")
    return count, rows


def _is_mute(page: Any) -> bool:
    words = page.get_textpage()
    try:
        return not words.get_text_bounded().strip() and any(True for _ in page.get_objects())
    finally:
        words.close()


def scan_pages(path: Path, pages: Sequence[int], folder: Path) -> None:
    """Write pages of a PDF as `scan-<page>.png`, large and grey, for reading them."""
    with _Pdf(path) as document:
        for number in pages:
            page = document[number - 1]
            scale = min(SCAN_WIDTH / max(1.0, page.get_width()), 2 * SCAN_WIDTH / max(1.0, page.get_height()))
            page.render(scale=scale, grayscale=True).to_pil().save(folder / f"scan-{number}.png", compress_level=1)
            page.close()


def scan_picture(path: Path, folder: Path) -> None:
    """Write an image as `scan-1.png`, grey and upright, for reading it."""
    image = _upright(path).convert("L")
    image.thumbnail((SCAN_WIDTH, 2 * SCAN_WIDTH))
    image.save(folder / "scan-1.png", compress_level=1)


class _Pdf:
    """An open PDF, closed at the end; raises Refused when it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Any:
        from pypdfium2 import PdfDocument, PdfiumError  # noqa: PLC0415 # only for files that need it

        try:
            self._document = PdfDocument(self._path)
        except PdfiumError as error:
            raise Refused("file.encrypted" if self._is_locked(error) else "file.damaged") from error
        return self._document

    def __exit__(self, *_: object) -> None:
        self._document.close()

    def _is_locked(self, error: Exception) -> bool:
        """PDFium keeps its last error, so a file without pages may be told the error of the one before."""
        return "assword" in str(error) and b"/Encrypt" in self._path.read_bytes()


def picture(path: Path, folder: Path) -> list[dict[str, Any]]:
    """Write the preview and thumbnail of an image, upright and without its metadata."""
    image = _upright(path)
    image.thumbnail((PAGE_WIDTH, 2 * PAGE_WIDTH))
    image = _save(image, folder / "1.webp")
    save_thumbnail(image, folder / "thumbnail.webp")
    return [{"page": 1, "width": image.width, "height": image.height, "mute": True}]


def _upright(path: Path) -> Any:
    from PIL import Image, ImageOps  # noqa: PLC0415 # only for files that need it

    Image.MAX_IMAGE_PIXELS = formats.MAX_PIXELS
    with Image.open(path) as original:
        return _flat(ImageOps.exif_transpose(original))


def _flat(image: Any) -> Any:
    """Return the image on white paper."""
    from PIL import Image  # noqa: PLC0415 # as above

    if image.mode not in {"RGBA", "LA", "P", "PA"}:
        return image.convert("RGB")
    image = image.convert("RGBA")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image).convert("RGB")


def _save(image: Any, target: Path) -> Any:
    """Write a picture that weighs no more than a phone in a village should load, and return it as written."""
    while True:
        for quality in QUALITIES:
            content = _encode(image, quality)
            if len(content) <= PAGE_BYTES:
                target.write_bytes(content)
                return image
        image = image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4)))


def _encode(image: Any, quality: int) -> bytes:
    from PIL import WebPImagePlugin  # noqa: F401, PLC0415 # or else the first save loads the plugins of all formats

    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=0)  # twice as fast, hardly larger
    return buffer.getvalue()


def save_thumbnail(image: Any, target: Path) -> None:
    """Write the small picture for lists."""
    small = image.copy()
    small.thumbnail(THUMBNAIL)
    target.write_bytes(_encode(small, THUMBNAIL_QUALITY))
