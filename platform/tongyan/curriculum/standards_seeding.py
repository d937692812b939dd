"""The standards in the seed: competencies and domains of every subject, brought to what the file says.

Ids follow from the place in the file, as those of the tree do. What an administrator touched is left as it is.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tongyan.curriculum.models import Standard, StandardKind
from tongyan.kernel.clock import now

NAMESPACE = UUID("8c0f6a4e-52f1-5d0c-9a53-2d3b6a5b7d11")
GAP = 1024.0
LISTS = {StandardKind.COMPETENCY: "competencies", StandardKind.DOMAIN: "domains"}
COLUMNS = ("std", "subject", "kind", "title", "note", "position")

Row = dict[str, Any]


def standard_id(std: str, subject: str, kind: StandardKind, title: str) -> UUID:
    """Return the id of a standard of the seed."""
    return uuid5(NAMESPACE, f"{std}/{subject}/{kind}/{title}")


def import_standards(session: Session, standards: dict[str, Any]) -> None:
    """Bring the standards to what the seed says (inside a transaction)."""
    columns = (Standard.id, Standard.touched, *(getattr(Standard, name) for name in COLUMNS))
    known = {row["id"]: dict(row) for row in session.execute(select(*columns)).mappings()}
    taken = {_key(row) for row in known.values()}
    rows = [row for std, said in standards.items() for row in _rows(std, said)]
    added = [row for row in rows if row["id"] not in known and _key(row) not in taken]
    changed = [row for row in rows if row["id"] in known and row | {"touched": False} != known[row["id"]]]
    changed = [row for row in changed if not known[row["id"]]["touched"]]
    moment = now()
    if added:
        session.execute(insert(Standard), [row | {"created_at": moment, "updated_at": moment} for row in added])
    if changed:
        session.execute(update(Standard), [row | {"updated_at": moment} for row in changed])


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("std", "subject", "kind", "title"))


def _rows(std: str, said: dict[str, Any]) -> Iterator[Row]:
    places = count(1)  # through all subjects, so that these keep their order too
    for subject in said["subjects"]:
        for kind, name in LISTS.items():
            for entry in subject.get(name, ()):
                title, themes = (entry, ()) if isinstance(entry, str) else (entry["name"], entry["themes"])
                yield {
                    "id": standard_id(std, subject["name"], kind, title),
                    "std": std,
                    "subject": subject["name"],
                    "kind": kind,
                    "title": title,
                    "note": "、".join(themes),
                    "position": next(places) * GAP,
                }
