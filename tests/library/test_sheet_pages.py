"""The sheet of metadata in a browser, and in another spreadsheet program."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.factories import fresh
from tests.library import moving
from tests.library.test_sheets import book, draft, rows_out, written
from tongyan.accounts.models import Person
from tongyan.kernel.permissions import Actor
from tongyan.library.exchange.sheets import FILES, NUMBER, VERSION
from tongyan.library.models import Resource, ResourceFile, TransferKind

Ingest = Callable[..., ResourceFile]
Run = Callable[[], int]


def send(browser: FlaskClient, stream: io.BytesIO) -> Any:
    """Send a sheet as a browser does."""
    boundary, body = encode_multipart({"sheet": FileStorage(stream, "信息表.xlsx")})
    address = "/library/transfers/sheet"
    return browser.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_from_download_to_result_in_a_browser(
    ingested: Ingest, run_jobs: Run, cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]
) -> None:
    resource, browser = draft(ingested), sign_in(cast.owner)
    workbook = load_workbook(io.BytesIO(browser.get("/library/export.xlsx?mine=1").data))
    table = workbook.active
    headers = [cell.value for cell in table[1]]
    assert headers[0] == NUMBER
    table.cell(2, headers.index("标题") + 1).value = "枫林晚"
    table.cell(2, headers.index("类型") + 1).value = "课件"
    table.append([None, None, "没有.txt", "x"])
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    shown = browser.get(send(browser, stream).location)
    assert "修改 1 份资源" in shown.text
    assert "您的草稿里没有这个文件" in shown.text
    address = shown.request.path
    found = list(load_workbook(io.BytesIO(browser.get(f"{address}/problems.xlsx").data)).active.values)
    assert found[1][:2] == (3, FILES)
    browser.post(f"{address}/confirm")
    assert "可以离开这一页" in browser.get(address, headers={"HX-Request": "true"}).text
    run_jobs()
    after = browser.get(address).text
    assert "已按表格修改 1 份资源" in after
    assert "没有写入的行" in after
    assert fresh(Resource, resource.id).title == "枫林晚"


def test_a_sheet_without_changes_offers_nothing_to_confirm(
    owner: Actor, ingested: Ingest, cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]
) -> None:
    rows, browser = rows_out(owner, draft(ingested)), sign_in(cast.owner)
    shown = browser.get(send(browser, book(rows)).location).text
    assert "没有可以写入的改动" in shown
    assert "/confirm" not in shown
    assert send(browser, io.BytesIO(b"x")).status_code == 422


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice")
def test_libreoffice_opens_every_workbook_that_goes_out(
    owner: Actor, ingested: Ingest, run_jobs: Run, tmp_path: Path
) -> None:
    file = ingested("山行.txt", b"a")
    with zipfile.ZipFile(
        io.BytesIO(moving.export(owner, TransferKind.EXPORT_FOLDERS, [file.resource_id], run_jobs))
    ) as packed:
        (tmp_path / "list.xlsx").write_bytes(packed.read("目录.xlsx"))
    (tmp_path / "sheet.xlsx").write_bytes(written(owner, fresh(Resource, file.resource_id)))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    for name in ("list", "sheet"):
        command = [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76",
            f"{name}.xlsx",
        ]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)  # noqa: S603 # found on PATH
        lines = (tmp_path / f"{name}.csv").read_text("utf-8")
        assert lines.startswith(f"{NUMBER},{VERSION},{FILES},标题")
        assert str(file.resource_id) in lines
