"""The tree of regions."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from tongyan.org.models import Region, RegionLevel

ORDER = list(RegionLevel)  # from the widest to the narrowest


def wider(level: RegionLevel) -> list[RegionLevel]:
    """Return the levels that may stand above; a municipality has no city between itself and its counties."""
    return ORDER[: ORDER.index(level)]


def narrower(level: RegionLevel) -> list[RegionLevel]:
    """Return the levels that may stand below."""
    return ORDER[ORDER.index(level) + 1 :]


def within(region_ids: Collection[UUID]) -> Select[UUID]:
    """Return the ids of regions and of all below them, within SQL."""
    top = select(Region.id).where(Region.id.in_(region_ids)).cte(recursive=True)
    below = select(Region.id).join(top, Region.parent_id == top.c.id)
    return select(top.union(below).c.id)


def above(region_ids: Collection[UUID] | Select[Any]) -> Select[UUID]:
    """Return the ids of regions and of all above them, within SQL."""
    bottom = select(Region.id, Region.parent_id).where(Region.id.in_(region_ids)).cte(recursive=True)
    higher = select(Region.id, Region.parent_id).join(bottom, bottom.c.parent_id == Region.id)
    return select(bottom.union(higher).c.id)
