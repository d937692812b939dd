"""Real files, good and bad, made on the spot."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from docx import Document
from openpyxl import Workbook
from PIL import Image
from pptx import Presentation
from pptx.enum.shapes import MSO_CONNECTOR
from pptx.util import Inches

POEM = "远上寒山石径斜，白云生处有人家。"
ENTITIES = b'<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><manifest><title>&b;</title></manifest>'
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
    return saved(presentation.save)


def docx(text: str = POEM) -> bytes:
    """Return a document with a paragraph and a table."""
    document = Document()
    document.add_paragraph(text)
    document.add_table(rows=1, cols=2).cell(0, 0).text = "教学目标"
    return saved(document.save)


def xlsx(text: str = "期末成绩") -> bytes:
    """Return a workbook."""
    workbook = Workbook()
    workbook.active["A1"] = text
    return saved(workbook.save)


def pdf(pages: int = 1) -> bytes:
    """Return a PDF of pictures."""
    sheets = [Image.new("RGB", (300, 420), (250, 250 - number % 100, 240)) for number in range(pages)]
    return saved(lambda stream: sheets[0].save(stream, "PDF", save_all=True, append_images=sheets[1:]))


def blank_pdf(pages: int, encrypt: str = "") -> bytes:
    """Return a PDF with one empty page that counts as so many."""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {pages}/Kids[{'3 0 R ' * pages}]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 30 42]>>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{content}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer<</Size 4/Root 1 0 R{encrypt}>>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 4\n0000000000 65535 f \n{table}{trailer}".encode()


def looping_pdf() -> bytes:
    """Return a PDF whose table of contents leads back to itself."""
    body = "%PDF-1.4\n"
    table = f"xref\n0 1\n0000000000 65535 f \ntrailer<</Size 4/Root 1 0 R/Prev {len(body)}>>\n"
    return f"{body}{table}startxref\n{len(body)}\n%%EOF".encode()


def locked_pdf() -> bytes:
    """Return a PDF that opens with a password only."""
    key = "00" * 32
    lock = f"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{key}>/U<{key}>>>/ID[<00><00>]"
    return blank_pdf(1, lock)


def jpeg(size: tuple[int, int] = (1600, 900), exif: bool = True) -> bytes:
    """Return a photo that says where it was taken."""
    image = Image.effect_noise(size, 80).convert("RGB")
    meta = Image.Exif()
    meta[0x010E], meta[0x0112] = "secret place", 6
    return saved(lambda stream: image.save(stream, "JPEG", exif=meta if exif else b""))


def png(size: tuple[int, int]) -> bytes:
    """Return a picture of one colour: many pixels in few bytes."""
    return saved(lambda stream: Image.new("1", size).save(stream, "PNG"))


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def picture(mode: str) -> bytes:
    """Return a small picture of any mode."""
    kind = "TIFF" if mode == "CMYK" else "PNG"
    return saved(lambda stream: Image.new(mode, (40, 30)).save(stream, kind))


def gif_with(comment: bytes) -> bytes:
    """Return a picture that says something in its comment."""
    return saved(lambda stream: Image.new("P", (4, 4)).save(stream, "GIF", comment=comment))


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


def scorm(*titles: str, schema: str = "http://www.adlnet.org/xsd/adlcp_v1p3") -> bytes:
    """Return an interactive lesson: a manifest that names its parts, and a page to launch."""
    items = "".join(f"<item><title>{title}</title></item>" for title in titles)
    manifest = f'<?xml version="1.0"?><manifest xmlns="{schema}"><organizations>{items}</organizations></manifest>'
    return archive(("imsmanifest.xml", manifest.encode()), ("index.html", b"<h1>hello</h1>"))


def gbk_archive(name: str) -> bytes:
    """Return a zip as old Chinese programs wrote it: names in GBK, no flag."""
    placeholder = "x" * len(name.encode("gbk"))
    return archive((placeholder, b"text")).replace(placeholder.encode(), name.encode("gbk"))


def archive_with_link(name: str, target: str) -> bytes:
    """Return a zip that holds a symbolic link."""
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:
        container.writestr(entry, target)
    return stream.getvalue()


def overlapping_archive() -> bytes:
    """Return a zip whose directory names the same bytes again and again: more than the file could hold."""
    content = bytearray(archive(("a.txt", bytes(range(256)) * 40)))
    start, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    entry, tail = content[start:end], content[end:]
    struct.pack_into("<HHI", tail, 8, 50, 50, len(entry) * 50)
    return bytes(content[:start] + entry * 50 + tail)


def flagged(container: bytes, flag: int) -> bytes:
    """Return a zip all of whose entries carry a flag (1: a password is needed)."""
    content = bytearray(container)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(signature, start + 1)) >= 0:
            content[start + place] |= flag
    return bytes(content)


def understated(document: bytes) -> bytes:
    """Return an Office file with a part that is longer than its header says."""
    content = bytearray(with_part(document, "word/big.bin", b"\0" * 5000))
    entry = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, entry + 24, 10)
    return bytes(content)


def macro_typed(document: bytes) -> bytes:
    """Return an Office file that calls itself one with macros, though it holds none."""
    stream, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(document))
    with source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as container:
        for name in source.namelist():
            plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
            container.writestr(name, source.read(name).replace(plain, b"application/vnd.ms-word.document.macroEnabled"))
    return stream.getvalue()


def grouped_pptx(text: str) -> bytes:
    """Return a presentation whose words stand in a group of shapes."""
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = text
    return saved(presentation.save)


def drawn_pptx() -> bytes:
    """Return a presentation with a line and a picture on its slide, and no word."""
    presentation = Presentation()
    shapes = presentation.slides.add_slide(presentation.slide_layouts[6]).shapes
    shapes.add_connector(MSO_CONNECTOR.STRAIGHT, 0, 0, Inches(1), Inches(1))
    shapes.add_picture(io.BytesIO(picture("RGB")), 0, 0)
    return saved(presentation.save)


def photo_pptx(photo: bytes, *titles: str) -> bytes:
    """Return a presentation whose last slide is a photo and nothing else."""
    presentation = Presentation()
    for title in titles:
        presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = title
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    slide.shapes.add_picture(io.BytesIO(photo), 0, 0, presentation.slide_width, presentation.slide_height)
    return saved(presentation.save)


def photo_pdf(photo: bytes) -> bytes:
    """Return a PDF whose only page is a photo."""
    return saved(lambda stream: Image.open(io.BytesIO(photo)).convert("RGB").save(stream, "PDF"))


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


def saved(save: object) -> bytes:
    stream = io.BytesIO()
    save(stream)  # type: ignore[operator] # every library names it alike
    return stream.getvalue()


def written(folder: Path, name: str, content: bytes) -> Path:
    """Write a sample and return its path."""
    path = folder / name
    path.write_bytes(content)
    return path
