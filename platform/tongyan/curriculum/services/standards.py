"""What the curriculum standards name for a subject: looked up for resources, tended by administrators."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from tongyan.curriculum.events import StandardRenamed
from tongyan.curriculum.models import Standard, StandardKind
from tongyan.curriculum.policy import Action
from tongyan.kernel.audit import record
from tongyan.kernel.clock import today
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, load, require

COMPULSORY, SENIOR = "2022", "2017"  # the years of the standards of 义务教育 and of 普通高中
FIRST_SENIOR_GRADE = 10
MAX_TITLE, MAX_NOTE = 64, 500
STEP = 1.0  # far less than between the rows of the seed
# what a subject of the books is called in the standards; 艺术·音乐 is told by its first part
CALLED = {
    "中国历史": ("历史",),
    "世界历史": ("历史",),
    "信息技术": ("信息科技",),
    "信息科技": ("信息技术",),
    "劳动与技术": ("劳动",),
    "地理图册": ("地理",),
    "美术": ("艺术",),
    "英语（三年级起点）": ("英语",),
    "音乐": ("艺术",),
}


class Standards(NamedTuple):
    """What a resource of a subject may be aligned to, in the order of the standards."""

    competencies: Sequence[Standard] = ()
    domains: Sequence[Standard] = ()


class StandardSheet(NamedTuple):
    """All that the standards of a year name for a subject, also what is retired; and their subjects."""

    std: str
    subject: str
    subjects: Sequence[str]
    competencies: Sequence[Standard]
    domains: Sequence[Standard]


def standard_years() -> tuple[str, ...]:
    """Return the years by which the standards are known."""
    return (COMPULSORY, SENIOR)


def standard_year(stage: str | None, grade: int | None) -> str:
    """Return the year of the standards that a stage, or a grade, follows."""
    return SENIOR if stage == "senior" or (grade or 0) >= FIRST_SENIOR_GRADE else COMPULSORY


def standards_for(subject: str | None, stage: str | None = None, grade: int | None = None) -> Standards:
    """Return the competencies and domains in force of a subject at a stage or grade (one statement)."""
    if not subject:
        return Standards()
    names = subject_names_in_standards(subject)
    wanted = select(Standard).where(
        Standard.std == standard_year(stage, grade), Standard.subject.in_(names), _in_force(today())
    )
    rows = db.session.scalars(wanted.order_by(Standard.position, Standard.title)).all()
    first = min((names.index(row.subject) for row in rows), default=0)
    return Standards(*_by_kind([row for row in rows if row.subject == names[first]]))


def subject_names_in_standards(subject: str) -> list[str]:
    """Return what a subject may be called in the standards, the likeliest first."""
    return list(dict.fromkeys([subject, *CALLED.get(subject, ()), subject.partition("·")[0]]))


def standard_titles(subject: str | None) -> dict[StandardKind, list[str]]:
    """Return the titles to narrow a list by, those of a subject at any stage; none without one (one statement)."""
    titles: dict[StandardKind, dict[str, None]] = {kind: {} for kind in StandardKind}
    if subject:
        names = subject_names_in_standards(subject)
        wanted = select(Standard.kind, Standard.title).where(Standard.subject.in_(names), _in_force(today()))
        for kind, title in db.session.execute(wanted.order_by(Standard.std.desc(), Standard.position)):
            titles[kind][title] = None
    return {kind: list(found) for kind, found in titles.items()}


def _in_force(on: date) -> ColumnElement[bool]:
    return Standard.retired_on.is_(None) | (Standard.retired_on > on)


def _by_kind(rows: Sequence[Standard]) -> tuple[list[Standard], list[Standard]]:
    return (
        [row for row in rows if row.kind is StandardKind.COMPETENCY],
        [row for row in rows if row.kind is StandardKind.DOMAIN],
    )


def standard_sheet(actor: Actor, std: str, subject: str = "") -> StandardSheet:
    """Return what the standards of a year name for a subject, the first one if none is given (two statements).

    Administrators also see what is retired. Raises NotFound.
    """
    if std not in standard_years():
        raise NotFound
    named = select(Standard.subject).where(Standard.std == std)
    subjects = db.session.scalars(named.group_by(Standard.subject).order_by(func.min(Standard.position))).all()
    chosen = subject if subject in subjects else next(iter(subjects), "")
    wanted = select(Standard).where(Standard.std == std, Standard.subject == chosen)
    if not actor.is_admin:
        wanted = wanted.where(_in_force(today()))
    rows = db.session.scalars(wanted.order_by(Standard.position, Standard.title)).all()
    return StandardSheet(std, chosen, subjects, *_by_kind(rows))


def get_standard(actor: Actor, standard_id: UUID) -> Standard:
    """Return a standard. Raises NotFound."""
    return load(actor, Standard, standard_id)


def add_standard(actor: Actor, std: str, subject: str, kind: StandardKind, title: str, *, note: str = "") -> Standard:
    """Add a competency or a domain at the end. Raises NotFound, Forbidden, Invalid (no title, or one there is)."""
    if subject not in standard_sheet(actor, std, subject).subjects:
        raise NotFound
    with transaction() as session:
        row = Standard(id=new_id(), std=std, subject=subject, kind=kind, touched=True)
        require(actor, Action.STANDARD_EDIT, row)
        row.title, row.note = _checked(row, title, note)
        mine = (Standard.std == std) & (Standard.subject == subject) & (Standard.kind == kind)
        row.position = (session.scalar(select(func.max(Standard.position)).where(mine)) or 0.0) + STEP
        session.add(row)
        _note(actor, "curriculum:standard:add", row)
    return row


def change_standard(actor: Actor, standard_id: UUID, title: str, note: str = "") -> Standard:
    """Give a standard another title and note; resources follow. Raises NotFound, Forbidden, Invalid."""
    with transaction():
        row = load(actor, Standard, standard_id, Action.STANDARD_EDIT)
        old = row.title
        row.title, row.note = _checked(row, title, note)
        row.touched = True
        if row.title != old:
            publish(StandardRenamed(row.id, old, row.title))
        _note(actor, "curriculum:standard:change", row, old=old)
    return row


def retire_standard(actor: Actor, standard_id: UUID) -> Standard:
    """Offer a standard no longer; what resources say stays. Raises NotFound, Forbidden."""
    return _retire(actor, standard_id, "curriculum:standard:retire", today())


def revive_standard(actor: Actor, standard_id: UUID) -> Standard:
    """Offer a retired standard again. Raises NotFound, Forbidden."""
    return _retire(actor, standard_id, "curriculum:standard:revive", None)


def _retire(actor: Actor, standard_id: UUID, deed: str, on: date | None) -> Standard:
    with transaction():
        row = load(actor, Standard, standard_id, Action.STANDARD_EDIT)
        row.retired_on, row.touched = on, True
        _note(actor, deed, row)
    return row


def _checked(row: Standard, title: str, note: str) -> tuple[str, str]:
    title, note = " ".join(title.split()), note.strip()
    if not 0 < len(title) <= MAX_TITLE:
        raise Invalid(errors={"title": ["curriculum.title"]}, limit=MAX_TITLE)
    if len(note) > MAX_NOTE:
        raise Invalid(errors={"note": ["resource.too_long"]})
    twin = select(Standard.id).where(
        Standard.std == row.std, Standard.subject == row.subject, Standard.kind == row.kind, Standard.title == title
    )
    with db.session.no_autoflush:  # what is refused is never written
        if exists(twin.where(Standard.id != row.id)):
            raise Invalid(errors={"title": ["curriculum.twin"]})
    return title, note


def _note(actor: Actor, deed: str, row: Standard, **more: str) -> None:
    record(actor, deed, f"standard:{row.id}", title=row.title, of=row.subject, std=row.std, **more)
