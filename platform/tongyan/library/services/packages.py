"""Course packages (课程包): ordered trees of headings and resources, made, listed and read.

Everybody sees of a package what they may see anyway: a resource that is hidden from the reader is left out with all
trace of it, and so is a heading below which nothing is left. Changing a package is in `package_items`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from tongyan.curriculum.services import find_node
from tongyan.kernel.audit import record
from tongyan.kernel.db import db, publish, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound
from tongyan.kernel.ids import new_id
from tongyan.kernel.paging import Page, select_page
from tongyan.kernel.permissions import Actor, can, load, user_key, visible
from tongyan.library.events import ResourceChanged
from tongyan.library.models import PackageItem, Resource, ResourceKind, ResourceState, Standing
from tongyan.library.names import clean_text
from tongyan.library.policy import Action, published_to
from tongyan.library.services.editing import MAX_TITLE
from tongyan.library.services.listing import card
from tongyan.org.services.covering import covering

MAX_DEPTH, MAX_ITEMS = 4, 500
MOST_OFFERED = 50  # of one's own packages, where something is to be added


class Shelf(StrEnum):
    """Where one looks for packages: 校本课程, 集团精品课程, all that are open, one's own."""

    SCHOOL = "school"
    GROUP = "group"
    ALL = "all"
    MINE = "mine"


@dataclass(slots=True)
class Entry:
    """A place in a tree as one reader sees it; `number` is "2.1", `target` only there when the reader may see it."""

    item: PackageItem
    number: str
    depth: int  # 1 at the top
    target: Resource | None
    unseen: bool = False  # not open to those for whom the package is
    entries: list["Entry"] = field(default_factory=list)

    @property
    def is_heading(self) -> bool:
        """Say whether others may stand below it."""
        return self.item.target_id is None

    @property
    def height(self) -> int:
        """Return how many levels it takes, itself counted."""
        return 1 + max((entry.height for entry in self.entries), default=0)

    def walk(self) -> Iterator["Entry"]:
        """Give the entry and all below it, in their order."""
        yield self
        for entry in self.entries:
            yield from entry.walk()


@dataclass(frozen=True, slots=True)
class Tree:
    """A package's contents as one reader sees them."""

    package: Resource
    entries: Sequence[Entry]

    def walk(self) -> Iterator[Entry]:
        """Give all entries in their order."""
        for entry in self.entries:
            yield from entry.walk()

    @property
    def size(self) -> int:
        """Return how many resources are in it."""
        return sum(not entry.is_heading for entry in self.walk())

    @property
    def unseen(self) -> int:
        """Return how many resources are not open to those for whom the package is."""
        return sum(entry.unseen for entry in self.walk())


class Walk(NamedTuple):
    """Where a resource stands among those of a package, for reading on."""

    package: Resource
    before: Resource | None
    after: Resource | None
    number: int
    total: int


def create_package(
    actor: Actor, title: str, subject: str | None = None, grade: int | None = None, node_id: UUID | None = None
) -> Resource:
    """Make an empty package as a draft. Raises Invalid."""
    name = clean_text(title).strip()
    if not name:
        raise Invalid(errors={"title": ["resource.title_missing"]})
    if len(name) > MAX_TITLE:
        raise Invalid(errors={"title": ["resource.too_long"]})
    with transaction() as session:
        package = Resource(
            id=new_id(),
            title=name,
            kind=ResourceKind.PACKAGE,
            owner_id=actor.person_id,
            school_id=actor.school_id,
            audience=user_key(actor.person_id),
        )
        package.put(find_node(node_id) if node_id else None, None, subject, grade)
        session.add(package)
        record(actor, "library:package:create", f"resource:{package.id}", title=name)
        publish(ResourceChanged(package.id))
    return package


def list_packages(actor: Actor, shelf: Shelf, page: int = 1) -> Page[Resource]:
    """Return the packages on a shelf, newest first."""
    wanted = select(Resource).where(Resource.kind == ResourceKind.PACKAGE, _on_shelf(actor, shelf))
    newest = Resource.created_at if shelf is Shelf.MINE else Resource.published_at
    return select_page(wanted.order_by(newest.desc(), Resource.id.desc()).options(*card()), page)


def _on_shelf(actor: Actor, shelf: Shelf) -> ColumnElement[bool]:
    if shelf is Shelf.MINE:
        return (Resource.owner_id == actor.person_id) & (Resource.state != ResourceState.TRASHED)
    if shelf is Shelf.ALL:
        return published_to(actor)
    return published_to(actor) & (Resource.standing == Standing(shelf.value))


def own_packages(actor: Actor) -> Sequence[Resource]:
    """Return the packages to which the actor may add something, the last changed first."""
    mine = (Resource.owner_id == actor.person_id) & Resource.state.in_([ResourceState.DRAFT, ResourceState.PUBLISHED])
    wanted = select(Resource).where(Resource.kind == ResourceKind.PACKAGE, mine)
    return db.session.scalars(wanted.order_by(Resource.updated_at.desc()).limit(MOST_OFFERED)).all()


