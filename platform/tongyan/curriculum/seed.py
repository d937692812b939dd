"""Bringing `seed.json` into the tree. Ids follow from the place in the file, so importing again adds what is missing
and leaves alone what administrators changed."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, select

from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction

FILE = Path(__file__).parent / "seed.json"
NAMESPACE = UUID("5f0b3f0e-6c7a-4a52-9d0d-63757272696b")
# the school year in whose autumn the books of the 2022 standards enter a grade
INTRODUCED = {1: 2024, 7: 2024, 2: 2025, 3: 2025, 8: 2025, 4: 2026, 5: 2026, 9: 2026, 6: 2027}
NEW_STANDARD, OLD_STANDARD = "2022", "2011"


def import_seed(file: Path = FILE) -> int:
    """Add every node of the file that is not there yet and return how many that were."""
    content = json.loads(file.read_text(encoding="utf-8"))
    grades = {grade["name"]: grade["n"] for grade in content["grades"]}
    with transaction() as session:
        known = set(db.session.scalars(select(Node.id)))
        rows = [row for row in _Reader(grades).stages(content["stages"]) if row["id"] not in known]
        if rows:
            session.execute(insert(Node), rows)
    return len(rows)


class _Reader:
    """Walks the file from the top; every row inherits what stands above it."""

    def __init__(self, grades: dict[str, int]) -> None:
        self._grades = grades
        self._moment = now()

    def _row(self, parent: dict[str, Any], level: Level, title: str, position: int, **own: Any) -> dict[str, Any]:
        key = f"{parent.get('key', '')}/{own.pop('key', title)}"
        node_id = uuid5(NAMESPACE, key)
        return {
            **parent, "valid_from": None, "valid_to": None, "data": {}, **own, "id": node_id,
            "parent_id": parent.get("id"), "level": level, "title": title, "position": position,
            "path": f"{parent.get('path', '/')}{node_id}/", "key": key,
        }  # fmt: skip

    def stages(self, stages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        top = {
            "stage": "", "subject": "", "edition": "", "grade": None, "volume": "", "std": "", "version": 1,
            "created_at": self._moment, "updated_at": self._moment,
        }  # fmt: skip
        for position, stage in enumerate(stages):
            row = self._row(top, Level.STAGE, stage["name"], position, stage=stage["code"])
            yield from _without_key(row)
            for place, subject in enumerate(stage["subjects"]):
                yield from self._subject(row, subject, place)

    def _subject(self, stage: dict[str, Any], subject: dict[str, Any], position: int) -> Iterator[dict[str, Any]]:
        row = self._row(stage, Level.SUBJECT, subject["name"], position, subject=subject["name"])
        yield from _without_key(row)
        for place, edition in enumerate(subject["editions"]):
            data = {"publisher": edition.get("publisher", "")}
            child = self._row(row, Level.EDITION, edition["name"], place, edition=edition["name"], data=data)
            yield from _without_key(child)
            for number, volume in enumerate(edition["volumes"]):
                yield from self._volume(child, volume, number)

    def _volume(self, edition: dict[str, Any], volume: dict[str, Any], position: int) -> Iterator[dict[str, Any]]:
        grade = self._grades.get(volume.get("grade", ""))
        title = " ".join(part for part in (volume.get("grade"), volume["volume"], volume.get("kind")) if part)
        begins, ends = validity(grade, volume["volume"], volume["std"])
        row = self._row(
            edition, Level.VOLUME, title, position, key=f"{title}|{volume['std']}|{position}", grade=grade,
            volume=volume["volume"], std=volume["std"], valid_from=begins, valid_to=ends,
            data={"isbn": volume["isbn"]} if "isbn" in volume else {},
        )  # fmt: skip
        yield from _without_key(row)
        for place, unit in enumerate(volume.get("units", ())):
            yield from self._unit(row, unit, place)

    def _unit(self, volume: dict[str, Any], unit: dict[str, Any], position: int) -> Iterator[dict[str, Any]]:
        row = self._row(volume, Level.UNIT, unit["title"], position, key=f"{position}|{unit['title']}")
        yield from _without_key(row)
        for place, lesson in enumerate(unit.get("lessons", ())):
            yield from _without_key(self._row(row, Level.LESSON, lesson, place, key=f"{place}|{lesson}"))


def _without_key(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {name: value for name, value in row.items() if name != "key"}


def validity(grade: int | None, volume: str, std: str) -> tuple[date | None, date | None]:
    """Return since when and until when a volume is taught, as far as the change of standards decides it."""
    year = INTRODUCED.get(grade or 0)
    if year is None or std not in {NEW_STANDARD, OLD_STANDARD}:
        return None, None
    begins = date(year + 1, 2, 1) if "下" in volume else date(year, 9, 1)
    return (begins, None) if std == NEW_STANDARD else (None, begins - timedelta(days=1))
