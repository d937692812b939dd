"""Exports and imports of the world of the browser tests: one that is done, one that waits, one with problems."""

import io
from types import SimpleNamespace
from uuid import UUID

from tests.library import samples
from tongyan.kernel.sheets import write_rows
from tongyan.library.exchange.sheets import HEADERS
from tongyan.library.models import TransferKind
from tongyan.library.services import exports, imports, sheet_imports, sheet_rows
from tongyan.org.actors import actor_for


def move(cast: SimpleNamespace) -> list[UUID]:
    """Begin some and return their ids; the export is done when the jobs have run."""
    owner = actor_for(cast.owner)
    made = exports.start_export(owner, TransferKind.EXPORT_FOLDERS, cast.shared)
    archive = samples.archive(("三上/第二单元/山行.txt", b"a"), ("程序.exe", b"MZ"))
    checked = imports.check_archive(owner, "第二单元.zip", io.BytesIO(archive))
    rows = sheet_rows.rows_of(owner, exports.readable(owner, cast.drafts[:1]))
    rows[0][HEADERS.index("标题")] = "山行（新）"
    content = write_rows("资源信息", HEADERS, [*rows, ["没有这个编号"]])
    sheet = sheet_imports.check_sheet(owner, "信息表.xlsx", io.BytesIO(content))
    return [made.id, checked.id, sheet.id]
