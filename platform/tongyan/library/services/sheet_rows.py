"""Resources as rows of a sheet of metadata, and such rows as changes of resources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from tongyan.curriculum.models import Node
from tongyan.curriculum.services import subject_names
from tongyan.kernel.batches import batches
from tongyan.kernel.clock import local, today
from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor
from tongyan.library.exchange.sheets import FIELDS, PLACE, Field, Unreadable, plain, shown
from tongyan.library.models import Resource, ResourceState
from tongyan.library.services.editing import ResourceEdit

Line = tuple[str, ...]  # the titles from the stage down to a place of the curriculum

BATCH = 500
EDITABLE = {each.name for each in fields(ResourceEdit)}
READ = [each for each in FIELDS if each.key in EDITABLE]
STATES = {
    ResourceState.DRAFT: "草稿",
    ResourceState.PUBLISHED: "已分享",
    ResourceState.TRASHED: "在回收站",
    ResourceState.TAKEN_DOWN: "已下架",
}


def edit_of(resource: Resource) -> ResourceEdit:
    """Return what a resource says, as an edit that would change nothing."""
    return ResourceEdit(**{name: getattr(resource, name) for name in EDITABLE})


def lines_of(node_ids: Iterable[UUID | None]) -> dict[UUID, Line]:
    """Return the titles from the stage down to each place."""
    paths: dict[UUID, list[UUID]] = {}
    for ids in batches({node_id for node_id in node_ids if node_id}, BATCH):
        for node in db.session.scalars(select(Node).where(Node.id.in_(ids))):
            paths[node.id] = node.ancestor_ids()
    titles: dict[UUID, str] = {}
    for ids in batches({step for path in paths.values() for step in path}, BATCH):
        found = db.session.execute(select(Node.id, Node.title).where(Node.id.in_(ids)))
        titles |= {node_id: title for node_id, title in found}
    return {node_id: tuple(titles[step] for step in path) for node_id, path in paths.items()}


def places_of(lines: Iterable[Line]) -> dict[Line, Node]:
    """Return the place that each line of titles names; of two with the same titles, the one in use."""
    wanted = set(lines)
    nodes: dict[UUID, Node] = {}
    for titles in batches({line[-1] for line in wanted}, BATCH):
        nodes |= {node.id: node for node in db.session.scalars(select(Node).where(Node.title.in_(titles)))}
    found: dict[Line, Node] = {}
    for node_id, line in lines_of(nodes).items():
        if line in wanted and (line not in found or not found[line].in_force(today())):
            found[line] = nodes[node_id]
    return found


def row_of(resource: Resource, line: Line) -> list[Any]:
    """Return the row of a resource, in the order of the headers."""
    paths = "\n".join(file.path or file.name for file in resource.files)
    said = [each.write(line if each is PLACE else getattr(resource, each.key)) for each in FIELDS]
    school = resource.school.name if resource.school else ""
    shared = f"{local(resource.published_at):%Y-%m-%d %H:%M}" if resource.published_at else ""
    return [
        str(resource.id),
        resource.version,
        paths,
        *said,
        resource.owner.name,
        school,
        STATES[resource.state],
        shared,
    ]


def rows_of(_actor: Actor, resources: Sequence[Resource]) -> list[list[Any]]:
    """Return the rows of resources that the actor was given."""
    lines = lines_of(resource.node_id for resource in resources)
    return [row_of(resource, lines.get(resource.node_id, ()) if resource.node_id else ()) for resource in resources]


class Change(NamedTuple):
    """A value that a row would change, as both stand in cells."""

    header: str
    before: str
    after: str


class Doubt(NamedTuple):
    """A cell that cannot be followed; `data` fills the sentence of the code."""

    header: str
    code: str
    data: dict[str, Any]


@dataclass(slots=True)
class Reading:
    """What a row would make of a resource."""

    edit: ResourceEdit
    changes: list[Change] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


class Words:
    """What the cells of a whole sheet can mean, looked up at once."""

    def __init__(self, actor: Actor, rows: Sequence[Mapping[str, str]], resources: Iterable[Resource]) -> None:
        self.subjects = set(subject_names(actor))
        self.lines = lines_of(resource.node_id for resource in resources)
        lines: set[Line] = set()
        for row in rows:
            line = PLACE.read(plain(row.get(PLACE.key, "")))
            lines |= {line} if line else set()
        self.places = places_of(lines)

    def read(self, resource: Resource, cells: Mapping[str, str], *, clear: bool) -> Reading:
        """Return what the cells would make of a resource; an empty one empties its value only if `clear`."""
        reading, values = Reading(edit_of(resource)), {}
        for each in READ:
            if each.key not in cells:
                continue
            text, before = shown(plain(cells[each.key])), self._before(resource, each)
            if text in {before, shown(plain(before))} or (not text and not clear):
                continue
            try:
                values[each.key] = self._value(each, text)
                reading.changes.append(Change(each.header, before, text))
            except Unreadable as unreadable:
                reading.doubts.append(Doubt(each.header, unreadable.code, unreadable.data))
        self._settle(reading, values, resource)
        return reading

    def _before(self, resource: Resource, each: Field) -> str:
        if each is PLACE:
            return shown(each.write(self.lines.get(resource.node_id, ()) if resource.node_id else ()))
        return shown(each.write(getattr(resource, each.key)))

    def _value(self, each: Field, text: str) -> Any:
        value = each.read(text)
        if each is PLACE and value:
            if value not in self.places:
                raise Unreadable("sheet.place_unknown")
            return self.places[value].id
        if each.key == "subject" and value and value not in self.subjects:
            raise Unreadable("sheet.subject_unknown")
        return value

    def _settle(self, reading: Reading, values: dict[str, Any], resource: Resource) -> None:
        """Let place, subject and grade agree: a new place says both, a new subject or grade gives the old place up."""
        node = next((node for node in self.places.values() if node.id == values.get("node_id")), None)
        if node is not None:
            for name, said in (("subject", node.subject), ("grade", node.grade)):
                if said and values.get(name) not in {None, said}:
                    reading.doubts.append(Doubt(PLACE.header, "sheet.place_disagrees", {}))
            values |= {"stage": node.stage, "subject": node.subject or values.get("subject", resource.subject)}
            values["grade"] = node.grade or values.get("grade", resource.grade)
        elif "node_id" not in values and {"subject", "grade"} & set(values):
            values |= {"stage": None, "node_id": None}
            if resource.node_id:
                reading.changes.append(Change(PLACE.header, self._before(resource, PLACE), ""))
        reading.edit = replace(reading.edit, **values)
