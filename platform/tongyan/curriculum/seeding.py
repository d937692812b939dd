"""The seed of the tree: `seed.json` made into nodes.

Ids follow from the place in the file, so importing again updates what the file says and never doubles a node. Nodes
that an administrator has changed are left as they are.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tongyan.curriculum.models import Level, Node, NodeChange
from tongyan.curriculum.names import GRADES
from tongyan.curriculum.standards_seeding import import_standards
from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import transaction
from tongyan.kernel.jobs import enqueue_all
from tongyan.kernel.permissions import SYSTEM
from tongyan.kernel.searchables import index_specs

HERE = Path(__file__).parent
SEED = HERE / "seed.json"
NAMESPACE = UUID("8c0f6a4e-52f1-5d0c-9a53-2d3b6a5b7d10")
GAP = 1024.0
INHERITED = ("stage", "subject", "edition", "grade", "volume", "std", "valid_from", "valid_to")
COLUMNS = ("parent_id", "level", "title", "position", "path", *INHERITED, "successor_id", "data")

Row = dict[str, Any]


def node_id(*names: object) -> UUID:
    """Return the id of the seed's node at a place: ("primary", "语文", "统编版", "三年级", "上册", "2022", "")."""
    return uuid5(NAMESPACE, "/".join(map(str, names)))


@dataclass(frozen=True, slots=True)
class Imported:
    """How many nodes an import added, changed, and left alone because an administrator had changed them."""

    added: int
    changed: int
    kept: int


def import_seed(file: Path = SEED) -> Imported:
    """Bring the tree to what the file says (one transaction)."""
    seed = json.loads(file.read_text(encoding="utf-8"))
    with transaction() as session:
        known = {row["id"]: row for row in map(dict, session.execute(select(*_columns())).mappings())}
        changes = select(NodeChange.node_id).where(NodeChange.undone_at.is_(None))
        kept = {key: known[key] for key in session.scalars(changes)}
        rows = list(_Tree(kept).rows(seed))
        result = _write(session, rows, known, kept)
        import_standards(session, seed["standards"])
        if result.added or result.changed:
            record(SYSTEM, "curriculum:seed:import", "curriculum", added=result.added, changed=result.changed)
            if known:  # the index is built from what is there at first
                enqueue_all(index_specs("node", [row["id"] for row in rows]))
    return result


def _columns() -> Sequence[Any]:
    return [Node.id, *(getattr(Node, name) for name in COLUMNS)]


def _write(session: Session, rows: Sequence[Row], known: dict[UUID, Row], kept: dict[UUID, Row]) -> Imported:
    moment = now()
    added = [row | {"created_at": moment, "updated_at": moment} for row in rows if row["id"] not in known]
    changed = [
        row | {"updated_at": moment}
        for row in rows
        if row["id"] in known and row["id"] not in kept and row != known[row["id"]]
    ]
    successors = [{"id": row["id"], "successor_id": row.pop("successor_id")} for row in added]
    if added:
        session.execute(insert(Node), added)
    if later := [row for row in successors if row["successor_id"]]:  # they may point at rows inserted after them
        session.execute(update(Node), later)
    if changed:
        session.execute(update(Node), changed)
    return Imported(len(added), len(changed), len(kept))


