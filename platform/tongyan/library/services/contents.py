"""What a resource says and holds: copied to another one, set aside as a version, taken over from a draft.

Copies, new versions and roll-backs are all made of these three.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, inspect, literal, select, update

from tongyan.kernel.db import db
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor
from tongyan.library.models import (
    FileBand,
    FileStep,
    FileText,
    PackageItem,
    PageImage,
    Resource,
    ResourceFile,
    ResourceVersion,
    Review,
)

SAID = (
    "title", "kind", "summary", "keywords", "licence", "source", "contributors", "stage", "subject", "grade", "node_id",
    "edition_id", "domains", "competencies", "language", "for_whom", "difficulty", "periods",
)  # fmt: skip
OF_A_FILE = (FileStep, PageImage, FileText, FileBand)
OWN_COLUMNS = {"id", "resource_id", "version_id", "created_at", "updated_at"}

Source = Resource | ResourceVersion


def said(source: Source) -> dict[str, Any]:
    """Return what a resource or version says, as JSON by the names of the columns."""
    if isinstance(source, ResourceVersion):
        return source.fields
    return {name: _plain(getattr(source, name)) for name in SAID}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def say(resource: Resource, fields: dict[str, Any]) -> None:
    """Let a resource say this; a field that an older release did not know keeps its value."""
    for name in SAID:
        if name in fields:
            setattr(resource, name, _typed(name, fields[name]))


def _typed(name: str, value: Any) -> Any:
    """Return a value out of JSON as its column holds it."""
    if value is None or isinstance(value, list | int):
        return value
    if name.endswith("_id"):
        return UUID(value)
    enum = getattr(inspect(Resource).columns[name].type, "enum_class", None)
    return enum(value) if enum else value


def copy_contents(source: Source, target: Resource) -> None:
    """Give the target, which holds nothing yet, a copy of all that the source says and holds; bytes stay shared."""
    say(target, said(source))
    db.session.add(target)
    db.session.flush()  # the rows below refer to it
    for file in source.files:
        _copy_file(file, target.id)
    _plant(target.id, items_of(source))
    db.session.expire(target, ["files"])


def _copy_file(file: ResourceFile, target_id: UUID) -> None:
    columns = ResourceFile.__table__.columns.keys()
    kept = {name: getattr(file, name) for name in columns if name not in OWN_COLUMNS}
    copy = ResourceFile(id=new_id(), resource_id=target_id, **kept)
    db.session.add(copy)
    db.session.flush()  # its pages and texts refer to it
    for model in OF_A_FILE:
        names = model.__table__.columns.keys()
        values = [literal(copy.id) if name == "file_id" else getattr(model, name) for name in names]
        db.session.execute(insert(model).from_select(names, select(*values).where(model.file_id == file.id)))


def items_of(source: Source) -> Sequence[dict[str, Any]]:
    """Return the tree of a course package as JSON rows, those above before those below."""
    if isinstance(source, ResourceVersion):
        return source.items
    rows = db.session.scalars(select(PackageItem).where(PackageItem.package_id == source.id)).all()
    depth = {row.id: _depth(row, {each.id: each for each in rows}) for row in rows}
    return [
        {
            "id": str(row.id),
            "parent": str(row.parent_id) if row.parent_id else None,
            "position": row.position,
            "title": row.title,
            "note": row.note,
            "target": str(row.target_id) if row.target_id else None,
        }
        for row in sorted(rows, key=lambda row: (depth[row.id], row.position))
    ]


def _depth(row: PackageItem, by_id: dict[UUID, PackageItem]) -> int:
    depth = 0
    while row.parent_id is not None:
        row, depth = by_id[row.parent_id], depth + 1
    return depth


def _plant(package_id: UUID, items: Sequence[dict[str, Any]]) -> None:
    """Write a tree under new ids; a target that is gone for good leaves its title behind."""
    wanted = {UUID(item["target"]) for item in items if item["target"]}
    there = set(db.session.scalars(select(Resource.id).where(Resource.id.in_(wanted)))) if wanted else set()
    ids = {item["id"]: new_id() for item in items}
    for item in items:
        target = UUID(item["target"]) if item["target"] else None
        row = PackageItem(
            id=ids[item["id"]],
            package_id=package_id,
            parent_id=ids[item["parent"]] if item["parent"] else None,
            position=item["position"],
            title=item["title"],
            note=item["note"],
            target_id=target if target in there else None,
        )
        db.session.add(row)
        db.session.flush()  # the next may stand below it


def set_aside(actor: Actor, resource: Resource) -> ResourceVersion:
    """Keep what a resource says and holds as a version, and leave it empty-handed."""
    version = ResourceVersion(
        id=new_id(),
        resource_id=resource.id,
        number=resource.number,
        note=resource.note,
        fields=said(resource),
        items=list(items_of(resource)),
        person_id=actor.person_id,
        published_at=current_since(resource),
    )
    db.session.add(version)
    db.session.flush()  # its files refer to it
    _move(ResourceFile, ResourceFile.id.in_([file.id for file in resource.files]), version_id=version.id)
    db.session.execute(delete(PackageItem).where(PackageItem.package_id == resource.id))
    db.session.expire(resource, ["files", "versions"])
    return version


def current_since(resource: Resource) -> Any:
    """Return when the present version came out, None for what was never published."""
    return resource.versions[0].replaced_at if resource.versions else resource.published_at


def take_over(resource: Resource, draft: Resource) -> None:
    """Move all that a draft says and holds to a resource that was set aside; the draft is gone then."""
    db.session.flush()
    say(resource, said(draft))
    resource.number, resource.note = resource.number + 1, draft.note
    _move(ResourceFile, ResourceFile.resource_id == draft.id, resource_id=resource.id)
    _move(PackageItem, PackageItem.package_id == draft.id, package_id=resource.id)
    _move(Review, Review.resource_id == draft.id, resource_id=resource.id)
    draft_id = draft.id
    db.session.expunge(draft)  # it must not take its files with it
    db.session.execute(delete(Resource).where(Resource.id == draft_id))
    db.session.flush()
    db.session.expire(resource, ["files"])


def _move(model: Any, which: Any, **values: Any) -> None:
    db.session.execute(update(model).where(which).values(values), execution_options={"synchronize_session": False})
