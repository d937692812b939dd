"""A sheet of metadata that comes back: check, look, confirm; then row by row, each for itself.

The check rehearses every row with the use case that will write it, so that what it promises is what happens. The job
notes each row together with its change: a killed job goes on with the next row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from tongyan.kernel.audit import record
from tongyan.kernel.batches import batches
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Invalid, NotFound, TongyanError, TooLarge
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import JobFailed
from tongyan.kernel.permissions import Actor, can, visible
from tongyan.kernel.sheets import MAX_BYTES, Sheet, read_rows
from tongyan.library.exchange.sheets import COLUMNS, FILES, NUMBER, VERSION, plain
from tongyan.library.models import Resource, ResourceState, Transfer, TransferKind, TransferState
from tongyan.library.names import clean_name, clean_path
from tongyan.library.policy import Action
from tongyan.library.services.editing import ResourceEdit, edit_resource
from tongyan.library.services.sheet_rows import BATCH, READ, Change, Words
from tongyan.library.services.transfers import KEPT_CHECKED, locked, subject

MAX_ROWS = 2_000
SHOWN_ROWS, SHOWN_PROBLEMS = 100, 200
REHEARSED = 50  # rows in one transaction: others want to write too
HEADERS = {each.key: each.header for each in READ}


@dataclass(slots=True)
class Row:
    """A row of the sheet: the resource it means, and what it would make of it."""

    number: int
    resource_id: UUID
    title: str
    edit: ResourceEdit
    changes: list[Change]


@dataclass(slots=True)
class Problem:
    """What keeps a row from being followed; `data` fills the sentence of the code."""

    row: int
    column: str
    code: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Checked:
    """What a sheet would do: rows that change something, and problems; a row with a problem is passed over."""

    rows: list[Row]
    problems: list[Problem]
    total: int


class _Rehearsed(Exception):
    """Nothing of what was rehearsed is kept."""


def check_sheet(actor: Actor, filename: str, stream: BinaryIO) -> Transfer:
    """Check a sheet and remember what it would change; nothing is written. Raises Invalid, TooLarge."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TooLarge("sheet.too_large", limit=MAX_BYTES // 1024 // 1024)
    checked = _checked(actor, _read(BytesIO(content)))
    blob = file_store().put(BytesIO(content))
    with transaction() as session:
        transfer = Transfer(
            person_id=actor.person_id,
            school_id=actor.school_id,
            kind=TransferKind.IMPORT_SHEET,
            state=TransferState.CHECKED,
            filename=clean_name(filename),
            sha256=blob.sha256,
            size=blob.size,
            report=_report(checked),
            expires_at=now() + KEPT_CHECKED,
        )
        session.add(transfer)
        session.flush()  # the trail names the id
        record(actor, "library:transfer:check", subject(transfer.id), name=transfer.filename, rows=checked.total)
    return transfer


def _read(stream: BinaryIO) -> Sheet:
    sheet = read_rows(stream, COLUMNS)
    if not {NUMBER, FILES} & set(sheet.headers):
        raise Invalid("sheet.header_missing", headers=f"{NUMBER}、{FILES}")
    if not sheet.rows:
        raise Invalid("sheet.no_rows")
    if len(sheet.rows) > MAX_ROWS:
        raise TooLarge("sheet.too_many_rows", limit=MAX_ROWS)
    return sheet


def _report(checked: Checked) -> dict[str, Any]:
    bad = {problem.row for problem in checked.problems}
    rows = [
        {"row": row.number, "title": row.title, "changes": [list(change) for change in row.changes]}
        for row in checked.rows[:SHOWN_ROWS]
    ]
    problems = [
        {"row": each.row, "column": each.column, "code": each.code, "data": each.data}
        for each in checked.problems[:SHOWN_PROBLEMS]
    ]
    return {
        "rows": rows,
        "total": checked.total,
        "changed": len(checked.rows),
        "bad": len(bad),
        "problems": problems,
        "problem_count": len(checked.problems),
    }


