"""Real files, good and bad, made on the spot."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from docx import Document
from openpyxl import Workbook
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

POEM = "远上寒山石径斜，白云生处有人家。"
NOTES = "引导学生想象霜叶的颜色"


def pptx(slides: Sequence[str] = ("山行", POEM), notes: str = NOTES) -> bytes:
    """Return a presentation with a title per slide, notes on the last, and a table."""
    presentation = Presentation()
    for text in slides:
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = text
    table = slide.shapes.add_table(1, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "生字", "斜"
    slide.notes_slide.notes_text_frame.text = notes
    return _saved(presentation.save)


def docx(text: str = POEM) -> bytes:
    """Return a document with a paragraph and a table."""
    document = Document()
    document.add_paragraph(text)
    document.add_table(rows=1, cols=2).cell(0, 0).text = "教学目标"
    return _saved(document.save)


def xlsx(text: str = "期末成绩") -> bytes:
    """Return a workbook."""
    workbook = Workbook()
    workbook.active["A1"] = text
    return _saved(workbook.save)


def pdf(pages: int = 1) -> bytes:
    """Return a PDF of pictures."""
    sheets = [Image.new("RGB", (300, 420), (250, 250 - number % 100, 240)) for number in range(pages)]
    return _saved(lambda stream: sheets[0].save(stream, "PDF", save_all=True, append_images=sheets[1:]))


def jpeg(size: tuple[int, int] = (1600, 900), exif: bool = True) -> bytes:
    """Return a photo that says where it was taken."""
    image = Image.effect_noise(size, 80).convert("RGB")
    meta = Image.Exif()
    meta[0x010E], meta[0x0112] = "secret place", 6
    return _saved(lambda stream: image.save(stream, "JPEG", exif=meta if exif else b""))


def png(size: tuple[int, int]) -> bytes:
    """Return a picture of one colour: many pixels in few bytes."""
    return _saved(lambda stream: Image.new("1", size).save(stream, "PNG"))


def wav(seconds: int = 1) -> bytes:
    """Return silence."""
    import wave  # noqa: PLC0415 # for this sample only

    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000 * seconds)
    return stream.getvalue()


def archive(*entries: tuple[str, bytes]) -> bytes:
    """Return a zip with these entries."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in entries:
            container.writestr(name, content)
    return stream.getvalue()


def gbk_archive(name: str) -> bytes:
    """Return a zip as old Chinese programs wrote it: names in GBK, no flag."""
    placeholder = "x" * len(name.encode("gbk"))
    return archive((placeholder, b"text")).replace(placeholder.encode(), name.encode("gbk"))


def with_part(document: bytes, name: str, content: bytes) -> bytes:
    """Return an Office file with one more part."""
    stream = io.BytesIO(document)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as container:
        container.writestr(name, content)
    return stream.getvalue()


def ole(*names: str) -> bytes:
    """Return the head of an old Office file whose directory holds these names."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0")
    return head + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in names)


def _saved(save: object) -> bytes:
    stream = io.BytesIO()
    save(stream)  # type: ignore[operator] # every library names it alike
    return stream.getvalue()


def written(folder: Path, name: str, content: bytes) -> Path:
    """Write a sample and return its path."""
    path = folder / name
    path.write_bytes(content)
    return path
