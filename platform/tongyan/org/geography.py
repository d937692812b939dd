"""The tree of regions."""

from collections.abc import Collection
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
