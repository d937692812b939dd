"""Taking resources along: as a Common Cartridge or as plain folders, made by a job."""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO
from uuid import UUID
from xml.etree.ElementTree import tostring

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from tongyan.curriculum.models import Level, Node
from tongyan.curriculum.names import grade_name
from tongyan.kernel.audit import record
from tongyan.kernel.batches import batches
from tongyan.kernel.clock import now, today
from tongyan.kernel.db import db, release, transaction
from tongyan.kernel.errors import Invalid, NotFound, TooLarge
from tongyan.kernel.files import file_store, scratch_dir
from tongyan.kernel.jobs import JobFailed
from tongyan.kernel.permissions import Actor, school_key, visible
from tongyan.library.exchange import cartridge, folders
from tongyan.library.exchange.naming import part_name
from tongyan.library.exchange.packing import Tell
from tongyan.library.exchange.parcels import Content, Course, Parcel, Piece, Twig
from tongyan.library.metadata import Shown, lom
from tongyan.library.models import (
    FileState,
    Resource,
    ResourceFile,
    ResourceKind,
    ResourceState,
    Transfer,
    TransferKind,
    TransferState,
)
from tongyan.library.services.contents import items_of, said
from tongyan.library.services.sheet_rows import Line, lines_of, row_of
from tongyan.library.services.transfers import KEPT_DONE, begin, check_open, locked, subject
from tongyan.org.models import OfficeKind, School

MAX_BYTES = 4 << 30
MAX_RESOURCES = 5_000
BATCH = 200
MINE, SCHOOL = "mine", "school"
WRITERS: dict[TransferKind, Callable[[Parcel, BinaryIO, Tell], None]] = {
    TransferKind.EXPORT_CARTRIDGE: cartridge.write,
    TransferKind.EXPORT_FOLDERS: folders.write,
}
ENDINGS = {TransferKind.EXPORT_CARTRIDGE: ".imscc", TransferKind.EXPORT_FOLDERS: ".zip"}
Args = dict[str, Any]  # "ids", or "whole" and "school"

USABLE = {FileState.READY, FileState.DOWNLOAD_ONLY}


def start_export(
    actor: Actor, kind: TransferKind, ids: Sequence[UUID] = (), whole: str = "", school_id: UUID | None = None
) -> Transfer:
    """Have resources packed: those named, or as a whole all of one's own ("mine") or of a school one heads ("school").

    Raises Invalid when nothing is named that the actor may read, Forbidden, NotFound, TooLarge, TooMany.
    """
    if kind not in WRITERS:
        raise Invalid("transfer.kind")
    named = [str(each) for each in dict.fromkeys(ids)]
    args: Args = {"whole": whole, "school": str(school_id)} if whole else {"ids": named}
    with transaction() as session:
        check_open(actor)
        found = _found(actor, args)
        if not found:
            raise Invalid("transfer.nothing")
        _check_size(found)
        transfer = Transfer(
            person_id=actor.person_id,
            school_id=actor.school_id,
            kind=kind,
            filename=_filename(args, found) + ENDINGS[kind],
            args=args,
            expires_at=now() + KEPT_DONE,
        )
        session.add(transfer)
        begin(transfer)
        record(actor, "library:transfer:export", subject(transfer.id), name=transfer.filename, resources=len(found))
    return transfer


def _found(actor: Actor, args: Args) -> list[UUID]:
    """Return the resources that are meant and open to the actor, with what stands in their course packages."""
    if "ids" not in args:
        which = _whole(actor, str(args["whole"]), str(args["school"]))
        ids = list(db.session.scalars(select(Resource.id).where(which).order_by(Resource.id).limit(MAX_RESOURCES + 1)))
        return _with_targets(actor, ids)
    wanted = [UUID(text) for text in args["ids"]]
    return _with_targets(actor, _seen(actor, wanted))


