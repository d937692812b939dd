"""Small worlds of regions, schools, groups and people, made by chance: everybody's name holds the character 澄."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

from tests.factories import make_person, make_school, save
from tongyan.accounts.models import Person
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import today
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import group_key, region_key, school_key
from tongyan.org.models import (
    Group,
    Membership,
    Office,
    OfficeKind,
    Pairing,
    Posting,
    PostingKind,
    Region,
    RegionLevel,
    School,
    Way,
)

NAMED = "澄"
SUBJECTS = ("语文", "数学", None)


class World:
    """What there is, and who."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 # chance for tests
        self.regions = self._make_regions()
        self.schools = self._make_schools()
        self.groups = self._make_groups()
        self.people = self._make_people()
        self._join()
        self._post()
        self._appoint()
        self._make_nodes()

    def _period(self) -> tuple[date, date | None]:
        """Return a time that is over, in force (from today, or up to today, or for ever), or still to come."""
        ago = self._random.choice((-30, -1, 0, 1, 30, 30, 300))
        lasts = self._random.choice((0, 1, 29, None, None, None, None))
        begin = today() - timedelta(days=ago)
        return begin, None if lasts is None else begin + timedelta(days=lasts)

    def _some(self, things: Sequence[Any], most: int) -> list[Any]:
        return self._random.sample(things, self._random.randint(1, most))

    def _region_id(self) -> UUID | None:
        return self._random.choice([None, *(region.id for region in self.regions)])

    def _make_regions(self) -> list[Region]:
        regions: list[Region] = []
        for level in RegionLevel:
            for number in range(2):
                above = self._random.choice(regions).id if regions else None
                region = Region(name=f"{level}{number}", level=level, parent_id=above)
                regions.append(save(region))
        return regions

    def _make_schools(self) -> list[School]:
        return [
            make_school(f"{NAMED}湖第{number}小学", region_id=self._region_id(), active=self._random.random() < 0.8)
            for number in range(7)
        ]

    def _make_groups(self) -> list[Group]:
        return [
            save(
                Group(
                    name=f"{NAMED}湖第{number}集团",
                    pairing=Pairing.CORE_NEW,
                    way=Way.TRUST,
                    founded_on=date(2020, 9, 1),
                    region_id=self._region_id(),
                    ended_on=self._random.choice((None, None, None, today() - timedelta(days=1), today())),
                )  # fmt: skip
            )
            for number in range(4)
        ]

    def _make_people(self) -> list[Person]:
        return [
            make_person(f"{NAMED}老师{number}", active=self._random.random() < 0.9, is_admin=number == 0)
            for number in range(12)
        ]

    def _join(self) -> None:
        for group in self.groups:
            for school in self._some(self.schools, 4):
                from_on, to_on = self._period()
                save(Membership(group_id=group.id, school_id=school.id, from_on=from_on, to_on=to_on))

    def _post(self) -> None:
        for person in self.people:
            for school in self._some(self.schools, 2):
                from_on, to_on = self._period()
                kind = self._random.choice(list(PostingKind))
                save(Posting(person_id=person.id, school_id=school.id, kind=kind, from_on=from_on, to_on=to_on))

    def _appoint(self) -> None:
        scopes = [
            *(school_key(school.id) for school in self.schools),
            *(group_key(group.id) for group in self.groups),
            *(region_key(region.id) for region in self.regions),
            school_key(new_id()), group_key(new_id()), region_key(new_id()),
        ]  # fmt: skip
        for person in self._some(self.people, 9):
            for scope in self._some(scopes, 2):
                from_on, to_on = self._period()
                kind, subject = self._random.choice(list(OfficeKind)), self._random.choice(SUBJECTS)
                save(Office(person_id=person.id, kind=kind, scope=scope, subject=subject, from_on=from_on, to_on=to_on))

    def _make_nodes(self) -> None:
        for number in range(6):
            node = Node(id=new_id(), level=Level.STAGE, title=f"{NAMED}{number}", position=1.0, stage=str(number))
            node.path = f"/{node.id.hex}/"
            node.valid_from, node.valid_to = self._period()
            node.retired_on = self._random.choice((None, None, today(), today() + timedelta(days=1)))
            save(node)