def get_package(actor: Actor, package_id: UUID) -> Resource:
    """Return a package that the actor may change. Raises NotFound, Forbidden, Conflict for another kind of thing."""
    package = load(actor, Resource, package_id, Action.RESOURCE_EDIT)
    if package.kind is not ResourceKind.PACKAGE:
        raise Conflict("package.none")
    return package


def package_tree(actor: Actor, package: Resource) -> Tree:
    """Return what the actor sees of a package; who may change it sees all places, also those of hidden things."""
    rows = _rows([package.id])[package.id]
    targets = _targets(actor, rows)
    entries = _grow(rows, targets, _unseen_by(package))
    if not can(actor, Action.RESOURCE_EDIT, package):
        entries = _number(_pruned(entries))
    return Tree(package, entries)


def _rows(package_ids: Sequence[UUID]) -> Mapping[UUID, list[PackageItem]]:
    wanted = select(PackageItem).where(PackageItem.package_id.in_(package_ids))
    rows: dict[UUID, list[PackageItem]] = defaultdict(list)
    for row in db.session.scalars(wanted.order_by(PackageItem.position, PackageItem.id)):
        rows[row.package_id].append(row)
    return rows


def _targets(actor: Actor, rows: Sequence[PackageItem]) -> Mapping[UUID, Resource]:
    ids = {row.target_id for row in rows if row.target_id}
    if not ids:
        return {}
    shown = select(Resource).where(Resource.id.in_(ids), visible(actor, Resource))
    loaded = shown.options(selectinload(Resource.files), *card()[:-1])
    return {target.id: target for target in db.session.scalars(loaded)}


def _unseen_by(package: Resource) -> Callable[[Resource], bool]:
    """Return what says of a thing that not all for whom the package is may see it.

    As long as the package is a draft nobody knows for whom it will be; then only what is open to nobody counts.
    """
    open_already = package.state is ResourceState.PUBLISHED
    seen = covering(package.audience) if open_already else frozenset[str]()

    def unseen(target: Resource) -> bool:
        return target.state is not ResourceState.PUBLISHED or (open_already and target.audience not in seen)

    return unseen


def _grow(
    rows: Sequence[PackageItem], targets: Mapping[UUID, Resource], unseen: Callable[[Resource], bool]
) -> list[Entry]:
    below: dict[UUID | None, list[Entry]] = defaultdict(list)
    for row in rows:
        target = targets.get(row.target_id) if row.target_id else None
        hidden = row.target_id is not None and (target is None or unseen(target))
        below[row.parent_id].append(Entry(row, "", 0, target, hidden))
    for entry in [entry for entries in below.values() for entry in entries]:
        entry.entries = below.get(entry.item.id, [])
    return _number(below[None])


def _number(entries: list[Entry], above: str = "", depth: int = 1) -> list[Entry]:
    """Number entries by their places, and return them."""
    for place, entry in enumerate(entries, 1):
        entry.number, entry.depth = f"{above}{place}", depth
        _number(entry.entries, f"{entry.number}.", depth + 1)
    return entries


def _pruned(entries: Sequence[Entry], *, public: bool = False) -> list[Entry]:
    """Leave out what the reader may not see; `public`: also what is not open to all for whom the package is."""
    kept = []
    for entry in entries:
        entry.entries = _pruned(entry.entries, public=public)
        if entry.entries or (entry.target is not None and not (public and entry.unseen)):
            kept.append(entry)
    return kept


def titles_of(packages: Sequence[Resource]) -> Mapping[UUID, list[str]]:
    """Return the headings and titles in packages that everybody sees for whom the package is, in their order."""
    return {tree.package.id: [entry.item.title for entry in tree.walk()] for tree in _common_trees(packages)}


def common_tree(package: Resource) -> Tree:
    """Return what everybody sees for whom the package is."""
    return next(iter(_common_trees([package])))


def _common_trees(packages: Sequence[Resource]) -> Iterator[Tree]:
    found = _rows([package.id for package in packages])
    ids = {row.target_id for rows in found.values() for row in rows if row.target_id}
    there = {row.id: row for row in db.session.scalars(select(Resource).where(Resource.id.in_(ids)))} if ids else {}
    for package in packages:
        grown = _grow(found.get(package.id, []), there, _unseen_by(package))
        yield Tree(package, _number(_pruned(grown, public=True)))


def packages_holding(resource_id: UUID) -> Sequence[UUID]:
    """Return the ids of the packages that hold a resource."""
    holding = select(PackageItem.package_id).where(PackageItem.target_id == resource_id).distinct()
    return db.session.scalars(holding).all()


def walk_package(actor: Actor, package_id: UUID, resource_id: UUID) -> Walk | None:
    """Return where a resource stands in a package, None when the actor does not find it there."""
    try:
        package = load(actor, Resource, package_id)
    except NotFound:
        return None
    targets = [entry.target for entry in package_tree(actor, package).walk() if entry.target]
    place = next((place for place, target in enumerate(targets) if target.id == resource_id), None)
    if place is None:
        return None
    around = [None, *targets, None]
    return Walk(package, around[place], around[place + 2], place + 1, len(targets))
