"""What ties a resource to people, lessons and packages, for the head of its page."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from tongyan.kernel.db import db
from tongyan.kernel.permissions import Actor
from tongyan.library.models import (
    Correction,
    CorrectionState,
    Favourite,
    LessonUse,
    PackageItem,
    Resource,
    ResourceState,
)


@dataclass(frozen=True, slots=True)
class Bonds:
    """What hangs on a resource; `lessons` and `packages` would miss it."""

    favourite: bool = False
    chosen: int = 0  # lessons of the actor's own
    lessons: int = 0
    packages: int = 0
    corrections: int = 0  # that nobody answered yet

    @property
    def missed(self) -> bool:
        """Say whether anything would miss the resource."""
        return bool(self.lessons or self.packages)


def bonds_of(actor: Actor, resource_id: UUID) -> Bonds:
    """Return what hangs on a resource that the actor sees (one statement)."""
    here, mine = LessonUse.resource_id == resource_id, LessonUse.person_id == actor.person_id
    favourite = (Favourite.resource_id == resource_id) & (Favourite.person_id == actor.person_id)
    unanswered = (Correction.resource_id == resource_id) & (Correction.state == CorrectionState.OPEN)
    packages = (
        select(func.count(PackageItem.package_id.distinct()))
        .join(Resource, Resource.id == PackageItem.package_id)
        .where(PackageItem.target_id == resource_id, Resource.state != ResourceState.TRASHED)
    )
    row = db.session.execute(
        select(_number(favourite), _number(here & mine), _number(here), packages.scalar_subquery(), _number(unanswered))
    ).one()
    kept, chosen, lessons, held, corrections = row
    return Bonds(bool(kept), chosen, lessons, held, corrections)


def _number(which: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(which).scalar_subquery()