def _whole(actor: Actor, whole: str, school: str) -> ColumnElement[bool]:
    if whole == MINE:
        return (Resource.owner_id == actor.person_id) & (Resource.state != ResourceState.TRASHED)
    if whole != SCHOOL or not actor.holds(OfficeKind.SCHOOL_HEAD, f"school:{school}"):
        raise NotFound
    lasting = (Resource.state == ResourceState.PUBLISHED) | Resource.in_keeping
    return (Resource.school_id == UUID(school)) & lasting & visible(actor, Resource)


def _seen(actor: Actor, ids: Sequence[UUID]) -> list[UUID]:
    """Return those that the actor may read, in the order in which they were named."""
    seen: set[UUID] = set()
    for some in batches(ids, BATCH):
        seen |= set(db.session.scalars(select(Resource.id).where(Resource.id.in_(some), visible(actor, Resource))))
    return [each for each in ids if each in seen]


def _with_targets(actor: Actor, ids: Sequence[UUID]) -> list[UUID]:
    packages: list[Resource] = []
    for some in batches(ids, BATCH):
        wanted = select(Resource).where(Resource.id.in_(some), Resource.kind == ResourceKind.PACKAGE)
        packages += db.session.scalars(wanted).all()
    targets = [UUID(item["target"]) for package in packages for item in items_of(package) if item["target"]]
    return list(dict.fromkeys([*ids, *_seen(actor, targets)]))


def _check_size(ids: Sequence[UUID]) -> None:
    if len(ids) > MAX_RESOURCES:
        raise TooLarge("transfer.too_many", limit=MAX_RESOURCES)
    size = 0
    for some in batches(ids, BATCH):
        current = (ResourceFile.resource_id.in_(some)) & ResourceFile.version_id.is_(None)
        size += int(db.session.scalar(select(func.sum(ResourceFile.size)).where(current)) or 0)
    if size > MAX_BYTES:
        raise TooLarge("transfer.too_much", limit=MAX_BYTES >> 30)


def _filename(args: Args, found: Sequence[UUID]) -> str:
    return part_name(f"{_title(args, found)[:60]}-{today():%Y%m%d}")


def _title(args: Args, found: Sequence[UUID]) -> str:
    if args.get("whole") == MINE:
        return "我的资源"
    if args.get("whole") == SCHOOL:
        return db.session.get_one(School, UUID(str(args["school"]))).name
    if len(args["ids"]) == 1 and found:
        return db.session.get_one(Resource, found[0]).title
    return "课程资源"


