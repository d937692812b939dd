"""The texts are those of the schoolbooks, in simplified characters, and make real documents."""

import io
import unicodedata

import pytest
from docx import Document
from opencc import OpenCC
from openpyxl import load_workbook
from PIL import Image
from pptx import Presentation

from tongyan.demo import cast, shelf, slides
from tongyan.demo.texts import FILE, poems

PUNCTUATION = set("，。？！；：、·“”（）〔〕")


def test_no_traditional_characters() -> None:
    text = FILE.read_text() + cast.PEOPLE.read_text()
    simplified = OpenCC("t2s").convert(text)
    assert [pair for pair in zip(text, simplified, strict=True) if pair[0] != pair[1]] == []


def test_no_odd_glyphs() -> None:
    odd = {
        char
        for poem in poems().values()
        for char in poem.title + poem.author + "".join(poem.lines)
        if char not in PUNCTUATION and not "\u4e00" <= char <= "\u9fa5"
    }
    assert odd == set()
    assert unicodedata.is_normalized("NFKC", "".join(word for poem in poems().values() for word in poem.words))


def test_every_verse_is_whole() -> None:
    for poem in poems().values():
        assert all(line[-1] in "，。？！；" for line in poem.lines), poem.title
        assert "".join(clause for couplet in poem.couplets for clause in couplet) == "".join(poem.lines)


@pytest.mark.parametrize(
    ("line", "said"),
    [("白日依山尽，", "白日／依山尽，"), ("霜叶红于二月花。", "霜叶／红于／二月花。"), ("水何澹澹，山岛竦峙。",) * 2],
)
def test_pauses_follow_the_number_of_syllables(line: str, said: str) -> None:
    assert slides.paused(line) == said


def test_a_lone_question_goes_with_its_answer() -> None:
    assert poems()["次北固山下"].couplets[-1] == ["乡书何处达？", "归雁洛阳边。"]


def by_extension(extension: str) -> list[shelf.Item]:
    """Return the items of the shelf that end so."""
    return [item for item in shelf.ITEMS if item.path.endswith(extension)]


def test_slides_open_with_a_title_each_and_the_whole_poem() -> None:
    for item in by_extension("pptx"):
        deck = Presentation(io.BytesIO(item.content("张文静")))
        assert all(slide.shapes.title.text for slide in deck.slides)
        said = "\n".join(shape.text_frame.text for shape in deck.slides[2].shapes if shape.has_text_frame)
        assert all(line in said for line in poems()[item.topic].lines)


def test_papers_sheets_and_pictures_open() -> None:
    for item in by_extension("docx"):
        assert Document(io.BytesIO(item.content("张文静"))).paragraphs[0].text
    for item in by_extension("png"):
        assert Image.open(io.BytesIO(item.content("张文静"))).width >= 1000


def test_sums_are_right() -> None:
    for item in by_extension("xlsx"):
        book = load_workbook(io.BytesIO(item.content("张文静")))
        solved = [cell.value for row in book["答案"].iter_rows(4, 13, 1, 4) for cell in row]
        asked = [cell.value for row in book["练习"].iter_rows(4, 13, 1, 4) for cell in row]
        for task, answer in zip(asked, solved, strict=True):
            first, sign, second, _ = task.split()
            results = {"+": int(first) + int(second), "-": int(first) - int(second), "×": int(first) * int(second)}
            assert answer == f"{task}{results.get(sign, int(first) // int(second))}"


def test_documents_are_the_same_bytes_each_time() -> None:
    for item in {item.kind: item for item in shelf.ITEMS}.values():
        assert item.content("张文静") == item.content("张文静")
