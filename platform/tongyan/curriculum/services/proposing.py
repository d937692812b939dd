"""Where a file belongs, told from its name and folders, so that a teacher confirms instead of typing."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.names import Named, read_names, title_parts, unit_number
from tongyan.curriculum.services.editions import EditionChoice
from tongyan.curriculum.services.tree import in_force
from tongyan.kernel.clock import today
from tongyan.kernel.db import db

SURE, LIKELY, ROUGH, VAGUE = 0.9, 0.7, 0.5, 0.3
EXACT, PARTLY = 4.0, 2.0  # a word is a title, or part of one
MOST = 4000  # titles looked at


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the curriculum as far as it could be told; `confidence` runs from 0 to 1."""

    stage: str | None = None
    subject: str | None = None
    grade: int | None = None
    volume: str | None = None
    node_id: UUID | None = None
    confidence: float = 0.0


def propose_place(path_or_name: str, editions: Sequence[EditionChoice] = ()) -> Place:
    """Return the place that a path names; the editions of a school win over others (at most three statements)."""
    named = read_names(path_or_name)
    titled = _by_title(named, editions)
    if titled:
        return _place(titled, SURE if named.grade or named.subjects else LIKELY)
    volumes = _volumes(named, editions)
    if len(volumes) == 1:
        unit = _unit(volumes[0], named.unit) if named.unit else None
        return _place([unit or volumes[0]], LIKELY if unit else ROUGH)
    return _vague(named, editions)


def _place(nodes: Sequence[Node], confidence: float) -> Place:
    """Return the place of a node; of several that fit equally well only what they share."""
    first = nodes[0]
    if len(nodes) == 1:
        return Place(first.stage, first.subject, first.grade, first.volume or None, first.id, confidence)
    alike = {
        name: getattr(first, name) or None
        for name in ("stage", "subject", "grade", "volume")
        if len({getattr(node, name) for node in nodes}) == 1
    }
    return Place(**alike, confidence=VAGUE)


def _by_title(named: Named, editions: Sequence[EditionChoice]) -> list[Node]:
    """Return the units and lessons whose title the names hold, the best ones only."""
    if not named.words:
        return []
    nodes = db.session.scalars(_titles(named)).all()
    units = {node.id: unit_number(node.title) for node in nodes if node.level is Level.UNIT}
    scored = [(_score(node, named, editions, units), node) for node in nodes]
    best = max((score for score, _ in scored), default=0.0)
    return [node for score, node in scored if score == best] if best >= PARTLY else []


def _titles(named: Named) -> Select[Node]:
    wanted = select(Node).where(Node.level.in_((Level.UNIT, Level.LESSON)), Node.retired_on.is_(None))
    if named.grade:
        wanted = wanted.where(Node.grade == named.grade)
    if named.subjects:
        wanted = wanted.where(Node.subject.in_(named.subjects))
    if named.volume:
        wanted = wanted.where(or_(Node.volume == named.volume, Node.volume == "全一册", Node.grade.is_(None)))
    if not (named.grade or named.subjects):
        wanted = wanted.where(or_(*(_holds(word) for word in named.words)))
    return wanted.order_by(Node.path).limit(MOST)


def _holds(word: str) -> ColumnElement[bool]:
    return Node.title.contains(word, autoescape=True) if len(word) > 1 else Node.title == word


def _score(node: Node, named: Named, editions: Sequence[EditionChoice], units: dict[UUID, int | None]) -> float:
    """Return how well a node fits: its title counts most, then the school's editions, the unit, what is in use."""
    parts = title_parts(node.title)
    score = max((_fit(word, parts) - place * 0.1 for place, word in enumerate(named.words)), default=0.0)
    if score <= 0:
        return 0.0
    if any(_uses(choice, node) for choice in editions):
        score += 1.5
    unit = units.get(node.id if node.level is Level.UNIT else node.parent_id or node.id)
    if named.unit and unit:
        score += 1 if unit == named.unit else -1
    return score + (0.5 if node.in_force(today()) else -0.5)


def _fit(word: str, parts: set[str]) -> float:
    if word in parts:
        return EXACT
    partly = len(word) > 1 and any(word in part or (len(part) > 1 and part in word) for part in parts)
    return PARTLY if partly else 0.0


def _uses(choice: EditionChoice, node: Node) -> bool:
    return choice.edition_id.hex in node.path and choice.grade in {None, node.grade}


def _volumes(named: Named, editions: Sequence[EditionChoice]) -> Sequence[Node]:
    """Return the books that are meant: of the school's editions, of the one named, else of all; the newest in use."""
    if not (named.grade and named.subjects and named.volume):
        return []
    here = and_(Node.level == Level.VOLUME, Node.grade == named.grade, Node.subject.in_(named.subjects), in_force())
    books = [
        node
        for node in db.session.scalars(select(Node).where(here).order_by(Node.std.desc(), Node.path))
        if node.volume in {named.volume, "全一册"} and "kind" not in node.data
    ]
    own = [node for node in books if any(_uses(choice, node) for choice in editions)]
    called = [node for node in books if node.edition.removesuffix("版") in named.text.replace("部编", "统编")]
    books = called or own or books
    return [node for node in books if node.std == books[0].std]


def _unit(volume: Node, wanted: int) -> Node | None:
    """Return the unit of that number, by its title or, when titles hold no numbers, by its place."""
    units = db.session.scalars(select(Node).where(Node.parent_id == volume.id).order_by(Node.position)).all()
    numbers = [unit_number(unit.title) for unit in units]
    places = numbers if any(numbers) else list(range(1, len(units) + 1))
    return next((unit for unit, place in zip(units, places, strict=True) if place == wanted), None)


def _vague(named: Named, editions: Sequence[EditionChoice]) -> Place:
    stage = _stage(named.grade, {choice.stage for choice in editions}) if named.grade else None
    subject = _subject(named.subjects, stage)
    known = sum(1 for part in (subject, named.grade) if part)
    return Place(stage, subject, named.grade, named.volume or None, None, known * VAGUE / 2)


def _stage(grade: int, stages: set[str]) -> str:
    """Return the stage of a grade, after the system (六三 or 五四) that the school follows."""
    usual = "primary" if grade <= 6 else "junior" if grade <= 9 else "senior"
    options = [usual, f"{usual}54", *(["junior54"] if grade == 6 else [])]
    return next((stage for stage in options if stage in stages), usual)


def _subject(names: Sequence[str], stage: str | None) -> str | None:
    """Return which of the possible subjects the stage has (政治 is 道德与法治 below 高中)."""
    if stage is None or len(names) <= 1:
        return names[0] if len(names) == 1 else None
    there = select(Node.subject).where(Node.level == Level.SUBJECT, Node.stage == stage, Node.subject.in_(names))
    found = db.session.scalars(there).all()
    return found[0] if len(found) == 1 else None