class _Tree:
    """Walks the file and makes rows, parents before children."""

    def __init__(self, kept: dict[UUID, Row]) -> None:
        self._kept = kept
        self._validity = _Validity()

    def rows(self, seed: dict[str, Any]) -> Iterator[Row]:
        for place, stage in enumerate(seed["stages"], 1):
            key = (stage["code"],)
            data = {"system": stage["system"], "grades": [GRADES.index(name) + 1 for name in stage["grades"]]}
            row = self._row(None, Level.STAGE, key, place, stage["name"], stage=stage["code"], data=data)
            yield row
            yield from self._subjects(row, key, stage["subjects"])

    def _subjects(self, parent: Row, key: tuple[object, ...], subjects: list[dict[str, Any]]) -> Iterator[Row]:
        for place, subject in enumerate(subjects, 1):
            name = subject["name"]
            row = self._row(parent, Level.SUBJECT, (*key, name), place, name, subject=name)
            yield row
            for number, edition in enumerate(subject["editions"], 1):
                yield from self._edition(row, (*key, name, edition["name"]), number, edition)

    def _edition(self, parent: Row, key: tuple[object, ...], place: int, edition: dict[str, Any]) -> Iterator[Row]:
        data = {name: edition[name] for name in ("publisher", "variants") if name in edition}
        row = self._row(parent, Level.EDITION, key, place, edition["name"], edition=edition["name"], data=data)
        yield row
        revised = {_same_book(book): book for book in edition["volumes"] if self._validity.is_revised(book)}
        for number, book in enumerate(edition["volumes"], 1):
            yield from self._volume(row, key, number, book, revised.get(_same_book(book)))

    def _volume(
        self, parent: Row, key: tuple[object, ...], place: int, book: dict[str, Any], revised: dict[str, Any] | None
    ) -> Iterator[Row]:
        own = (*key, *_volume_key(book))
        grade = _grade(book)
        first, last = self._validity.period(parent["stage"], grade, book, revised)
        row = self._row(
            parent,
            Level.VOLUME,
            own,
            place,
            _volume_title(book),
            grade=grade,
            volume=book["volume"],
            std=book["std"],
            valid_from=first,
            valid_to=last,
            successor_id=node_id(*key, *_volume_key(revised)) if last and revised else None,
            data={name: book[name] for name in ("isbn", "kind", "src", "units_src") if name in book},
        )
        yield row
        for number, unit in enumerate(book.get("units", ()), 1):
            unit_key = (*own, unit["title"])
            unit_row = self._row(row, Level.UNIT, unit_key, number, unit["title"])
            yield unit_row
            for index, lesson in enumerate(unit.get("lessons", ()), 1):
                yield self._row(unit_row, Level.LESSON, (*unit_key, lesson), index, lesson)

    def _row(
        self, parent: Row | None, level: Level, key: tuple[object, ...], place: int, title: str, **values: Any
    ) -> Row:
        """Make a row; below a node that an administrator moved, it follows that node."""
        key_id = node_id(*key)
        if key_id in self._kept:
            return self._kept[key_id]
        above = parent or {"path": "/"}
        inherited = {name: above.get(name, None if name in _NULLABLE else "") for name in INHERITED}
        return {
            "id": key_id,
            "parent_id": above.get("id"),
            "level": level,
            "title": title,
            "position": place * GAP,
            "path": f"{above['path']}{key_id.hex}/",
            "successor_id": None,
            "data": {},
            **inherited,
            **values,
        }


_NULLABLE = {"grade", "valid_from", "valid_to"}


class _Validity:
    """From when to when a book is in use, by the table in `validity.json`."""

    def __init__(self) -> None:
        self._table = json.loads((HERE / "validity.json").read_text(encoding="utf-8"))

    def is_revised(self, book: dict[str, Any]) -> bool:
        return bool(book["std"] == self._table["revised_std"])

    def period(
        self, stage: str, grade: int | None, book: dict[str, Any], revised: dict[str, Any] | None
    ) -> tuple[date | None, date | None]:
        """Return the first and last day; an old book whose revision is not in the file has no last day yet."""
        begin = self._begin(stage, grade)
        if begin is None:
            return None, None
        if self.is_revised(book):
            return begin, None
        ends = book["std"] == self._table["earlier_std"] and revised is not None
        return None, begin - timedelta(days=1) if ends else None

    def _begin(self, stage: str, grade: int | None) -> date | None:
        if stage not in self._table["stages"]:
            return None
        years = self._table["introduced"] | self._table["introduced_in_stage"].get(stage, {})
        year = years.get(str(grade))
        return date.fromisoformat(f"{year}-{self._table['year_begins']}") if year else None


def _same_book(book: dict[str, Any]) -> tuple[object, ...]:
    return (book.get("grade"), book["volume"], book.get("kind"))


def _volume_key(book: dict[str, Any]) -> tuple[str, ...]:
    return (book.get("grade") or "", book["volume"], book["std"], book.get("kind", ""))


def _grade(book: dict[str, Any]) -> int | None:
    name = book.get("grade") or book["volume"][:2]
    return GRADES.index(name) + 1 if name in GRADES else None


def _volume_title(book: dict[str, Any]) -> str:
    title = f"{book.get('grade') or ''}{book['volume']}"
    return f"{title} {book['kind']}" if "kind" in book else title
