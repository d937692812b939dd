"""The sheet of metadata, out and back: checked, shown, confirmed, then followed row by row."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import time_machine
from openpyxl import Workbook, load_workbook

from tests.factories import fresh, save
from tests.library import moving
from tongyan.accounts.models import Person
from tongyan.curriculum.models import Level, Node
from tongyan.kernel.clock import now
from tongyan.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from tongyan.kernel.ids import new_id
from tongyan.kernel.permissions import Actor, school_key
from tongyan.library import services as library
from tongyan.library.exchange.sheets import FILES, HEADERS, NUMBER, VERSION
from tongyan.library.models import (
    Difficulty,
    Licence,
    Resource,
    ResourceFile,
    ResourceKind,
    Transfer,
    TransferKind,
    TransferState,
)
from tongyan.library.services import sheet_imports, sheet_rows
from tongyan.library.services import transfers as service

Ingest = Callable[..., ResourceFile]
Run = Callable[[], int]
Row = dict[str, Any]
LINE = ("小学", "语文", "统编版", "三年级上册", "第二单元")


@pytest.fixture
def place(owner: Actor) -> Node:
    """Give a place of the curriculum with everything above it, and a twin of the same titles that is out of use."""
    for retired in (True, False):
        path, parent = "/", None
        for level, title in zip(Level, LINE, strict=False):
            node_id = new_id()
            path += f"{node_id.hex}/"
            said = {"stage": "primary", "subject": "语文" if level is not Level.STAGE else ""}
            if level in {Level.VOLUME, Level.UNIT}:
                said |= {"edition": "统编版", "grade": 3, "volume": "上册"}
            if retired:
                said |= {"retired_on": now().date()}
            parent = save(
                Node(id=node_id, parent_id=parent, level=level, title=title, position=1.0, path=path, **said)
            ).id
    return fresh(Node, node_id)


def rows_out(by: Actor, *resources: Resource) -> list[Row]:
    """Return rows as they are taken along, by header."""
    return [dict(zip(HEADERS, row, strict=True)) for row in sheet_rows.rows_of(by, resources)]


def book(rows: list[Row], headers: list[str] | None = None) -> io.BytesIO:
    """Return a workbook of such rows."""
    headers = headers or list(rows[0])
    workbook = Workbook()
    workbook.active.append(headers)
    for row in rows:
        workbook.active.append([row.get(header, "") for header in headers])
    stream = io.BytesIO()
    workbook.save(stream)
    stream.seek(0)
    return stream


def check(by: Actor, *rows: Row) -> Transfer:
    """Have a sheet of these rows checked."""
    return sheet_imports.check_sheet(by, "信息表.xlsx", book(list(rows)))


def problems(transfer: Transfer) -> list[tuple[int, str, str]]:
    """Return what is wrong, by row and column."""
    return [(each["row"], each["column"], each["code"]) for each in transfer.report["problems"]]


def follow(by: Actor, transfer: Transfer, run_jobs: Run) -> Transfer:
    """Confirm a sheet and let the job follow it."""
    service.confirm_transfer(by, transfer.id)
    run_jobs()
    return fresh(Transfer, transfer.id)


def draft(ingested: Ingest, name: str = "山行.txt", **meant: Any) -> Resource:
    """Bring a draft."""
    return ingested(name, name.encode(), **meant).resource


def test_a_sheet_that_nobody_touched_changes_nothing(owner: Actor, ingested: Ingest, place: Node) -> None:
    resource = draft(ingested)
    edit = library.ResourceEdit(
        title="=山行", kind=ResourceKind.EXAM, summary=" 两\n行 ", keywords=["a b", "-c"], licence=Licence.CC0,
        source="@来源",
        node_id=place.id, for_whom=["student"], difficulty=Difficulty.BASIC, periods=2,
        contributors=[{"name": "乙", "role": "制作"}, {"name": "丙", "role": ""}],
    )  # fmt: skip
    library.edit_resource(owner, resource.id, edit)
    [row] = rows_out(owner, fresh(Resource, resource.id))
    assert row["教材位置"] == " / ".join(LINE)
    assert row["贡献者"] == "乙（制作）、丙"
    values = load_workbook(io.BytesIO(written(owner, fresh(Resource, resource.id)))).active.values
    headers, cells = list(values)
    transfer = check(owner, dict(zip(headers, [each or "" for each in cells], strict=True)))
    assert (transfer.report["changed"], problems(transfer)) == (0, [])


def written(by: Actor, resource: Resource) -> bytes:
    """Return the sheet of a resource."""
    from tongyan.kernel.sheets import write_rows  # noqa: PLC0415 # beside what it checks

    return write_rows("资源信息", HEADERS, sheet_rows.rows_of(by, [resource]))


def test_nothing_is_written_before_it_is_confirmed_and_then_all_of_it(
    owner: Actor, ingested: Ingest, place: Node, run_jobs: Run
) -> None:
    resource = draft(ingested)
    [row] = rows_out(owner, resource)
    row |= {
        "标题": "枫林晚", "类型": "课件", "关键词": "杜牧、秋天 霜叶", "摘要": "停车坐爱枫林晚", "许可": "cc by",
        "来源": "全唐诗",
        "教材位置": " / ".join(LINE), "适用对象": "学生、教师", "难度": "提高", "建议课时": "2",
        "贡献者": "乙老师（制作）、丙",
    }  # fmt: skip
    transfer = check(owner, row)
    assert fresh(Resource, resource.id).title == "山行"
    assert {change[0] for change in transfer.report["rows"][0]["changes"]} >= {"标题", "教材位置", "难度"}
    done = follow(owner, transfer, run_jobs)
    after = fresh(Resource, resource.id)
    assert (done.state, done.report["written"], done.report["refused"]) == (TransferState.DONE, 1, [])
    assert (after.title, after.kind, after.keywords) == ("枫林晚", ResourceKind.COURSEWARE, ["杜牧", "秋天", "霜叶"])
    assert (after.summary, after.licence, after.source) == ("停车坐爱枫林晚", Licence.CC_BY, "全唐诗")
    assert (after.node_id, after.subject, after.grade) == (place.id, "语文", 3)
    assert (after.for_whom, after.difficulty, after.periods) == (["teacher", "student"], Difficulty.ADVANCED, 2)
    assert after.contributors == [{"name": "乙老师", "role": "制作"}, {"name": "丙", "role": ""}]


def test_a_new_subject_gives_up_the_place_of_the_old_one(
    owner: Actor, ingested: Ingest, place: Node, run_jobs: Run
) -> None:
    resource = draft(ingested)
    edit = library.ResourceEdit(title="山行", kind=ResourceKind.EXAM, node_id=place.id)
    library.edit_resource(owner, resource.id, edit)
    [row] = rows_out(owner, fresh(Resource, resource.id))
    transfer = check(owner, row | {"年级": "4年级"})
    assert ["教材位置", " / ".join(LINE), ""] in transfer.report["rows"][0]["changes"]
    follow(owner, transfer, run_jobs)
    after = fresh(Resource, resource.id)
    assert (after.grade, after.node_id, after.subject) == (4, None, "语文")


def test_an_empty_cell_empties_the_value_in_a_row_with_a_number(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    resource = draft(ingested)
    library.edit_resource(
        owner,
        resource.id,
        library.ResourceEdit(title="山行", kind=ResourceKind.EXAM, keywords=["秋"], licence=Licence.CC0),
    )
    [row] = rows_out(owner, fresh(Resource, resource.id))
    follow(owner, check(owner, row | {"关键词": "", "许可": ""}), run_jobs)
    after = fresh(Resource, resource.id)
    assert (after.keywords, after.licence) == ([], None)


@pytest.mark.parametrize(
    "bad",
    [
        ({"类型": "小说"}, "类型", "sheet.unknown_word"),
        ({"类型": ""}, "类型", "sheet.value_missing"),
        ({"标题": ""}, "标题", "sheet.value_missing"),
        ({"标题": "长" * 201}, "标题", "resource.too_long"),
        ({"年级": "十三年级"}, "年级", "sheet.unknown_word"),
        ({"建议课时": "两"}, "建议课时", "sheet.number"),
        ({"建议课时": "99"}, "建议课时", "resource.periods"),
        ({"适用对象": "校长"}, "适用对象", "sheet.unknown_word"),
        ({"贡献者": "（无名）"}, "贡献者", "sheet.contributors"),
        ({"教材位置": "小学 / 没有"}, "教材位置", "sheet.place_unknown"),
        ({"教材位置": " / ".join(LINE), "年级": "五年级"}, "教材位置", "sheet.place_disagrees"),
        ({"学科": "炼金术"}, "学科", "sheet.subject_unknown"),
        ({"课标内容领域": "没有这个领域"}, "课标内容领域", "field.invalid"),
        ({VERSION: "99"}, VERSION, "sheet.stale"),
        ({NUMBER: "不是编号"}, NUMBER, "sheet.unknown_number"),
        ({NUMBER: "00000000-0000-7000-8000-000000000000"}, NUMBER, "sheet.unknown_number"),
        ({"摘要": "=1+1"}, "摘要", "sheet.formula"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(
    owner: Actor, ingested: Ingest, place: Node, bad: tuple[Row, str, str]
) -> None:
    cells, column, code = bad
    [row] = rows_out(owner, draft(ingested))
    transfer = check(owner, row | cells)
    assert (2, column, code) in problems(transfer)
    assert transfer.report["changed"] == 0


def test_rows_of_others_and_of_twins_are_refused(
    owner: Actor,
    cast: SimpleNamespace,
    actor: Callable[[Person], Actor],
    shared: Callable[..., Resource],
    ingested: Ingest,
) -> None:
    theirs = shared(actor(cast.colleague), school_key(cast.core.id))
    hidden = ingested("秘密.txt", b"x", by=actor(cast.outsider)).resource
    mine = draft(ingested, "我的.txt")
    rows = [*rows_out(owner, theirs, hidden, mine), *rows_out(owner, mine)]
    transfer = check(owner, *(row | {"标题": "改名"} for row in rows))
    assert problems(transfer) == [
        (2, NUMBER, "sheet.not_yours"),
        (3, NUMBER, "sheet.unknown_number"),
        (5, NUMBER, "sheet.row_twice"),
    ]
    assert "秘密" not in str(transfer.report)


def test_new_files_are_found_by_their_path(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    first = draft(ingested, "山行.txt", path="三上/第二单元/山行.txt")
    second = draft(ingested, "山行.txt", path="四上/山行.txt")
    alone = draft(ingested, "唯一.txt")
    rows = [
        {FILES: "三上/第二单元/山行.txt", "标题": "甲", "关键词": "秋", "许可": ""},
        {FILES: "四上/山行.txt", "标题": "乙", "关键词": "", "许可": ""},
        {FILES: "唯一.txt", "标题": "丙", "关键词": "", "许可": ""},
        {FILES: "山行.txt", "标题": "丁", "关键词": "", "许可": ""},
        {FILES: "没有.txt", "标题": "戊", "关键词": "", "许可": ""},
        {FILES: "", "标题": "己", "关键词": "", "许可": ""},
    ]
    transfer = check(owner, *rows)
    assert problems(transfer) == [
        (5, FILES, "sheet.file_ambiguous"), (6, FILES, "sheet.file_unknown"), (7, NUMBER, "sheet.row_without_number"),
    ]  # fmt: skip
    done = follow(owner, transfer, run_jobs)
    assert [fresh(Resource, each.id).title for each in (first, second, alone)] == ["甲", "乙", "丙"]
    assert fresh(Resource, first.id).licence is Licence.CC_BY_NC  # an empty cell keeps what was proposed
    assert len(done.report["refused"]) == 3


def test_a_row_that_went_bad_after_the_check_is_passed_over(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    first, second = draft(ingested, "甲.txt"), draft(ingested, "乙.txt")
    rows = [row | {"标题": "新" + row["标题"]} for row in rows_out(owner, first, second)]
    transfer = check(owner, *rows)
    service.confirm_transfer(owner, transfer.id)
    library.edit_resource(owner, first.id, library.ResourceEdit(title="别人先改", kind=ResourceKind.EXAM))
    run_jobs()
    done = fresh(Transfer, transfer.id)
    assert [fresh(Resource, each.id).title for each in (first, second)] == ["别人先改", "新乙"]
    assert [each["code"] for each in done.report["refused"]] == ["sheet.stale"]


def test_what_is_refused_in_the_very_moment_is_noted(
    owner: Actor, ingested: Ingest, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = draft(ingested)
    [row] = rows_out(owner, resource)
    transfer = check(owner, row | {"标题": "新"})
    service.confirm_transfer(owner, transfer.id)
    monkeypatch.setattr(sheet_imports, "_rehearse", lambda *_args: [])

    def refuses(*_args: Any) -> None:
        raise Conflict("resource.in_review")

    monkeypatch.setattr(sheet_imports, "edit_resource", refuses)
    run_jobs()
    done = fresh(Transfer, transfer.id)
    assert [each["code"] for each in done.report["refused"]] == ["resource.in_review"]
    assert (done.state, done.report["done"]) == (TransferState.DONE, 2)


def test_a_killed_job_goes_on_with_the_next_row(
    owner: Actor, ingested: Ingest, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    resources = [draft(ingested, f"{number}.txt") for number in range(3)]
    rows = [row | {"标题": "新" + row["标题"]} for row in rows_out(owner, *resources)]
    transfer = check(owner, *rows)
    service.confirm_transfer(owner, transfer.id)
    follow_row, followed = sheet_imports._follow, []

    def dies(by: Actor, transfer_id: UUID, row: sheet_imports.Row) -> None:
        if len(followed) == 1:
            raise KeyboardInterrupt
        followed.append(row.number)
        follow_row(by, transfer_id, row)

    monkeypatch.setattr(sheet_imports, "_follow", dies)
    with pytest.raises(KeyboardInterrupt):
        run_jobs()
    monkeypatch.setattr(sheet_imports, "_follow", follow_row)
    moving.revive_jobs()
    run_jobs()
    done = fresh(Transfer, transfer.id)
    assert [fresh(Resource, each.id).title for each in resources] == ["新0", "新1", "新2"]
    assert (done.report["written"], done.report["refused"]) == (3, [])


def test_a_second_confirmation_changes_nothing(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    resource = draft(ingested)
    [row] = rows_out(owner, resource)
    transfer = check(owner, row | {"标题": "新"})
    follow(owner, transfer, run_jobs)
    version = fresh(Resource, resource.id).version
    assert follow(owner, transfer, run_jobs).state is TransferState.DONE
    assert fresh(Resource, resource.id).version == version


def test_a_check_that_is_too_old_is_not_followed(owner: Actor, ingested: Ingest) -> None:
    [row] = rows_out(owner, draft(ingested))
    transfer = check(owner, row | {"标题": "新"})
    with time_machine.travel(now() + timedelta(days=2), tick=False), pytest.raises(Conflict):
        service.confirm_transfer(owner, transfer.id)


def test_an_export_is_nothing_to_confirm(owner: Actor, ingested: Ingest) -> None:
    from tongyan.library.services import exports  # noqa: PLC0415 # only here

    made = exports.start_export(owner, TransferKind.EXPORT_FOLDERS, [draft(ingested).id])
    with pytest.raises(NotFound):
        service.confirm_transfer(owner, made.id)
    with pytest.raises(NotFound):
        sheet_imports.sheet_problems(owner, made)


def test_sheets_that_are_none_are_refused(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid):
        sheet_imports.check_sheet(owner, "a.xlsx", io.BytesIO(b"no workbook"))
    with pytest.raises(Invalid, match="header_missing"):
        sheet_imports.check_sheet(owner, "a.xlsx", book([{"标题": "a"}]))
    with pytest.raises(Invalid, match="no_rows"):
        sheet_imports.check_sheet(owner, "a.xlsx", book([], [NUMBER, "标题"]))
    monkeypatch.setattr(sheet_imports, "MAX_ROWS", 1)
    with pytest.raises(TooLarge):
        check(owner, {NUMBER: "1"}, {NUMBER: "2"})
    monkeypatch.setattr(sheet_imports, "MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        check(owner, {NUMBER: "1"})


def test_bytes_that_are_gone_end_in_a_sentence(owner: Actor, ingested: Ingest, run_jobs: Run, app: Any) -> None:
    [row] = rows_out(owner, draft(ingested))
    transfer = check(owner, row | {"标题": "新"})
    service.confirm_transfer(owner, transfer.id)
    for path in (Path(app.config["DATA_DIR"]) / "files").glob("??/??/*"):
        path.unlink()
    run_jobs()
    assert service.outcomes([fresh(Transfer, transfer.id)])[transfer.id].code == "transfer.expired"