def run_export(actor: Actor, transfer: Transfer, tell: Callable[[int], None]) -> None:
    """Pack what the actor may still read, and keep the archive for a week (the job)."""
    transfer_id, kind = transfer.id, transfer.kind
    try:
        parcel = collect(actor, transfer)
    except NotFound as error:  # one who no longer heads the school
        raise JobFailed("transfer.nothing") from error
    if not parcel.pieces:
        raise JobFailed("transfer.nothing")
    release()  # packing takes minutes: hold no connection meanwhile
    with tempfile.TemporaryFile(dir=scratch_dir(), prefix="export-") as draft:
        whole = max(1, parcel.size)
        try:
            WRITERS[kind](parcel, draft, lambda done: tell(min(98, done * 98 // whole)))
        except NotFound as error:
            raise JobFailed("file.lost") from error
        draft.seek(0)
        blob = file_store().put(draft)
    with transaction():
        transfer = locked(transfer_id)
        transfer.sha256, transfer.size = blob.sha256, blob.size
        transfer.state, transfer.progress, transfer.expires_at = TransferState.DONE, 100, now() + KEPT_DONE
        transfer.report = {
            "ids": [str(piece.id) for piece in parcel.pieces],
            "files": sum(len(piece.files) for piece in parcel.pieces),
            "unfinished": parcel.unfinished,
            "closed": len(transfer.args.get("ids", [])) - len(_seen(actor, _named(transfer))),
        }


def _named(transfer: Transfer) -> list[UUID]:
    return [UUID(text) for text in transfer.args.get("ids", [])]


def collect(actor: Actor, transfer: Transfer) -> Parcel:
    """Read all that is to be packed, as it is now."""
    found = _found(actor, transfer.args)
    resources: list[Resource] = []
    for some in batches(found, BATCH):
        resources += db.session.scalars(_loaded().where(Resource.id.in_(some))).all()
    lines = lines_of(resource.node_id for resource in resources)
    resources.sort(key=lambda resource: (lines.get(resource.node_id, ()) if resource.node_id else (), resource.title))
    pieces = [_piece(resource, lines.get(resource.node_id, ()) if resource.node_id else ()) for resource in resources]
    packed = {piece.id for piece in pieces}
    courses = [
        Course(resource.id, tree)
        for resource in resources
        if resource.kind is ResourceKind.PACKAGE and (tree := _tree(resource, packed))
    ]
    unfinished = sum(len(resource.files) for resource in resources) - sum(len(piece.files) for piece in pieces)
    return Parcel(_title(transfer.args, found), pieces, courses, unfinished)


def _loaded() -> Select[Resource]:
    return select(Resource).options(
        joinedload(Resource.owner),
        joinedload(Resource.school),
        joinedload(Resource.node),
        selectinload(Resource.files),
        selectinload(Resource.alignments),
        joinedload(Resource.tally),
        joinedload(Resource.prep_group),
    )


def _piece(resource: Resource, line: Line) -> Piece:
    files = [file for file in resource.files if file.state in USABLE and file.sha256]
    return Piece(
        id=resource.id,
        title=resource.title,
        place=_place(resource, line),
        line=line,
        said=said(resource),
        row=row_of(resource, line),
        lom=tostring(lom(resource, Shown(""))),  # where it can be looked at is nobody's business who has it in hand
        files=tuple(Content(file.name, file.path, file.size, file.sha256 or "") for file in files),
    )


def _place(resource: Resource, line: Line) -> tuple[str, ...]:
    """Return the folders of a resource: 学科, 年级册次, 单元, 课, as far as they are known."""
    node: Node | None = resource.node
    subject_name = resource.subject or "未分学科"
    if node is None or node.level in {Level.STAGE, Level.SUBJECT, Level.EDITION}:
        return (subject_name, grade_name(resource.grade)) if resource.grade else (subject_name,)
    return (subject_name, *line[list(Level).index(Level.VOLUME) :])


def _tree(package: Resource, packed: set[UUID]) -> list[Twig]:
    """Return the tree of a course package; what may not be read is left out, what is gone for good stays as a title."""
    top: list[Twig] = []
    twigs: dict[str | None, list[Twig]] = {None: top}
    for item in items_of(package):  # those above come first
        target = UUID(item["target"]) if item["target"] else None
        if target is not None and target not in packed:
            twigs[item["id"]] = []
            continue
        twig = Twig(item["title"], item["note"], target)
        twigs[item["parent"]].append(twig)
        twigs[item["id"]] = twig.below
    return top


def readable(actor: Actor, ids: Sequence[UUID]) -> list[Resource]:
    """Return those of the resources that the actor may read, in their order. Raises Invalid, TooLarge."""
    found = _seen(actor, list(dict.fromkeys(ids)))
    if not found:
        raise Invalid("transfer.nothing")
    if len(found) > MAX_RESOURCES:
        raise TooLarge("transfer.too_many", limit=MAX_RESOURCES)
    resources: dict[UUID, Resource] = {}
    for some in batches(found, BATCH):
        resources |= {each.id: each for each in db.session.scalars(_loaded().where(Resource.id.in_(some)))}
    return [resources[each] for each in found]


def exportable_school(actor: Actor) -> School | None:
    """Return the school in whose name the actor acts, if they head it: its head may take all of it along."""
    if actor.school_id is None or not actor.holds(OfficeKind.SCHOOL_HEAD, school_key(actor.school_id)):
        return None
    return db.session.get(School, actor.school_id)