def sheet_problems(actor: Actor, transfer: Transfer) -> list[Problem]:
    """Return everything that keeps rows of a sheet from being followed, as of now. Raises NotFound, Invalid."""
    if transfer.kind is not TransferKind.IMPORT_SHEET:
        raise NotFound
    with file_store().open(transfer.sha256 or "") as stream:
        return _checked(actor, _read(stream)).problems


def _checked(actor: Actor, sheet: Sheet) -> Checked:
    problems = [Problem(each.row, each.column, each.code, each.data or {}) for each in sheet.problems]
    rows = list(_Matching(actor, sheet, problems).rows())
    for some in batches(list(rows), REHEARSED):
        problems += _rehearse(actor, some)
    bad = {problem.row for problem in problems}
    order = [NUMBER, VERSION, FILES, *HEADERS.values()]
    problems.sort(key=lambda each: (each.row, order.index(each.column) if each.column in order else -1))
    good = [row for row in rows if row.number not in bad]
    return Checked(good, problems, len(sheet.rows))


class _Matching:
    """Finds the resource of each row, and reads the row against it."""

    def __init__(self, actor: Actor, sheet: Sheet, problems: list[Problem]) -> None:
        self._actor, self._rows, self._problems = actor, sheet.rows, problems
        self._seen: dict[UUID, int] = {}

    def rows(self) -> Iterator[Row]:
        """Give the rows that change something; what is wrong with others is added to the problems."""
        named = {number: _uuid(plain(cells.get(NUMBER, ""))) for number, cells in self._rows}
        by_id = _by_id(self._actor, [resource_id for resource_id in named.values() if resource_id])
        by_path = _by_path(self._actor) if any(not cells.get(NUMBER) for _, cells in self._rows) else {}
        words = Words(self._actor, [cells for _, cells in self._rows], [*by_id.values(), *_first(by_path)])
        for number, cells in self._rows:
            if cells.get(NUMBER):
                resource = self._by_number(number, cells, by_id.get(named[number] or UUID(int=0)))
            else:
                resource = self._by_file(number, cells, by_path)
            if resource is None or not self._once(number, resource):
                continue
            reading = words.read(resource, cells, clear=bool(cells.get(NUMBER)))
            self._problems += [Problem(number, *doubt) for doubt in reading.doubts]
            if reading.changes and not reading.doubts:
                yield Row(number, resource.id, resource.title, reading.edit, reading.changes)

    def _by_number(self, number: int, cells: dict[str, str], resource: Resource | None) -> Resource | None:
        if resource is None:
            return self._refuse(number, NUMBER, "sheet.unknown_number")
        if not can(self._actor, Action.RESOURCE_EDIT, resource):
            return self._refuse(number, NUMBER, "sheet.not_yours")
        version = cells.get(VERSION, "")
        if version and version != str(resource.version):
            return self._refuse(number, VERSION, "sheet.stale")
        return resource

    def _by_file(self, number: int, cells: dict[str, str], by_path: dict[str, list[Resource]]) -> Resource | None:
        path = clean_path(plain(cells.get(FILES, "")).partition("\n")[0])
        if not path:
            return self._refuse(number, NUMBER, "sheet.row_without_number")
        found = by_path.get(path.casefold(), [])
        if len(found) != 1:
            return self._refuse(number, FILES, "sheet.file_ambiguous" if found else "sheet.file_unknown")
        return found[0]

    def _once(self, number: int, resource: Resource) -> bool:
        first = self._seen.setdefault(resource.id, number)
        if first != number:
            self._problems.append(Problem(number, NUMBER, "sheet.row_twice", {"row": first}))
        return first == number

    def _refuse(self, number: int, column: str, code: str) -> Resource | None:
        self._problems.append(Problem(number, column, code))
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_id(actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Resource]:
    found: dict[UUID, Resource] = {}
    for some in batches(ids, BATCH):
        wanted = select(Resource).where(Resource.id.in_(some), visible(actor, Resource))
        found |= {resource.id: resource for resource in db.session.scalars(wanted.options(*_loading()))}
    return found


