"""Changing the tree of a course package: what is added, named, moved, removed and brought back.

The order among siblings is a number with room in between: to move a thing changes one row. Every change also changes
the package's own row, so that of two changes in one moment the second is refused and none makes a circle.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, load, require, visible
from tongyan.library.events import ResourceChanged
from tongyan.library.models import PackageItem, Resource, ResourceKind
from tongyan.library.names import clean_text
from tongyan.library.policy import Action
from tongyan.library.services.editing import MAX_TITLE
from tongyan.library.services.packages import MAX_DEPTH, MAX_ITEMS, get_package
from tongyan.library.services.reviewing import check_free

MAX_NOTE = 500
NARROW = 1e-6  # between two siblings: then all of them get new numbers


class Place(NamedTuple):
    """Where an item stands: below which one (None: at the top), after which sibling (None: the first)."""

    parent_id: UUID | None
    after_id: UUID | None


class Removed(NamedTuple):
    """What was taken out, as plain values, and where it stood: with it the package can have it back."""

    title: str
    rows: list[dict[str, Any]]


def get_item(actor: Actor, item_id: UUID) -> PackageItem:
    """Return an item of a package that the actor may change. Raises NotFound, Forbidden."""
    wanted = select(PackageItem, Resource).join(Resource, PackageItem.package_id == Resource.id)
    found = db.session.execute(wanted.where(PackageItem.id == item_id, visible(actor, Resource))).one_or_none()
    if found is None:
        raise NotFound
    item, package = found
    require(actor, Action.RESOURCE_EDIT, package)
    return item


def add_heading(actor: Actor, package_id: UUID, title: str, parent_id: UUID | None = None) -> PackageItem:
    """Add a heading at the end. Raises NotFound, Forbidden, Invalid, Conflict."""
    name = _title(title)
    with transaction():
        branch = _Branch.open(actor, package_id)
        item = branch.plant(name, parent_id)
        branch.changed(actor, added=name)
    return item


def add_resources(
    actor: Actor, package_id: UUID, resource_ids: Sequence[UUID], parent_id: UUID | None = None
) -> list[PackageItem]:
    """Add resources at the end, those that are there already not again. Raises NotFound, Forbidden, Conflict."""
    with transaction():
        branch = _Branch.open(actor, package_id)
        there = {item.target_id for item in branch.items}
        added = []
        for resource_id in dict.fromkeys(resource_ids):
            target = load(actor, Resource, resource_id)
            _refuse_circle(branch.package, target)
            if target.id not in there:
                added.append(branch.plant(target.title, parent_id, target.id))
        if added:
            branch.changed(actor, added=[item.title for item in added])
    return added


def edit_item(actor: Actor, item_id: UUID, title: str, note: str = "") -> PackageItem:
    """Give an item another title and a note. Raises NotFound, Forbidden, Invalid."""
    name = _title(title)
    if len(note) > MAX_NOTE:
        raise Invalid(errors={"note": ["resource.too_long"]})
    with transaction():
        branch, item = _Branch.of(actor, item_id)
        item.title, item.note = name, note.strip()
        branch.changed(actor, renamed=name)
    return item


def move_item(actor: Actor, item_id: UUID, to: Place) -> Place:
    """Move an item with all below it and return where it stood.

    Raises NotFound, Forbidden, Conflict when it does not fit there or the tree is not what the mover saw.
    """
    with transaction():
        branch, item = _Branch.of(actor, item_id)
        return branch.move(actor, item, to)


def shift_item(actor: Actor, item_id: UUID, way: str) -> Place:
    """Move an item one step "up", "down", "in" (below the heading before it) or "out"; return where it stood.

    Raises NotFound, Forbidden, Conflict.
    """
    with transaction():
        branch, item = _Branch.of(actor, item_id)
        return branch.move(actor, item, branch.step(item, way))


def remove_item(actor: Actor, item_id: UUID) -> Removed:
    """Take an item out with all below it and return what brings it back. Raises NotFound, Forbidden, Conflict."""
    with transaction() as session:
        branch, item = _Branch.of(actor, item_id)
        removed = Removed(item.title, [_plain(each) for each in branch.below(item)])
        session.delete(item)  # the database takes those below with it
        branch.changed(actor, removed=item.title)
    return removed


def restore_items(actor: Actor, package_id: UUID, rows: Sequence[dict[str, Any]]) -> None:
    """Bring back what `remove_item` returned, to the caller's knowledge unchanged since.

    What is gone for good meanwhile stays out. Raises NotFound, Forbidden, Conflict.
    """
    with transaction() as session:
        branch = _Branch.open(actor, package_id)
        known = {str(item.id) for item in branch.items}
        wanted = {UUID(row["target"]) for row in rows if row["target"]}
        targets = set(db.session.scalars(select(Resource.id).where(Resource.id.in_(wanted))))
        if len(branch.items) + len(rows) > MAX_ITEMS:
            raise Conflict("package.too_many", limit=MAX_ITEMS)
        for row in rows:
            there = row["target"] is None or UUID(row["target"]) in targets
            if row["id"] in known or not there or not (row["parent"] is None or row["parent"] in known):
                continue
            session.add(_item(branch.package.id, row))
            session.flush()  # the next may stand below it
            known.add(row["id"])
        branch.changed(actor, restored=rows[0]["title"] if rows else "")


def _plain(item: PackageItem) -> dict[str, Any]:
    return {
        "id": str(item.id),
        "parent": str(item.parent_id) if item.parent_id else None,
        "position": item.position,
        "title": item.title,
        "note": item.note,
        "target": str(item.target_id) if item.target_id else None,
    }


def _item(package_id: UUID, row: dict[str, Any]) -> PackageItem:
    return PackageItem(
        id=UUID(row["id"]),
        package_id=package_id,
        parent_id=UUID(row["parent"]) if row["parent"] else None,
        position=row["position"],
        title=row["title"],
        note=row["note"],
        target_id=UUID(row["target"]) if row["target"] else None,
    )


def _title(text: str) -> str:
    title = clean_text(text).strip()
    if not title:
        raise Invalid(errors={"title": ["resource.title_missing"]})
    if len(title) > MAX_TITLE:
        raise Invalid(errors={"title": ["resource.too_long"]})
    return title


def _refuse_circle(package: Resource, target: Resource) -> None:
    """A package must not hold itself, not even by way of other packages."""
    seen: set[UUID] = set()
    next_ids = {target.id} if target.kind is ResourceKind.PACKAGE else set()
    while next_ids:
        if package.id in next_ids:
            raise Conflict("package.circle")
        seen |= next_ids
        held = select(PackageItem.target_id).where(PackageItem.package_id.in_(next_ids))
        next_ids = {held_id for held_id in db.session.scalars(held) if held_id} - seen


class _Branch:
    """All items of one package that the actor may change, at work within a transaction."""

    def __init__(self, package: Resource) -> None:
        check_free(package)
        self.package = package
        rows = select(PackageItem).where(PackageItem.package_id == package.id)
        self.items = list(db.session.scalars(rows.order_by(PackageItem.position, PackageItem.id)))

    @classmethod
    def open(cls, actor: Actor, package_id: UUID) -> "_Branch":
        """Open a package; raises NotFound, Forbidden, Conflict."""
        return cls(get_package(actor, package_id))

    @classmethod
    def of(cls, actor: Actor, item_id: UUID) -> tuple["_Branch", PackageItem]:
        """Open the package of an item; raises NotFound, Forbidden, Conflict."""
        item = get_item(actor, item_id)
        return cls.open(actor, item.package_id), item

    def get(self, item_id: UUID | None) -> PackageItem:
        """Return an item; what is not there any more was taken out by somebody else."""
        found = next((item for item in self.items if item.id == item_id), None)
        if found is None:
            raise Conflict("package.changed")
        return found

    def siblings(self, parent_id: UUID | None) -> list[PackageItem]:
        """Return the items below one, in their order."""
        return [item for item in self.items if item.parent_id == parent_id]

    def below(self, item: PackageItem) -> list[PackageItem]:
        """Return an item and all below it, those above first."""
        return [item, *(each for child in self.siblings(item.id) for each in self.below(child))]

    def place_of(self, item: PackageItem) -> Place:
        """Return where an item stands."""
        siblings = self.siblings(item.parent_id)
        place = siblings.index(item)
        return Place(item.parent_id, siblings[place - 1].id if place else None)

    def plant(self, title: str, parent_id: UUID | None, target_id: UUID | None = None) -> PackageItem:
        """Add an item as the last below another."""
        if len(self.items) >= MAX_ITEMS:
            raise Conflict("package.too_many", limit=MAX_ITEMS)
        self._check_depth(parent_id, 1)
        siblings = self.siblings(parent_id)
        position = siblings[-1].position + 1 if siblings else 1.0
        item = PackageItem(
            id=new_id(),
            package_id=self.package.id,
            parent_id=parent_id,
            position=position,
            title=title,
            target_id=target_id,
        )
        db.session.add(item)
        self.items.append(item)
        return item

    def move(self, actor: Actor, item: PackageItem, to: Place) -> Place:
        """Put an item somewhere else and return where it stood."""
        before = self.place_of(item)
        if to.parent_id is not None and self.get(to.parent_id) in self.below(item):
            raise Conflict("package.into_itself")
        self._check_depth(to.parent_id, self._height(item))
        siblings = [each for each in self.siblings(to.parent_id) if each is not item]
        if to.after_id is not None and self.get(to.after_id) not in siblings:
            raise Conflict("package.changed")
        place = next((number for number, each in enumerate(siblings, 1) if each.id == to.after_id), 0)
        item.parent_id = to.parent_id
        item.position = _between(siblings, place)
        self.changed(actor, moved=item.title)
        return before

    def step(self, item: PackageItem, way: str) -> Place:
        """Return the place one step away; there is none beyond the ends."""
        siblings = self.siblings(item.parent_id)
        place = siblings.index(item)
        if way == "up" and place > 0:
            return Place(item.parent_id, siblings[place - 2].id if place > 1 else None)
        if way == "down" and place + 1 < len(siblings):
            return Place(item.parent_id, siblings[place + 1].id)
        if way == "in" and place > 0 and siblings[place - 1].target_id is None:
            heading = siblings[place - 1]
            last = self.siblings(heading.id)[-1:]
            return Place(heading.id, last[0].id if last else None)
        if way == "out" and item.parent_id is not None:
            return Place(self.get(item.parent_id).parent_id, item.parent_id)
        raise Conflict("package.no_way")

    def _check_depth(self, parent_id: UUID | None, height: int) -> None:
        depth = height
        while parent_id is not None:
            parent = self.get(parent_id)
            if parent.target_id is not None:
                raise Conflict("package.below_resource")
            parent_id, depth = parent.parent_id, depth + 1
        if depth > MAX_DEPTH:
            raise Conflict("package.too_deep", limit=MAX_DEPTH)

    def _height(self, item: PackageItem) -> int:
        return 1 + max((self._height(child) for child in self.siblings(item.id)), default=0)

    def changed(self, actor: Actor, **what: Any) -> None:
        """Note what became of the package."""
        self.package.updated_at = now()
        record(actor, Action.RESOURCE_EDIT, f"resource:{self.package.id}", title=self.package.title, **what)
        publish(ResourceChanged(self.package.id))


def _between(siblings: Sequence[PackageItem], place: int) -> float:
    """Return a position for a newcomer that will stand at a place (0 the first) among its siblings."""
    low = siblings[place - 1].position if place else (siblings[0].position - 2 if siblings else 0.0)
    high = siblings[place].position if place < len(siblings) else low + 2
    if high - low < NARROW:
        for number, sibling in enumerate(siblings):
            sibling.position = float(number + 1)
        low, high = float(place), float(place + 1)
    return (low + high) / 2
