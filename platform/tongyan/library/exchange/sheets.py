"""The sheet of metadata: its columns, and how each value is written into a cell and read from it.

The words are fixed: a sheet that went out in one language comes back in another.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tongyan.curriculum.names import GRADES
from tongyan.kernel.sheets import DANGEROUS, Column
from tongyan.library.models import Difficulty, ForWhom, Licence, ResourceKind

SHEET, NOTES_SHEET = "资源信息", "说明"  # what the two sheets of the workbook are called
NUMBER, VERSION, FILES = "编号", "版本", "文件"
LEVELS = " / "  # between the places of the curriculum, from the stage down
KINDS = {
    "教案": ResourceKind.LESSON_PLAN,
    "课件": ResourceKind.COURSEWARE,
    "微课": ResourceKind.MICRO_LESSON,
    "学案": ResourceKind.STUDY_GUIDE,
    "习题": ResourceKind.EXERCISE,
    "试卷": ResourceKind.EXAM,
    "素材": ResourceKind.MATERIAL,
    "课堂实录": ResourceKind.RECORDING,
    "说课": ResourceKind.LESSON_TALK,
    "课程包": ResourceKind.PACKAGE,
}
LICENCES = {
    "CC BY": Licence.CC_BY,
    "CC BY-SA": Licence.CC_BY_SA,
    "CC BY-NC": Licence.CC_BY_NC,
    "CC BY-NC-SA": Licence.CC_BY_NC_SA,
    "CC0": Licence.CC0,
    "校内使用": Licence.SCHOOL,
    "保留所有权利": Licence.RESERVED,
}
DIFFICULTIES = {"基础": Difficulty.BASIC, "提高": Difficulty.ADVANCED, "拓展": Difficulty.EXTENDED}
READERS = {"教师": ForWhom.TEACHER, "学生": ForWhom.STUDENT, "家长": ForWhom.PARENT}
LANGUAGES = {"中文": "zh", "英文": "en", "日文": "ja", "俄文": "ru", "法文": "fr", "德文": "de", "西班牙文": "es"}
SEPARATORS = re.compile(r"[\s、,，;；]+")
CONTRIBUTOR = re.compile(r"([^（()）]+)(?:[（(]([^（()）]*)[）)])?")


class Unreadable(Exception):
    """A cell that does not say what its column can hold; `data` fills the sentence of the code."""

    def __init__(self, code: str, **data: Any) -> None:
        self.code, self.data = code, data
        super().__init__(code)


class Field(NamedTuple):
    """A column of metadata: the attribute of a resource that it shows, and both directions."""

    key: str
    header: str
    write: Callable[[Any], Any]
    read: Callable[[str], Any]


def _text(value: Any) -> Any:
    return value or ""


def _read_text(text: str) -> str | None:
    return text or None


def _said(text: str) -> str:
    return text


def _names(table: dict[str, Any]) -> tuple[Callable[[Any], str], Callable[[str], Any]]:
    """Return both directions of a value that has a fixed word."""
    words = {value: word for word, value in table.items()}
    known = {key.casefold(): value for word, value in table.items() for key in (word, str(value))}

    def read(text: str) -> Any:
        if not text:
            return None
        if text.casefold() not in known:
            raise Unreadable("sheet.unknown_word", words="、".join(table))
        return known[text.casefold()]

    return lambda value: words.get(value, str(value or "")), read


def _each(write: Callable[[Any], str], read: Callable[[str], Any]) -> tuple[Callable[[Any], str], Callable[[str], Any]]:
    """Return both directions of a list of such values."""

    def split(text: str) -> list[Any]:
        return [read(part) for part in SEPARATORS.split(text) if part]

    return lambda values: "、".join(map(write, values or ())), split


def _grade(text: str) -> int | None:
    if not text:
        return None
    if text in GRADES:
        return GRADES.index(text) + 1
    number = text.removesuffix("年级")
    if number.isascii() and number.isdigit() and 1 <= int(number) <= len(GRADES):
        return int(number)
    raise Unreadable("sheet.unknown_word", words="、".join(GRADES))


def _periods(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise Unreadable("sheet.number")
    return int(text)


def _place(text: str) -> tuple[str, ...] | None:
    return tuple(part.strip() for part in text.split(LEVELS)) if text else None


def _contributors(people: Sequence[dict[str, str]]) -> str:
    return "、".join(f"{each['name']}（{each['role']}）" if each.get("role") else each["name"] for each in people or ())


def _read_contributors(text: str) -> list[dict[str, str]]:
    people = []
    for part in filter(None, re.split(r"[、,，;；\n]+", text)):
        found = CONTRIBUTOR.fullmatch(part.strip())
        if found is None:
            raise Unreadable("sheet.contributors")
        people.append({"name": found[1].strip(), "role": (found[2] or "").strip()})
    return people


def _required(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def read_some(text: str) -> Any:
        if not text:
            raise Unreadable("sheet.value_missing")
        return read(text)

    return read_some


_kind, _read_kind = _names(KINDS)
_licence, _read_licence = _names(LICENCES)
_difficulty, _read_difficulty = _names(DIFFICULTIES)
_language, _read_language = _names(LANGUAGES)
_word_list, _read_words = _each(str, _said)
_readers, _read_readers = _each(*_names(READERS))

PLACE = Field("node_id", "教材位置", lambda titles: LEVELS.join(titles or ()), _place)
FIELDS = (
    Field("title", "标题", _text, _required(_said)),
    Field("kind", "类型", _kind, _required(_read_kind)),
    Field("subject", "学科", _text, _read_text),
    Field("grade", "年级", lambda grade: GRADES[grade - 1] if grade else "", _grade),
    PLACE,
    Field("keywords", "关键词", _word_list, _read_words),
    Field("summary", "摘要", _text, _said),
    Field("licence", "许可", _licence, _read_licence),
    Field("source", "来源", _text, _said),
    Field("contributors", "贡献者", _contributors, _read_contributors),
    Field("domains", "课标内容领域", _word_list, _read_words),
    Field("competencies", "核心素养", _word_list, _read_words),
    Field("for_whom", "适用对象", _readers, _read_readers),
    Field("difficulty", "难度", _difficulty, _read_difficulty),
    Field("periods", "建议课时", _text, _periods),
    Field("language", "语种", _language, _required(_read_language)),
)
FACTS = ("作者", "所属学校", "状态", "分享时间")  # shown, never read back
HEADERS = (NUMBER, VERSION, FILES, *(field.header for field in FIELDS), *FACTS)
COLUMNS = (
    Column(NUMBER, NUMBER),
    Column(VERSION, VERSION),
    Column(FILES, FILES),
    *(Column(field.header, field.key) for field in FIELDS),
)
NOTES = (
    "改好后，在“导出与导入”里把这张表传回来：先检查，列出每一行会改什么，您确认以后才写入。",
    "第一行的列名请不要改；可以删去不想改的列，列的先后也可以变。",
    "“编号”和“版本”用来认出是哪份资源、导出以后有没有人改过，请保留原样。",
    "没有编号的行，按“文件”认：写您草稿里文件的文件夹和文件名，例如 三上/第二单元/山行.pptx。",
    "有编号的行，空格子表示清空这一项；按文件认的行，空格子表示不改。",
    "类型：" + "、".join(KINDS) + "。",
    "许可：" + "、".join(LICENCES) + "。",
    "适用对象：" + "、".join(READERS) + "；难度：" + "、".join(DIFFICULTIES) + "。",
    "教材位置：从学段写到单元或课，中间用“ / ”隔开，例如 小学 / 语文 / 统编版 / 三年级上册 / 第二单元 / 山行。",
    "作者、所属学校、状态、分享时间只供查看，改了也不会写入。单元格里请填值，不要用公式。",
)


def plain(text: str) -> str:
    """Return what a cell says without the mark that keeps spreadsheet programs from executing it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text


def shown(value: Any) -> str:
    """Return a written value as it reads when it comes back out of a cell."""
    return "\n".join(line.strip() for line in str(value).strip().splitlines())
