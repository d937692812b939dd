"""What a path says about the place of a file: 三上/第二单元/山行.pptx is grade 3, first volume, unit 2, that lesson."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.services.tree import taught
from tongyan.kernel.db import db

DIGITS = {char: number for number, char in enumerate("一二三四五六七八九", 1)}
SENIOR = {"高一": 10, "高二": 11, "高三": 12}
GRADE = re.compile(
    r"(?P<senior>高[一二三])|(?P<digit>[一二三四五六七八九1-9])\s*(?:年级\s*)?(?P<half>[上下])册?(?![\w])|(?P<year>[一二三四五六七八九1-9])\s*年级"
)
HALF = re.compile(r"[上下](?=册)|(?<=年级)[上下]")
UNIT = re.compile(r"第\s*([一二三四五六七八九十\d]{1,3})\s*单元")
SUBJECTS = (
    "道德与法治", "语文", "数学", "英语", "科学", "物理", "化学", "生物学", "历史", "地理", "信息科技", "体育与健康",
    "音乐", "美术", "艺术", "劳动",
)  # fmt: skip
MIN_TITLE = 2
STAGES = ((6, "primary"), (9, "junior"), (12, "senior"))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the curriculum, as far as it could be told."""

    stage: str | None = None
    subject: str | None = None
    grade: int | None = None
    node_id: UUID | None = None


def propose_place(path: str, editions: Sequence[UUID] = ()) -> Place:
    """Return the place that a path names; `editions` (the school's books) win over others."""
    grade, half = _grade_and_half(path)
    subject = next((name for name in SUBJECTS if name in path), None)
    nodes = _candidates(grade, half, subject)
    unit = _unit(path)
    best = max(nodes, key=lambda node: _score(node, path, unit, editions), default=None)
    if best is None or _score(best, path, unit, editions) <= 0:
        return Place(_stage(grade), subject, grade)
    return Place(best.stage, best.subject, best.grade, best.id)


def _grade_and_half(path: str) -> tuple[int | None, str | None]:
    found = GRADE.search(path)
    if found is None:
        return None, None
    if found["senior"]:
        return SENIOR[found["senior"]], None
    half = HALF.search(path)
    return _number(found["digit"] or found["year"]), found["half"] or (half[0] if half else None)


def _unit(path: str) -> int | None:
    found = UNIT.search(path)
    return _number(found[1]) if found else None


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return DIGITS.get(text, 0)
    return DIGITS.get(tens, 1) * 10 + DIGITS.get(ones, 0)


def _stage(grade: int | None) -> str | None:
    return next((stage for last, stage in STAGES if grade is not None and grade <= last), None)


def _candidates(grade: int | None, half: str | None, subject: str | None) -> Sequence[Node]:
    """Return lessons and units that may be meant; without any hint nothing is guessed."""
    if grade is None:
        return []
    statement = select(Node).where(Node.level.in_((Level.UNIT, Level.LESSON)), Node.grade == grade, taught())
    if half:
        statement = statement.where(Node.volume.startswith(half))
    if subject:
        statement = statement.where(Node.subject == subject)
    return db.session.scalars(statement.order_by(Node.path)).all()


def _score(node: Node, path: str, unit: int | None, editions: Sequence[UUID]) -> float:
    """Return how well a node fits: its title in the path counts most, then its unit, then the school's books."""
    score = 0.0
    name = path.rpartition("/")[2].rpartition(".")[0] or path
    if node.level is Level.LESSON:
        score += 10 * any(len(part) >= MIN_TITLE and part in name for part in _parts(node.title))
        score -= 5 * (score == 0)
    elif unit is not None:
        score += 4 * (node.position + 1 == unit)
    if score > 0 and any(str(edition) in node.path for edition in editions):
        score += 1
    return score


def _parts(title: str) -> list[str]:
    """Return the names in a lesson's title: 古诗三首（望洞庭/山行） holds three."""
    return [part for part in re.split(r"[（）()/、*《》\s]+", title) if part]
