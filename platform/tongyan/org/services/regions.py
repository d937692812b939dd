"""Regions: the geography that schools, groups and authorities hang on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import aliased

from tongyan.accounts.policy import require_admin
from tongyan.kernel import audit
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid
from tongyan.kernel.paging import PAGE_SIZE, Page, exists
from tongyan.kernel.permissions import Actor, load, region_key, visible
from tongyan.org.events import RegionChanged
from tongyan.org.geography import narrower, wider
from tongyan.org.listing import order, select_rows
from tongyan.org.models import Region, RegionLevel, School
from tongyan.org.names import check_names, clean
from tongyan.org.policy import Action

MAX_NAME = 64


@dataclass(frozen=True, slots=True)
class RegionEdit:
    """All that is said about a region."""

    name: str
    level: RegionLevel
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RegionFilters:
    """What the list is narrowed to."""

    text: str = ""
    level: RegionLevel | None = None
    sort: str = ""


class RegionRow(NamedTuple):
    """A line of the list; schools are those directly in the region."""

    region: Region
    parent: str | None
    schools: int


class RegionChoice(NamedTuple):
    """A region with the names above it, for choosing."""

    id: UUID
    path: str
    level: RegionLevel


def list_regions(actor: Actor, filters: RegionFilters, page: int = 1, size: int = PAGE_SIZE) -> Page[RegionRow]:
    """Return a page of regions, the widest first (two statements)."""
    parent = aliased(Region)
    schools = select(func.count()).where(School.region_id == Region.id).correlate(Region).scalar_subquery()
    sorts = {"name": Region.name, "parent": parent.name, "schools": schools, "level": _level_order()}
    statement = (
        select(Region, parent.name, schools)
        .outerjoin(parent, parent.id == Region.parent_id)
        .where(visible(actor, Region))
        .order_by(*order(sorts, filters.sort or "level"), Region.name, Region.id)
    )
    if filters.text:
        named = (name.icontains(filters.text, autoescape=True) for name in (Region.name, parent.name))
        statement = statement.where(or_(*named))
    if filters.level:
        statement = statement.where(Region.level == filters.level)
    found = select_rows(statement, page, size)
    return Page([RegionRow(*row) for row in found.items], found.total, found.number, found.size)


def _level_order() -> Any:
    return case({level.value: place for place, level in enumerate(RegionLevel)}, value=Region.level)


def region_choices(actor: Actor) -> Sequence[RegionChoice]:
    """Return all regions, each below the one it belongs to (one statement)."""
    regions = {region.id: region for region in db.session.scalars(select(Region).where(visible(actor, Region)))}
    paths = ((_path(region, regions), region) for region in regions.values())
    return [RegionChoice(region.id, path, region.level) for path, region in sorted(paths, key=lambda pair: pair[0])]


def _path(region: Region, regions: dict[UUID, Region]) -> str:
    names: list[str] = []
    above: Region | None = region
    while above is not None:
        names.insert(0, above.name)
        above = regions.get(above.parent_id) if above.parent_id else None
    return " ".join(names)


def get_region(actor: Actor, region_id: UUID) -> Region:
    """Return a region that the actor may change. Raises NotFound, Forbidden."""
    return load(actor, Region, region_id, Action.REGION_EDIT)


def create_region(actor: Actor, edit: RegionEdit) -> Region:
    """Add a region. Raises Forbidden, Invalid (name, level, the same name twice at one place)."""
    require_admin(actor)
    with transaction() as session:
        region = Region()
        _write(actor, region, edit)
        session.add(region)
        session.flush()  # the audit names the id
        _note(actor, "region.create", region)
    return region


def update_region(actor: Actor, region_id: UUID, edit: RegionEdit, version: int) -> Region:
    """Change a region; `version` is the one the editor saw. Raises NotFound, Forbidden, Invalid, Conflict."""
    with transaction():
        region = load(actor, Region, region_id, Action.REGION_EDIT)
        if version != region.version:
            raise Conflict("conflict.stale")
        _refuse_level_below(region, edit.level)
        _write(actor, region, edit)
        _note(actor, "region.update", region)
        publish(RegionChanged(region.id))
    return region


def _write(actor: Actor, region: Region, edit: RegionEdit) -> None:
    name = clean(edit.name)
    check_names(name=(name, MAX_NAME))
    _check_parent(actor, region, edit)
    twin = select(Region.id).where(
        Region.name == name, Region.parent_id.is_not_distinct_from(edit.parent_id), Region.id != region.id
    )
    if exists(twin):
        raise Invalid(errors={"name": ["region.twin"]})
    region.name, region.level, region.parent_id = name, edit.level, edit.parent_id


def _check_parent(actor: Actor, region: Region, edit: RegionEdit) -> None:
    """Levels fall on the way down, so that no circle can ever close."""
    if edit.parent_id is None:
        return
    if edit.parent_id == region.id:
        raise Invalid(errors={"parent_id": ["region.circle"]})
    if load(actor, Region, edit.parent_id).level not in wider(edit.level):
        raise Invalid(errors={"parent_id": ["region.level"]})


def _refuse_level_below(region: Region, level: RegionLevel) -> None:
    below = select(Region.id).where(Region.parent_id == region.id, Region.level.not_in(narrower(level)))
    if exists(below):
        raise Invalid(errors={"level": ["region.level"]})


def _note(actor: Actor, action: str, region: Region) -> None:
    audit.record(actor, action, region_key(region.id), name=region.name, level=region.level, parent_id=region.parent_id)
