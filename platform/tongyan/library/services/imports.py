"""Bringing an archive in: looked through, shown to the person, and after their word unpacked by a job.

Every file goes the way of an upload and becomes one, so that quota, limits, checks and proposals are the ordinary
ones. An upload and a course package have ids that follow from transfer and entry: a job that was killed goes on where
it was, and nothing comes in twice.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO
from uuid import UUID, uuid5

from sqlalchemy import select

from tongyan.kernel.audit import record
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, release, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound, StorageFull, TongyanError, TooLarge
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import JobFailed
from tongyan.kernel.paging import exists
from tongyan.kernel.permissions import Actor, user_key
from tongyan.library import limits
from tongyan.library.errors import Locked
from tongyan.library.exchange.bundles import Bundle, open_bundle
from tongyan.library.exchange.plans import Draft, File, Item, Plan, Tree, plan_of
from tongyan.library.models import (
    Licence,
    PackageItem,
    Resource,
    ResourceKind,
    Transfer,
    TransferKind,
    TransferState,
)
from tongyan.library.names import clean_name, clean_text, extension, stem
from tongyan.library.parts import Readable
from tongyan.library.services.editing import ResourceEdit, edit_resource, own_file
from tongyan.library.services.packages import MAX_DEPTH
from tongyan.library.services.said_elsewhere import edit_from
from tongyan.library.services.sheet_rows import EDITABLE, Words, edit_of, places_of
from tongyan.library.services.transfers import KEPT_CHECKED, locked, subject
from tongyan.library.services.uploads import bring_file

MAX_PACKED = 1 << 30
SHOWN, SHOWN_REFUSED = 50, 200
ARCHIVES = {"zip", "imscc"}


def check_archive(actor: Actor, filename: str, stream: BinaryIO) -> Transfer:
    """Look through an archive and remember what it would bring; no draft is made. Raises Invalid, TooLarge."""
    if extension(filename) not in ARCHIVES:
        raise Invalid("transfer.not_an_archive")
    blob = file_store().put(_Bounded(stream))  # type: ignore[arg-type] # only its `read` is used
    return _remember(actor, filename, blob.sha256, blob.size)


def unpack_file(actor: Actor, file_id: UUID) -> Transfer:
    """Look through an archive that lies among one's own drafts. Raises NotFound, Forbidden, Conflict, Invalid."""
    file = own_file(actor, file_id)
    if file.sha256 is None or extension(file.name) not in ARCHIVES:
        raise Conflict("transfer.not_an_archive")
    return _remember(actor, file.name, file.sha256, file.size)


