"""Reading the names that teachers give to files and folders: 三上/第二单元/山行.pptx."""

import re
import unicodedata
from dataclasses import dataclass

GRADES = (
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "七年级",
    "八年级",
    "九年级",
    "高一",
    "高二",
    "高三",
)
NUMBER = "[一二三四五六七八九十\\d]{1,3}"
DIGITS = {char: number for number, char in enumerate("一二三四五六七八九", 1)}
# what may stand right behind 三上, so that 一上午 is no grade
BEHIND = (
    "(?![一-龥])|册|学期|期|第|语文|数学|英语|道法|道德|政治|科学|物理|化学|生物|历史|地理|信息|音乐|美术|体育|劳动"
)
GRADE = re.compile(rf"(?<![第\d])({NUMBER})年级|([一二三四五六七八九]|(?<!\d)[1-9])(?=[上下](?:{BEHIND}))")
NAMED_GRADES = {"初一": 7, "初二": 8, "初三": 9, "高一": 10, "高二": 11, "高三": 12, "小一": 1, "小六": 6}
NAMED_GRADE = re.compile("|".join(NAMED_GRADES))
HALF = re.compile(
    rf"([上下])(?:册|学期|期)|(?:年级|初[一二三]|高[一二三])([上下])|[一二三四五六七八九1-9]([上下])(?:{BEHIND})|第([一二])学期"
)
WHOLE = re.compile(r"全一?册|全学年")
UNIT = re.compile(
    rf"第({NUMBER})(?:单元|章)|(?<![一-龥])({NUMBER})单元|\bunit\s*(\d{{1,2}})|\bu(\d{{1,2}})\b", re.IGNORECASE
)
LESSON_NUMBER = re.compile(rf"第?{NUMBER}(?:课时|课)|^\d{{1,2}}(?=[\s._、\-《])")
MARKS = re.compile(r"[\s《》〈〉“”\"'·.,，。、_\-—+＋~&()（）\[\]【】/*:：;；!！?？]+")
NOISE = re.compile(
    "优质课|公开课|示范课|教学课件|教学设计|教学反思|课时作业|同步练习|导学案|学习任务单|任务单|说课稿|课件|教案|学案|说课|"
    "微课|习题|练习|作业|试卷|素材|朗读|范读|实录|逐字稿|修改版|最终版|定稿|终稿|统编版|部编版|人教版|版本|ppt|新版|精品"
)
# words that name a subject, the longest first; the values are names of the curriculum's subjects
SUBJECT_WORDS = (
    ("道德与法治", ("道德与法治",)),
    ("书法练习", ("语文·书法练习指导",)),
    ("思想政治", ("思想政治",)),
    ("通用技术", ("通用技术",)),
    ("信息科技", ("信息科技", "信息技术")),
    ("信息技术", ("信息技术", "信息科技")),
    ("生物", ("生物学",)),
    ("语文", ("语文",)),
    ("数学", ("数学",)),
    ("英语", ("英语",)),
    ("日语", ("日语",)),
    ("俄语", ("俄语",)),
    ("道法", ("道德与法治",)),
    ("政治", ("思想政治", "道德与法治")),
    ("历史", ("历史",)),
    ("地理", ("地理",)),
    ("物理", ("物理",)),
    ("化学", ("化学",)),
    ("科学", ("科学",)),
    ("体育", ("体育与健康",)),
    ("音乐", ("艺术·音乐", "音乐")),
    ("美术", ("艺术·美术", "美术")),
    ("劳动", ("劳动与技术",)),
)
SUBJECT = re.compile("|".join(word for word, _ in SUBJECT_WORDS))
LEFT_OVER = set("一二三四五六七八九上下册的") | {"年级", "上册", "下册"}


@dataclass(frozen=True, slots=True)
class Named:
    """What names say; `words` are what may be titles, those of the file's own name first."""

    subjects: tuple[str, ...] = ()
    grade: int | None = None
    volume: str = ""  # 上册, 下册, 全一册
    unit: int | None = None
    words: tuple[str, ...] = ()
    text: str = ""


def read_names(path: str) -> Named:
    """Read a path or a name."""
    text = unicodedata.normalize("NFKC", path).replace("\\", "/")
    parts = [part.strip() for part in text.split("/") if part.strip()]
    if parts:
        parts[-1] = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", parts[-1])
    said = " / ".join(parts)
    return Named(
        subjects=next((names for word, names in SUBJECT_WORDS if word in said), ()),
        grade=_grade(said),
        volume=_volume(said),
        unit=_unit(said),
        words=_words(parts),
        text=said,
    )


def grade_name(grade: int | None) -> str:
    """Return a grade as it is said, nothing for none."""
    return GRADES[grade - 1] if grade and 1 <= grade <= len(GRADES) else ""


def number(text: str) -> int:
    """Return what a small number says in digits or characters: 十二 is 12."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (DIGITS.get(tens, 1) * 10 if ten else 0) + DIGITS.get(ones, 0)


def _grade(text: str) -> int | None:
    named = NAMED_GRADE.search(text)
    if named:
        return NAMED_GRADES[named[0]]
    found = GRADE.search(text)
    grade = number(found[1] or found[2]) if found else 0
    return grade if 1 <= grade <= 9 else None


def _volume(text: str) -> str:
    found = HALF.search(text)
    if found:
        half = next(group for group in found.groups() if group)
        return {"一": "上册", "二": "下册"}.get(half, f"{half}册")
    return "全一册" if WHOLE.search(text) else ""


def _unit(text: str) -> int | None:
    found = UNIT.search(text)
    return number(next(group for group in found.groups() if group)) if found else None


def _words(parts: list[str]) -> tuple[str, ...]:
    """Return the words of the names, the file's own first, without grades, numbers and what kind of file it is."""
    words: dict[str, None] = {}
    for part in reversed(parts):
        bare = part
        for pattern in (HALF, GRADE, NAMED_GRADE, WHOLE, UNIT, LESSON_NUMBER, NOISE, SUBJECT):
            bare = pattern.sub(" ", bare)
        words.update(dict.fromkeys(word for word in MARKS.split(bare) if word))
    return tuple(word for word in words if word not in LEFT_OVER and not word.isdigit())[:20]


def title_parts(title: str) -> set[str]:
    """Return the names in a title: 古诗三首（望洞庭/山行/夜书所见） holds three besides its own."""
    folded = unicodedata.normalize("NFKC", title).replace("(节选)", "")
    return {word for word in MARKS.split(folded) if word} | {"".join(MARKS.split(folded))}


def unit_number(title: str) -> int | None:
    """Return the number in a unit's title: 第二单元 and "2 测量" are 2."""
    found = re.match(rf"(?:第|unit\s*)?({NUMBER})(?:单元|章|[\s、.．]|$)", title.strip(), re.IGNORECASE)
    return (number(found[1]) or None) if found else None
