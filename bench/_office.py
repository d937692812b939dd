"""Office files as teachers make them, large and small, always the same: slides, plans with tables, marks."""

import io
from collections.abc import Callable
from random import Random
from typing import Any

from docx import Document
from openpyxl import Workbook
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

SENTENCE = "远上寒山石径斜，白云生处有人家。停车坐爱枫林晚，霜叶红于二月花。"
SHARES = {"pptx": 5, "docx": 3, "xlsx": 2}  # how often each comes


def office_files(number: int) -> list[tuple[str, bytes]]:
    """Return so many files as (name, content), no two alike."""
    chance = Random(3)  # noqa: S311 # not for secrets
    kinds = chance.choices(list(SHARES), list(SHARES.values()), k=number)
    return [(f"{n:03}.{kind}", MAKERS[kind](chance, n)) for n, kind in enumerate(kinds)]


def _slides(chance: Random, number: int) -> bytes:
    presentation = Presentation()
    for page in range(chance.choice((3, 8, 12, 20, 30))):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"第{page + 1}页 山行 {number}"
        slide.placeholders[1].text = "\n".join(_words(chance, 4))
        if chance.random() < 0.4:
            slide.shapes.add_picture(io.BytesIO(_photo(chance)), Inches(5), Inches(3), Inches(4))
        slide.notes_slide.notes_text_frame.text = SENTENCE
    return _saved(presentation.save)


def _plan(chance: Random, number: int) -> bytes:
    document = Document()
    document.add_heading(f"《山行》教案 {number}")
    for part in range(chance.choice((2, 5, 10, 25))):
        document.add_heading(f"环节{part + 1}", level=2)
        for words in _words(chance, 6):
            document.add_paragraph(words * chance.randint(1, 4))
        table = document.add_table(rows=4, cols=3)
        for cell in (cell for row in table.rows for cell in row.cells):
            cell.text = SENTENCE[: chance.randint(2, 20)]
    if chance.random() < 0.5:
        document.add_picture(io.BytesIO(_photo(chance)), width=Inches(4))
    return _saved(document.save)


def _marks(chance: Random, number: int) -> bytes:
    workbook = Workbook()
    sheet: Any = workbook.active
    sheet.title = f"成绩{number}"
    for pupil in range(chance.choice((40, 120, 300))):
        sheet.append([f"学生{pupil}", *(chance.randint(40, 100) for _ in range(8))])
    return _saved(workbook.save)


def _words(chance: Random, lines: int) -> list[str]:
    return [SENTENCE[chance.randrange(8) :] for _ in range(lines)]


def _photo(chance: Random) -> bytes:
    picture = Image.effect_noise((160, 120), chance.randint(20, 90)).resize((1280, 960)).convert("RGB")
    return _saved(lambda stream: picture.save(stream, "JPEG", quality=85))


def _saved(save: Callable[[Any], object]) -> bytes:
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


MAKERS: dict[str, Callable[[Random, int], bytes]] = {"pptx": _slides, "docx": _plan, "xlsx": _marks}