def _by_path(actor: Actor) -> dict[str, list[Resource]]:
    """Return the actor's drafts by the path of each file, and by its name alone."""
    mine = (Resource.owner_id == actor.person_id) & (Resource.state == ResourceState.DRAFT)
    found: dict[str, list[Resource]] = {}
    for resource in db.session.scalars(select(Resource).where(mine).options(*_loading())):
        paths = {text.casefold() for file in resource.files for text in (file.path or file.name, file.name)}
        for path in paths:
            found.setdefault(path, []).append(resource)
    return found


def _loading() -> tuple[Any, ...]:
    return selectinload(Resource.files), selectinload(Resource.alignments)


def _first(by_path: dict[str, list[Resource]]) -> list[Resource]:
    return list({resource.id: resource for some in by_path.values() for resource in some}.values())


def _rehearse(actor: Actor, rows: Sequence[Row]) -> list[Problem]:
    """Do what the rows ask for, note what is refused, and take all of it back."""
    problems: list[Problem] = []
    try:
        with transaction() as session:
            for row in rows:
                try:
                    with session.begin_nested():
                        edit_resource(actor, row.resource_id, row.edit)
                        session.flush()  # what the database refuses is refused here
                except TongyanError as error:
                    problems += _problems_of(row.number, error)
            raise _Rehearsed
    except _Rehearsed:
        return problems


def _problems_of(number: int, error: TongyanError) -> list[Problem]:
    errors = error.errors if isinstance(error, Invalid) else {}
    if not errors:
        return [Problem(number, "", error.code, dict(error.data))]
    return [Problem(number, HEADERS.get(name, ""), code) for name, codes in errors.items() for code in codes]


def run_sheet(actor: Actor, transfer: Transfer, tell: Callable[[int], None]) -> None:
    """Follow a confirmed sheet row by row (the job); each row is checked again as it is written."""
    transfer_id, done = transfer.id, int(transfer.report.get("done", 0))
    try:
        with file_store().open(transfer.sha256 or "") as stream:
            sheet = _read(stream)
    except NotFound as error:
        raise JobFailed("transfer.expired") from error
    rest = [(number, cells) for number, cells in sheet.rows if number > done]
    checked = _checked(actor, Sheet(sheet.headers, rest, [each for each in sheet.problems if each.row > done]))
    for place, row in enumerate(checked.rows):
        tell(place * 98 // len(checked.rows))
        _follow(actor, transfer_id, row)
    with transaction():
        transfer = locked(transfer_id)
        refused = [*transfer.report.get("refused", []), *_left(checked.problems)]
        transfer.report = transfer.report | {"refused": refused[:SHOWN_PROBLEMS]}
        transfer.state, transfer.progress = TransferState.DONE, 100
        written = transfer.report.get("written", 0)
        record(actor, "library:transfer:imported", subject(transfer_id), rows=written)


def _follow(actor: Actor, transfer_id: UUID, row: Row) -> None:
    """Write one row and note it, both or neither; a refusal is noted instead."""
    try:
        with transaction():
            edit_resource(actor, row.resource_id, row.edit)
            _note(transfer_id, row.number, None)
    except TongyanError as error:
        with transaction():
            _note(transfer_id, row.number, _problems_of(row.number, error))


def _note(transfer_id: UUID, number: int, problems: Sequence[Problem] | None) -> None:
    transfer = locked(transfer_id)
    report = transfer.report | {"done": number}
    if problems is None:
        report["written"] = report.get("written", 0) + 1
    else:
        report["refused"] = [*report.get("refused", []), *_left(problems)]
    transfer.report = report


def _left(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [{"row": each.row, "column": each.column, "code": each.code, "data": each.data} for each in problems]
