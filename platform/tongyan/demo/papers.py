"""Papers: lesson plans, exercises, study guides and the list of what is learnt by heart."""

from collections.abc import Mapping, Sequence
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from tongyan.demo.sealing import sealed
from tongyan.demo.texts import Poem, poems

SONG, HEI, KAI = "宋体", "黑体", "楷体"


def lesson_plan(poem: Poem, author: str) -> bytes:
    """Return a plan in the form that schools use."""
    paper = _Paper(f"《{poem.title}》教学设计", author)
    words = "、".join(poem.words)
    paper.form(
        {
            "课题": f"《{poem.title}》{poem.by}",
            "教材": poem.place,
            "课型课时": "新授课　1课时",
            "执教": author,
            "教学目标": (
                f"1．正确、流利、有感情地朗读并背诵《{poem.title}》。\n"
                f"2．借助注释和插图理解“{words}”等词语，用自己的话说出诗句的意思。\n"
                f"3．边读边想象画面，体会：{poem.idea}"
            ),
            "教学重点": "朗读背诵，理解词语和诗句的意思。",
            "教学难点": poem.questions[-1],
            "教学准备": "课件、朗读录音、学习单。",
        }
    )
    paper.heading("教学过程")
    paper.table(["环节", "教师活动", "学生活动", "设计意图", "时间"], _steps(poem), [1.9, 5.6, 4.2, 3.2, 1.4])
    paper.heading("板书设计")
    paper.verses([poem.title, *poem.lines])
    paper.heading("作业布置")
    paper.points([f"背诵并默写《{poem.title}》。", "任选一句，写出你想象到的画面。"])
    paper.heading("教学反思")
    paper.text("（课后填写）")
    return sealed(paper.save)


def _steps(poem: Poem) -> Sequence[Sequence[str]]:
    first, second = poem.questions[0], poem.questions[-1]
    return [
        (
            "导入新课",
            f"出示课题《{poem.title}》，简介作者{poem.author}。",
            "齐读课题，说说对题目的理解。",
            "激发兴趣，了解背景。",
            "5分",
        ),
        ("初读感知", "范读，指导停顿与节奏。", "自由读、同桌互读，读准字音。", "读通读顺。", "8分"),
        ("理解诗意", "借助注释讲清重点词语，巡视指导。", "小组合作，说说每句诗的意思。", "培养自学能力。", "10分"),
        (
            "品读想象",
            f"提问：{first}\n追问：{second}",
            "圈画词语，交流看到的画面和体会到的感情。",
            "入情入境，突破难点。",
            "12分",
        ),
        ("背诵积累", "配乐引读，逐步隐去诗句。", "当堂背诵，推荐同类诗歌。", "积累语言。", "5分"),
    ]


def exercise(poem: Poem, author: str) -> bytes:
    """Return an exercise sheet with its answers."""
    paper = _Paper(f"《{poem.title}》同步练习", author)
    paper.text("班级：＿＿＿＿＿　姓名：＿＿＿＿＿　用时：20分钟")
    blanks = _blanks(poem)
    paper.heading("一、把诗句补充完整")
    paper.points([asked for asked, _ in blanks])
    paper.heading("二、解释下列词语")
    paper.points([f"{word}：＿＿＿＿＿＿＿＿＿＿＿＿" for word in poem.words])
    paper.heading("三、读诗思考")
    paper.points([f"{question}\n＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿" for question in poem.questions])
    paper.heading("参考答案")
    paper.text("一、" + "　".join(answer for _, answer in blanks))
    paper.text("二、" + "　".join(f"{word}：{meaning}" for word, meaning in poem.words.items()))
    paper.text(f"三、言之有理即可。参考：{poem.idea}")
    return sealed(paper.save)


def _blanks(poem: Poem) -> Sequence[tuple[str, str]]:
    """Return the couplets with one clause left out by turns, and what was left out."""
    asked = []
    for number, couplet in enumerate(poem.couplets):
        missing = couplet[number % len(couplet)]
        asked.append(("".join(couplet).replace(missing, "＿＿＿＿＿＿＿" + missing[-1]), missing[:-1]))
    return asked