class _Bounded:
    """Reads no more than an archive may have."""

    def __init__(self, stream: Readable) -> None:
        self._stream, self._room = stream, MAX_PACKED

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes. Raises TooLarge."""
        block = self._stream.read(size)
        self._room -= len(block)
        if self._room < 0:
            raise TooLarge("transfer.archive_too_large", limit=MAX_PACKED >> 30)
        return block


def _remember(actor: Actor, filename: str, sha256: str, size: int) -> Transfer:
    with open_bundle(file_store().path(sha256)) as bundle:
        found = _look_through(bundle)
    with transaction() as session:
        limits.check_quota(actor, found.report["bytes"])
        transfer = Transfer(
            person_id=actor.person_id,
            school_id=actor.school_id,
            kind=TransferKind.IMPORT_ARCHIVE,
            state=TransferState.CHECKED,
            filename=clean_name(filename),
            sha256=sha256,
            size=size,
            report=found.report,
            expires_at=now() + KEPT_CHECKED,
        )
        session.add(transfer)
        session.flush()  # the trail names the id
        record(actor, "library:transfer:check", subject(transfer.id), name=transfer.filename)
    return transfer


@dataclass(frozen=True, slots=True)
class _Found:
    plan: Plan
    report: dict[str, Any]


def _look_through(bundle: Bundle) -> _Found:
    plan = plan_of(bundle)
    _leave_out_large(plan, bundle)
    if not plan.drafts:
        raise Invalid("transfer.nothing_inside")
    packages = {tree.key for tree in plan.trees}
    report = {
        "form": plan.form,
        "drafts": len([draft for draft in plan.drafts if draft.files]),
        "files": sum(len(draft.files) for draft in plan.drafts),
        "bytes": sum(bundle.size(file.entry) for draft in plan.drafts for file in draft.files),
        "packages": [draft.title for draft in plan.drafts if draft.key in packages],
        "names": [file.path for draft in plan.drafts for file in draft.files][:SHOWN],
        "refused": [list(each) for each in plan.left_out[:SHOWN_REFUSED]],
        "refused_count": len(plan.left_out),
    }
    return _Found(plan, report)


def _leave_out_large(plan: Plan, bundle: Bundle) -> None:
    """Leave out what is over the limit of its kind."""
    for draft in plan.drafts:
        large = [file for file in draft.files if _over_limit(bundle, file)]
        plan.left_out += [(file.entry, "file.too_large") for file in large]
        draft.files = [file for file in draft.files if file not in large]
    holding = {tree.key for tree in plan.trees}
    plan.drafts = [draft for draft in plan.drafts if draft.files or draft.key in holding]


def _over_limit(bundle: Bundle, file: File) -> bool:
    return bundle.size(file.entry) > limits.FAMILY_LIMITS[limits.family_by_name(file.path)]


def run_import(actor: Actor, transfer: Transfer, tell: Callable[[int], None]) -> None:
    """Unpack an archive into drafts (the job); what was brought by an earlier run is passed over."""
    transfer_id = transfer.id
    try:
        path = file_store().path(transfer.sha256 or "")
    except NotFound as error:
        raise JobFailed("transfer.expired") from error
    release()
    with open_bundle(path) as bundle:
        found = _look_through(bundle)
        bringing = _Bringing(actor, transfer_id, stem(transfer.filename), bundle, found.plan)
        bringing.run(tell)
    with transaction():
        transfer = locked(transfer_id)
        transfer.state, transfer.progress = TransferState.DONE, 100
        transfer.report = found.report | bringing.report()
        record(actor, "library:transfer:imported", subject(transfer_id), files=bringing.files)


class _Bringing:
    """One run over a plan."""

    def __init__(self, actor: Actor, transfer_id: UUID, name: str, bundle: Bundle, plan: Plan) -> None:
        self._actor, self._transfer_id, self._name = actor, transfer_id, name
        self._bundle, self._plan = bundle, plan
        self._made: dict[str, UUID] = {}
        self._packages: list[UUID] = []
        self._refused: list[tuple[str, str]] = []
        self.files = 0

    def run(self, tell: Callable[[int], None]) -> None:
        """Bring every draft, then plant the trees, whose places are known only then."""
        for number, draft in enumerate(self._plan.drafts):
            tell(number * 98 // len(self._plan.drafts))
            self._bring(draft)
        for tree in self._plan.trees:
            self._plant(tree)

    def report(self) -> dict[str, Any]:
        """Return what came of it."""
        left_out = [list(each) for each in [*self._plan.left_out, *self._refused]]
        return {
            "drafts": len(self._made),
            "files": self.files,
            "made": [str(resource_id) for resource_id in self._packages],
            "refused": left_out[:SHOWN_REFUSED],
            "refused_count": len(left_out),
        }

    def _bring(self, draft: Draft) -> None:
        resource_id: UUID | None = None
        for file in draft.files:
            try:
                resource_id = self._bring_file(file, resource_id) or resource_id
            except (StorageFull, Locked):
                raise  # the machine's fault, or another run of this job: not the file's
            except TongyanError as error:
                self._refused.append((file.entry, error.code))
        if resource_id is not None:
            self._made[draft.key] = resource_id
            self._say(draft, resource_id)

    def _bring_file(self, file: File, resource_id: UUID | None) -> UUID | None:
        upload_id = uuid5(self._transfer_id, file.entry)
        with self._bundle.open(file.entry) as stream:
            size = self._bundle.size(file.entry)
            upload = bring_file(self._actor, file.path, size, stream, resource_id=resource_id, upload_id=upload_id)
        self.files += 1
        return upload.resource_id

    def _say(self, draft: Draft, resource_id: UUID) -> None:
        """Let a draft say what is known about it; what the library does not take is left as it was proposed."""
        resource = db.session.get(Resource, resource_id)
        if resource is None:
            return
        edit = self._edit(draft, resource)
        if edit == edit_of(resource):
            return
        name = draft.title or draft.files[0].entry
        try:
            edit_resource(self._actor, resource_id, edit)
        except Invalid as error:  # the standards of another place, say: the rest is taken over all the same
            known = {field: getattr(edit_of(resource), field) for field in error.errors if field in EDITABLE}
            self._refused.append((name, next(iter(error.errors.values()), [error.code])[0]))
            with suppress(TongyanError):
                edit_resource(self._actor, resource_id, replace(edit, **known))
        except TongyanError as error:
            self._refused.append((name, error.code))

    def _edit(self, draft: Draft, resource: Resource) -> ResourceEdit:
        edit = edit_of(resource)
        if draft.cells:
            words = Words(self._actor, [draft.cells], [resource])
            reading = words.read(resource, draft.cells, clear=False)
            self._refused += [(draft.cells.get("title", draft.key), doubt.code) for doubt in reading.doubts]
            return reading.edit
        node = places_of([draft.place]).get(draft.place) if draft.place else None
        return edit_from(edit, draft.said, draft.title, node)

    def _plant(self, tree: Tree) -> None:
        """Make the course package and its tree; both, or neither."""
        draft = next((each for each in self._plan.drafts if each.key == tree.key), None)
        if draft is None:
            return
        package_id = self._made.get(tree.key) or uuid5(self._transfer_id, f"package:{tree.key}")
        with transaction() as session:
            package = session.get(Resource, package_id)
            if package is None:
                package = self._package(package_id, draft)
                session.add(package)
                session.flush()  # the items refer to it
            if not exists(select(PackageItem.id).where(PackageItem.package_id == package_id)):
                package.kind = ResourceKind.PACKAGE
                self._items(package_id, None, tree.items)
        self._made[tree.key] = package_id
        self._packages.append(package_id)
        if not draft.files:
            self._say(draft, package_id)

    def _package(self, package_id: UUID, draft: Draft) -> Resource:
        title = clean_text(draft.title or self._name)[:200]
        package = Resource(
            id=package_id,
            title=title,
            kind=ResourceKind.PACKAGE,
            licence=Licence.CC_BY_NC,
            owner_id=self._actor.person_id,
            school_id=self._actor.school_id,
            audience=user_key(self._actor.person_id),
        )
        package.put(None, None, None, None)
        return package

    def _items(self, package_id: UUID, parent_id: UUID | None, items: Sequence[Item], depth: int = 1) -> None:
        for position, item in enumerate(items, 1):
            row = PackageItem(
                package_id=package_id,
                parent_id=parent_id,
                position=float(position),
                title=(clean_text(item.title).strip() or "未命名")[:200],
                note=item.note[:500],
                target_id=self._made.get(item.key or ""),
            )
            db.session.add(row)
            db.session.flush()  # the next may stand below it
            below = row.id if depth < MAX_DEPTH else parent_id  # what lies deeper than we show stands beside
            self._items(package_id, below, item.below, depth + 1)
