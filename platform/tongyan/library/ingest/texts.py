"""The words of a file, page by page (runs in the child process)."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tongyan.library.ingest import archives, formats
from tongyan.library.ingest.encodings import decode
from tongyan.library.ingest.refusal import Refused
from tongyan.library.ingest.words import GAPS, tidy

MAX_PAGE_TEXT = 200_000
MAX_TEXT = 2_000_000
MAX_ROWS = 20_000


def extract(path: Path, kind: str) -> list[str]:
    """Return the text of every page (slide, sheet); pages without words stay as empty strings."""
    try:
        return list(_bounded(EXTRACTORS[kind](path)))
    except Refused:
        raise
    except Exception as error:  # parsers raise all kinds of things on damage
        raise Refused("file.text_unreadable") from error


def _bounded(pages: Iterable[str]) -> Iterator[str]:
    room = MAX_TEXT
    for page in pages:
        text = tidy(page)[: min(MAX_PAGE_TEXT, room)]
        room -= len(text)
        yield text
        if room <= 0:
            return


def _slides(path: Path) -> Iterator[str]:
    from pptx import Presentation  # noqa: PLC0415 # each parser is loaded for its own files only

    for slide in Presentation(str(path)).slides:
        lines = list(_shape_lines(slide.shapes))
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            lines.append(slide.notes_slide.notes_text_frame.text)
        yield "\n".join(line for line in lines if line.strip())


def _shape_lines(shapes: Any) -> Iterator[str]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _shape_lines(shape.shapes)
        elif shape.has_text_frame:
            yield shape.text_frame.text
        elif getattr(shape, "has_table", False):
            for row in shape.table.rows:
                yield "\t".join(cell.text for cell in row.cells)


def _document(path: Path) -> Iterator[str]:
    from docx import Document  # noqa: PLC0415 # as above
    from docx.table import Table  # noqa: PLC0415 # as above

    lines = []
    for block in Document(str(path)).iter_inner_content():
        if isinstance(block, Table):
            lines += ["\t".join(cell.text for cell in row.cells) for row in block.rows]
        else:
            lines.append(block.text)
    yield "\n".join(line for line in lines if line.strip())


def _sheets(path: Path) -> Iterator[str]:
    from openpyxl import load_workbook  # noqa: PLC0415 # as above

    with path.open("rb") as stream:  # by its path it would be judged by an extension it does not have
        for sheet in load_workbook(stream, read_only=True, data_only=True).worksheets:
            lines = [sheet.title]
            for row in sheet.iter_rows(max_row=MAX_ROWS, values_only=True):
                cells = [str(value) for value in row if value is not None]
                if cells:
                    lines.append("\t".join(cells))
            yield "\n".join(lines)


def _pdf(path: Path) -> Iterator[str]:
    from pypdfium2 import PdfDocument  # noqa: PLC0415 # as above

    document = PdfDocument(path)
    for number in range(min(len(document), formats.MAX_PDF_PAGES)):
        page = document[number]
        words = page.get_textpage()
        yield GAPS.sub("", words.get_text_bounded())
        words.close()
        page.close()
    document.close()


def _plain(path: Path) -> Iterator[str]:
    yield decode(path.read_bytes()) or ""


def _names(path: Path) -> Iterator[str]:
    yield archives.listing(path)


EXTRACTORS = {
    "pptx": _slides,
    "docx": _document,
    "xlsx": _sheets,
    "pdf": _pdf,
    "text": _plain,
    "zip": _names,
    "scorm": _names,
}