def study_guide(poem: Poem, author: str) -> bytes:
    """Return what pupils do before the lesson."""
    paper = _Paper(f"《{poem.title}》预习单", author)
    paper.heading("一、读一读")
    paper.text("大声朗读三遍，把不认识的字圈出来，查字典注上读音。")
    paper.verses(poem.lines)
    paper.heading("二、查一查")
    paper.table(["词语", "我的理解", "查到的意思"], [(word, "", "") for word in poem.words], [3.0, 6.0, 6.5])
    paper.heading("三、想一想")
    paper.points(poem.questions)
    paper.heading("四、我的问题")
    paper.text("＿" * 30)
    return sealed(paper.save)


def by_heart(_poem: object, author: str) -> bytes:
    """Return the list of all poems with their texts, schoolbook by schoolbook."""
    paper = _Paper(f"古诗词背诵篇目（{len(poems())}首）", author)
    for place, group in _by_place().items():
        paper.heading(place)
        for poem in group:
            paper.text(f"{poem.title}　{poem.by}", KAI)
            paper.text("".join(poem.lines))
    return sealed(paper.save)


def _by_place() -> Mapping[str, Sequence[Poem]]:
    places: dict[str, list[Poem]] = {}
    for poem in poems().values():
        places.setdefault(poem.place, []).append(poem)
    return places


class _Paper:
    """A document in the making: A4, 宋体, tables with rules."""

    def __init__(self, title: str, author: str) -> None:
        self._paper = Document()
        self._paper.core_properties.author, self._paper.core_properties.title = author, title
        section = self._paper.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.3)
        section.top_margin = section.bottom_margin = Cm(2.2)
        _face(self._paper.styles["Normal"], SONG)
        self._paper.styles["Normal"].font.size = Pt(12)
        self._paragraph(title, HEI, 18, WD_ALIGN_PARAGRAPH.CENTER)

    def save(self, stream: Any) -> None:
        """Write the document."""
        self._paper.save(stream)

    def heading(self, text: str) -> None:
        """Add a heading."""
        self._paragraph(text, HEI, 14).paragraph_format.space_before = Pt(10)

    def text(self, text: str, font: str = SONG) -> None:
        """Add a paragraph."""
        self._paragraph(text, font, 12)

    def points(self, points: Sequence[str]) -> None:
        """Add numbered points."""
        for number, point in enumerate(points, 1):
            self._paragraph(f"{number}．{point}", SONG, 12)

    def verses(self, lines: Sequence[str]) -> None:
        """Add lines of verse, centred."""
        for line in lines:
            self._paragraph(line, KAI, 14, WD_ALIGN_PARAGRAPH.CENTER)

    def form(self, rows: Mapping[str, str]) -> None:
        """Add a table of names and what belongs to them."""
        self.table(None, list(rows.items()), [2.6, 13.7])

    def table(self, head: Sequence[str] | None, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """Add a table with rules."""
        lines = [*([head] if head else []), *rows]
        table = self._paper.add_table(len(lines), len(widths), style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        for row, texts in zip(table.rows, lines, strict=True):
            for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.width = Cm(widths[place])
                strong = texts is head or (head is None and place == 0)
                cell.paragraphs[0].paragraph_format.line_spacing = 1.3
                _run(cell.paragraphs[0], text, HEI if strong else SONG, 11)

    def _paragraph(self, text: str, font: str, size: int, align: Any = None) -> Any:
        paragraph = self._paper.add_paragraph()
        paragraph.alignment = align
        paragraph.paragraph_format.line_spacing, paragraph.paragraph_format.space_after = 1.4, Pt(3)
        _run(paragraph, text, font, size)
        return paragraph


def _run(paragraph: Any, text: str, font: str, size: int) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    _face(run, font)


def _face(thing: Any, font: str) -> None:
    """Set the typeface, also for Chinese characters (Word keeps the two apart)."""
    thing.font.name = font
    thing.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
