"""Courseware: a presentation about one poem."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Inches, Length, Pt

from tongyan.demo.sealing import sealed
from tongyan.demo.texts import Poem, clauses


def _colour(text: str) -> RGBColor:
    return RGBColor(*bytes.fromhex(text))  # type: ignore[no-untyped-call] # python-pptx leaves it untyped


WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
TITLE_SLIDE, TITLE_ONLY = 0, 5  # layouts of the template
HEADINGS, VERSES = "微软雅黑", "楷体"
PAPER, INK, QUIET, WHITE = (_colour(text) for text in ("FBF8F1", "24303A", "6B7680", "FFFFFF"))


class Palette(NamedTuple):
    """The colour of a presentation, and a pale one that goes with it."""

    strong: RGBColor
    pale: RGBColor


class Style(NamedTuple):
    """How letters look; the size is in points."""

    size: int
    colour: RGBColor
    face: str = HEADINGS
    align: Any = PP_ALIGN.LEFT
    bold: bool = False


PALETTES = tuple(
    Palette(_colour(strong), _colour(pale))
    for strong, pale in (("2F6F62", "D9E9E3"), ("A4502F", "F3E0D3"), ("2F4A6D", "DBE4EF"), ("7A4E6B", "EEE1EA"))
)


class Additions(NamedTuple):
    """What a later version has besides: slides of points before the homework, and another homework."""

    slides: Mapping[str, Sequence[str]] = {}
    homework: Sequence[str] = ()


NONE = Additions()


def courseware(poem: Poem, author: str, more: Additions = NONE) -> bytes:
    """Return a presentation of seven slides, and those that a later version adds."""
    deck = _Deck(poem, author)
    deck.cover()
    deck.listed("学习目标", _goals(poem))
    deck.verses("读一读", poem.lines)
    deck.table("字词注释", poem.words)
    deck.verses("读出节奏", [paused(line) for line in poem.lines])
    deck.listed("想一想，说一说", poem.questions)
    for heading, points in more.slides.items():
        deck.listed(heading, points)
    deck.listed("作业", more.homework or _homework(poem))
    return sealed(deck.save)


def _goals(poem: Poem) -> Sequence[str]:
    words = "、".join(list(poem.words)[:3])
    return [
        f"正确、流利、有感情地朗读并背诵《{poem.title}》。",
        f"借助注释理解“{words}”等词语，说出诗句的意思。",
        f"边读边想象画面，体会：{poem.idea}",
    ]


def _homework(poem: Poem) -> Sequence[str]:
    return [
        f"背诵《{poem.title}》，默写一遍。",
        "选一处喜欢的画面，写几句话或画一幅画。",
        f"再找一首{poem.author}的诗读一读。",
    ]


def paused(line: str) -> str:
    """Return a line of five or seven syllables with the pauses of its rhythm (2/3, 2/2/3); others as they are."""
    parts = []
    for clause in clauses(line):
        size = len(clause) - 1
        cuts = {5: (2,), 7: (2, 4)}.get(size, ())
        parts.append("／".join(clause[start:end] for start, end in zip((0, *cuts), (*cuts, None), strict=True)))
    return "".join(parts)


class _Deck:
    """A presentation in the making."""

    def __init__(self, poem: Poem, author: str) -> None:
        self._poem, self._author = poem, author
        self._colours = PALETTES[sum(map(ord, poem.title)) % len(PALETTES)]
        self._deck = Presentation()
        self._deck.slide_width, self._deck.slide_height = WIDTH, HEIGHT
        self._deck.core_properties.author, self._deck.core_properties.title = author, poem.title

    def save(self, stream: Any) -> None:
        """Write the presentation."""
        self._deck.save(stream)

    def cover(self) -> None:
        """Add the title slide: the poem under a moon, over two hills."""
        slide = self._slide(TITLE_SLIDE)
        strong, pale = self._colours
        _filled(slide.shapes.add_shape(MSO_SHAPE.OVAL, Inches(9.6), Inches(0.7), Inches(2.6), Inches(2.6)), pale)
        self._hill(slide, [(4.6, 7.5), (8.4, 4.6), (10.2, 5.9), (13.34, 4.2), (13.34, 7.5)], pale)
        self._hill(slide, [(7.2, 7.5), (10.6, 5.5), (12.2, 6.5), (13.34, 5.8), (13.34, 7.5)], strong)
        title, subtitle = slide.shapes.title, slide.placeholders[1]
        _place(title, 1.25, 1.7, 8.2, 1.7)
        size = 60 if len(self._poem.title) <= 7 else 40
        _write(title, [self._poem.title], Style(size, strong, VERSES, bold=True))
        _place(subtitle, 1.3, 3.4, 7.5, 0.8)
        _write(subtitle, [self._poem.by], Style(28, INK, VERSES))
        _text(slide, (1.3, 6.2, 6.0, 0.9), [self._poem.place, self._author], Style(16, QUIET))

    def _hill(self, slide: Any, points: Sequence[tuple[float, float]], colour: RGBColor) -> None:
        first, *others = [(Inches(x), Inches(y)) for x, y in points]
        outline = slide.shapes.build_freeform(*first)
        outline.add_line_segments(others)
        _filled(outline.convert_to_shape(), colour)

    def verses(self, heading: str, lines: Sequence[str]) -> None:
        """Add a slide with the poem, as large as it fits; what it is about stands in the notes."""
        slide = self._titled(heading)
        size = 44 if len(lines) <= 4 else 28 if len(lines) <= 8 else 22
        head = f"{self._poem.title}　{self._poem.by}"
        _text(slide, (0.9, 1.55, 11.5, 0.9), [head], Style(20, QUIET, VERSES, PP_ALIGN.CENTER))
        _text(slide, (0.9, 2.3, 11.5, 4.7), lines, Style(size, INK, VERSES, PP_ALIGN.CENTER))
        slide.notes_slide.notes_text_frame.text = f"教学提示：{self._poem.idea}"

    def listed(self, heading: str, points: Sequence[str]) -> None:
        """Add a slide with numbered points."""
        slide = self._titled(heading)
        for number, point in enumerate(points):
            top = 1.9 + number * 1.6
            badge = slide.shapes.add_shape(MSO_SHAPE.OVAL, Inches(0.95), Inches(top + 0.12), Inches(0.62), Inches(0.62))
            _filled(badge, self._colours.strong)
            _write(badge, [str(number + 1)], Style(20, WHITE, align=PP_ALIGN.CENTER, bold=True))
            _text(slide, (1.8, top - 0.27, 10.5, 1.4), [point], Style(28, INK))

    def table(self, heading: str, rows: Mapping[str, str]) -> None:
        """Add a slide with words and what they mean."""
        slide = self._titled(heading)
        frame = slide.shapes.add_table(len(rows), 2, Inches(0.95), Inches(1.8), Inches(11.4), Inches(0.8 * len(rows)))
        frame.table.first_row = False
        frame.table.columns[0].width, frame.table.columns[1].width = Inches(2.6), Inches(8.8)
        strong, pale = self._colours
        looks = ((pale, Style(24, strong, VERSES)), (WHITE, Style(24, INK)))
        for row, texts in zip(frame.table.rows, rows.items(), strict=True):
            for cell, text, (ground, style) in zip(row.cells, texts, looks, strict=True):
                cell.fill.solid()
                cell.fill.fore_color.rgb = ground
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                _fill_frame(cell.text_frame, [text], style)

    def _titled(self, heading: str) -> Any:
        slide = self._slide(TITLE_ONLY)
        bar = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(0.6), Inches(0.62), Inches(0.12), Inches(0.7))
        _filled(bar, self._colours.strong)
        _place(slide.shapes.title, 0.85, 0.5, 11.5, 0.95)
        _write(slide.shapes.title, [heading], Style(34, self._colours.strong, bold=True))
        return slide

    def _slide(self, layout: int) -> Any:
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[layout])
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = PAPER
        return slide


def _place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = map(Inches, (left, top, width, height))


def _filled(shape: Any, colour: RGBColor) -> None:
    shape.fill.solid()
    shape.fill.fore_color.rgb = colour
    shape.line.fill.background()
    shape.shadow.inherit = False


def _text(slide: Any, box: tuple[float, float, float, float], lines: Sequence[str], style: Style) -> None:
    sides: list[Length] = [Inches(side) for side in box]
    _write(slide.shapes.add_textbox(*sides), lines, style)


def _write(shape: Any, lines: Sequence[str], style: Style) -> None:
    frame = shape.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    _fill_frame(frame, lines, style)


def _fill_frame(frame: Any, lines: Sequence[str], style: Style) -> None:
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.alignment, paragraph.line_spacing = style.align, 1.25
        run = paragraph.add_run()
        run.text, run.font.size, run.font.bold, run.font.name = line, Pt(style.size), style.bold, style.face
        run.font.color.rgb = style.colour
        chinese = OxmlElement("a:ea")  # the typeface of Chinese characters
        chinese.set("typeface", style.face)
        run.font._element.append(chinese)
