"""Exports and imports as things of one person: how far they are, who gets them, and for how long."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.accounts.helpers import audited
from tests.factories import fresh
from tests.library import moving, samples
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound, StorageFull, TooLarge, TooMany
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import Job, JobState
from tongyan.kernel.permissions import Actor, group_key, school_key
from tongyan.library import services as library
from tongyan.library import sweeping
from tongyan.library.models import Resource, ResourceFile, Transfer, TransferKind
from tongyan.library.services import exports, imports, working
from tongyan.library.services import transfers as service
from tongyan.org.models import Office

Ingest = Callable[..., ResourceFile]
Run = Callable[[], int]
FOLDERS, CARTRIDGE = TransferKind.EXPORT_FOLDERS, TransferKind.EXPORT_CARTRIDGE


@pytest.fixture
def web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.owner)


@pytest.fixture
def reader(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    """Give a teacher of another school of the group."""
    return actor(cast.neighbour)


@pytest.fixture
def head(cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> Actor:
    return actor(cast.head)


@pytest.fixture
def readers_web(cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
    return sign_in(cast.neighbour)


@pytest.fixture
def open_to_group(owner: Actor, cast: SimpleNamespace, shared: Callable[..., Resource]) -> Callable[..., Resource]:
    """Share a file of the owner's with the group."""
    return lambda **file: shared(owner, group_key(cast.group_a.id), **file)


def number_of_transfers() -> int:
    """Return how many there are."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Transfer)) or 0


def state(transfer: Transfer) -> service.Outcome:
    """Return how far a transfer is now."""
    return service.outcomes([fresh(Transfer, transfer.id)])[transfer.id]


# what is taken along


def test_all_of_ones_own_are_taken_along_but_what_is_in_the_trash(
    web: FlaskClient, owner: Actor, ingested: Ingest, run_jobs: Run
) -> None:
    kept, thrown = ingested("山行.txt", b"a"), ingested("旧.txt", b"b")
    library.trash_resource(owner, thrown.resource_id)
    assert web.post("/library/transfers", data={"whole": "mine", "form": "export_folders"}).status_code == 302
    run_jobs()
    [transfer] = service.my_transfers(owner)
    assert transfer.report["ids"] == [str(kept.resource_id)]
    answer = web.get(f"/library/transfers/{transfer.id}/file")
    assert answer.data[:2] == b"PK"
    assert "%E6%88%91%E7%9A%84%E8%B5%84%E6%BA%90" in answer.headers["Content-Disposition"]
    answer.close()
    assert len(audited("library:transfer:download")) == 1


def test_a_head_takes_along_what_the_school_shared(
    cast: SimpleNamespace, head: Actor, owner: Actor, shared: Callable[..., Resource], run_jobs: Run
) -> None:
    opened = shared(owner, school_key(cast.core.id))
    library.create_package(owner, "草稿")
    transfer = exports.start_export(head, CARTRIDGE, whole="school", school_id=cast.core.id)
    run_jobs()
    assert fresh(Transfer, transfer.id).report["ids"] == [str(opened.id)]
    assert fresh(Transfer, transfer.id).filename.startswith(cast.core.name)


def test_only_the_head_takes_a_school_along(
    cast: SimpleNamespace, owner: Actor, web: FlaskClient, sign_in: Callable[[Person], FlaskClient]
) -> None:
    with pytest.raises(NotFound):
        exports.start_export(owner, FOLDERS, whole="school", school_id=cast.core.id)
    with pytest.raises(NotFound):
        exports.start_export(owner, FOLDERS, whole="everything")
    assert web.post("/library/transfers", data={"whole": "school", "form": "export_folders"}).status_code == 422
    assert cast.core.name in sign_in(cast.head).get("/library/transfers").text


def test_nothing_and_too_much_are_refused_before_they_begin(
    owner: Actor, ingested: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid):
        exports.start_export(owner, FOLDERS, [uuid4()])
    with pytest.raises(Invalid):
        exports.start_export(owner, TransferKind.IMPORT_SHEET, [uuid4()])
    with pytest.raises(Invalid):
        exports.readable(owner, [uuid4()])
    ids = [ingested(f"{number}.txt", b"xxxxxx").resource_id for number in range(2)]
    monkeypatch.setattr(exports, "MAX_BYTES", 10)
    with pytest.raises(TooLarge):
        exports.start_export(owner, FOLDERS, ids)
    monkeypatch.setattr(exports, "MAX_RESOURCES", 1)
    with pytest.raises(TooLarge):
        exports.start_export(owner, FOLDERS, ids)
    with pytest.raises(TooLarge):
        exports.readable(owner, ids)
    assert number_of_transfers() == 0


def test_so_many_at_a_time_and_no_more(owner: Actor, ingested: Ingest, web: FlaskClient) -> None:
    resource_id = ingested("山行.txt", b"a").resource_id
    for _ in range(service.MAX_OPEN):
        exports.start_export(owner, FOLDERS, [resource_id])
    with pytest.raises(TooMany):
        exports.start_export(owner, FOLDERS, [resource_id])
    answer = web.post("/library/transfers", data={"whole": "mine", "form": "export_folders"})
    assert answer.status_code == 429
    assert "还没做完" in answer.text


def test_files_that_are_not_ready_are_left_out_and_counted(
    owner: Actor, bring: Ingest, ingested: Ingest, run_jobs: Run
) -> None:
    good = ingested("好.txt", b"a")
    refused = ingested("假.pptx", b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    transfer = exports.start_export(owner, FOLDERS, [good.resource_id, refused.resource_id])
    run_jobs()
    done = fresh(Transfer, transfer.id)
    assert (done.report["files"], done.report["unfinished"]) == (1, 1)


# rights: at the start, when the job begins, at delivery


def test_what_was_closed_before_the_job_began_is_not_in_it(
    owner: Actor, reader: Actor, readers_web: FlaskClient, open_to_group: Callable[..., Resource], run_jobs: Run
) -> None:
    first, second = open_to_group(name="甲.txt"), open_to_group(name="乙.txt", content=b"second")
    transfer = exports.start_export(reader, FOLDERS, [first.id, second.id])
    library.unshare_resource(owner, first.id)
    run_jobs()
    done = fresh(Transfer, transfer.id)
    assert (done.report["ids"], done.report["closed"]) == ([str(second.id)], 1)
    assert "已不对您开放" in readers_web.get(f"/library/transfers/{transfer.id}").text


def test_what_was_closed_after_it_was_packed_is_not_handed_out(
    owner: Actor, reader: Actor, readers_web: FlaskClient, open_to_group: Callable[..., Resource], run_jobs: Run
) -> None:
    resource = open_to_group()
    transfer = exports.start_export(reader, FOLDERS, [resource.id])
    run_jobs()
    service.deliver(reader, transfer.id)
    library.unshare_resource(owner, resource.id)
    with pytest.raises(Conflict, match="rights_changed"):
        service.deliver(reader, transfer.id)
    answer = readers_web.get(f"/library/transfers/{transfer.id}/file", follow_redirects=True)
    assert "请重新导出" in answer.text


def test_when_all_was_closed_nothing_is_made(
    owner: Actor, reader: Actor, open_to_group: Callable[..., Resource], run_jobs: Run
) -> None:
    resource = open_to_group()
    transfer = exports.start_export(reader, CARTRIDGE, [resource.id])
    library.unshare_resource(owner, resource.id)
    run_jobs()
    assert (state(transfer).stuck, state(transfer).code) == (True, "transfer.nothing")


def test_one_who_heads_the_school_no_more_gets_nothing(
    owner: Actor, cast: SimpleNamespace, head: Actor, shared: Callable[..., Resource], run_jobs: Run
) -> None:
    shared(owner, school_key(cast.core.id))
    transfer = exports.start_export(head, FOLDERS, whole="school", school_id=cast.core.id)
    with transaction() as session:
        for office in session.scalars(select(Office).where(Office.person_id == cast.head.id)):
            session.delete(office)
    run_jobs()
    assert state(transfer).code == "transfer.nothing"


def test_one_whose_account_is_closed_gets_nothing(
    owner: Actor, cast: SimpleNamespace, ingested: Ingest, run_jobs: Run
) -> None:
    transfer = exports.start_export(owner, FOLDERS, [ingested("山行.txt", b"a").resource_id])
    with transaction() as session:
        session.get_one(Person, cast.owner.id).active = False
    run_jobs()
    assert state(transfer).code == "transfer.not_active"


def test_others_see_nothing_of_it(
    owner: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor], ingested: Ingest, run_jobs: Run
) -> None:
    transfer = exports.start_export(owner, FOLDERS, [ingested("山行.txt", b"a").resource_id])
    run_jobs()
    for who in (cast.colleague, cast.admin):
        for use in (service.get_transfer, service.deliver, service.remove_transfer, service.confirm_transfer):
            with pytest.raises(NotFound):
                use(actor(who), transfer.id)


# time


def test_an_archive_is_kept_for_a_week_and_its_bytes_no_longer(
    owner: Actor, ingested: Ingest, run_jobs: Run, web: FlaskClient
) -> None:
    transfer = exports.start_export(owner, FOLDERS, [ingested("山行.txt", b"a").resource_id])
    with pytest.raises(NotFound):
        service.deliver(owner, transfer.id)
    run_jobs()
    sha256 = fresh(Transfer, transfer.id).sha256
    with time_machine.travel(now() + timedelta(days=6), tick=False):
        sweeping.sweep()
        assert file_store().exists(sha256)
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        with pytest.raises(Conflict, match="expired"):
            service.deliver(owner, transfer.id)
        sweeping.sweep()
        assert number_of_transfers() == 0
        assert not file_store().exists(sha256)


def test_the_bytes_of_a_check_wait_for_the_answer(owner: Actor) -> None:
    transfer = moving.check(owner, "x.zip", samples.archive(("a.txt", b"a")))
    with time_machine.travel(now() + timedelta(hours=23), tick=False):
        sweeping.sweep()
        assert file_store().exists(fresh(Transfer, transfer.id).sha256)


# what goes wrong


def test_a_file_that_is_lost_ends_in_a_sentence(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    file = ingested("山行.txt", b"a")
    transfer = exports.start_export(owner, FOLDERS, [file.resource_id])
    file_store().path(file.sha256).unlink()
    run_jobs()
    assert state(transfer).code == "file.lost"


def test_a_full_disk_is_tried_again_and_then_waits_for_an_administrator(
    owner: Actor, ingested: Ingest, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = exports.start_export(owner, FOLDERS, [ingested("山行.txt", b"a").resource_id])

    def full(*_args: object) -> None:
        raise StorageFull

    monkeypatch.setitem(working.RUNS, FOLDERS, full)
    for seconds in (0, 10, 60):
        with time_machine.travel(now() + timedelta(seconds=seconds)):
            run_jobs()
    assert (state(transfer).stuck, state(transfer).code) == (True, "job.failed")


def test_a_refusal_within_the_work_closes_it_with_its_reason(
    owner: Actor, ingested: Ingest, run_jobs: Run, monkeypatch: pytest.MonkeyPatch, web: FlaskClient
) -> None:
    resource_id = ingested("山行.txt", b"a").resource_id
    first, second = (exports.start_export(owner, FOLDERS, [resource_id]) for _ in range(2))

    def refuses(by: Actor, transfer: Transfer, _tell: object) -> None:
        if transfer.id == second.id:
            service.remove_transfer(by, transfer.id)
        raise Invalid("file.damaged")

    monkeypatch.setitem(working.RUNS, FOLDERS, refuses)
    run_jobs()
    assert (state(first).stuck, state(first).code) == (True, "file.damaged")
    assert number_of_transfers() == 1
    assert "文件已损坏" in web.get(f"/library/transfers/{first.id}").text
    assert "文件已损坏" in web.get("/library/transfers").text


def test_a_job_without_its_transfer_ends_quietly(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    transfer = exports.start_export(owner, FOLDERS, [ingested("山行.txt", b"a").resource_id])
    service.remove_transfer(owner, transfer.id)
    run_jobs()
    job = db.session.scalars(select(Job).where(Job.key == service.subject(transfer.id))).one()
    assert job.state is JobState.DONE
    with pytest.raises(NotFound), transaction():
        service.locked(transfer.id)


# pages


def upload(web: FlaskClient, name: str, content: bytes) -> Any:
    """Send an archive as a browser does."""
    boundary, body = encode_multipart({"archive": FileStorage(io.BytesIO(content), name)})
    kind = f"multipart/form-data; boundary={boundary}"
    return web.post("/library/transfers/archive", data=body, content_type=kind)


def test_an_archive_is_shown_confirmed_and_unpacked_in_a_browser(web: FlaskClient, run_jobs: Run, owner: Actor) -> None:
    assert web.get("/library/transfers/archive").status_code == 200
    assert upload(web, "坏.zip", b"no zip").status_code == 422
    shown = web.get(upload(web, "第二单元.zip", samples.archive(("三上/山行.txt", b"a"), ("b.exe", b"MZ"))).location)
    for words in ("三上/山行.txt", "解开并导入", "b.exe", "可能带有程序"):
        assert words in shown.text
    address = shown.request.path
    assert "等您确认" in web.get("/library/transfers").text
    web.post(f"{address}/confirm")
    web.post(f"{address}/confirm")
    assert "progress" in web.get("/library/transfers", headers={"HX-Request": "true"}).text
    run_jobs()
    after = web.get(address).text
    assert "已导入 1 份草稿" in after
    assert "核对草稿" in after
    assert web.post(f"{address}/remove").location == "/library/transfers"
    assert "还没有导出或导入" in web.get("/library/transfers").text


def test_a_package_is_announced_and_led_to(web: FlaskClient, owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    archive = moving.export(owner, CARTRIDGE, [moving.make_package(owner, ingested)], run_jobs)
    shown = web.get(upload(web, "古诗.imscc", archive).location)
    assert "课程包“三上古诗”" in shown.text
    web.post(f"{shown.request.path}/confirm")
    run_jobs()
    assert "看课程包" in web.get(shown.request.path).text


def test_a_check_that_is_too_old_says_so(web: FlaskClient, owner: Actor) -> None:
    transfer = moving.check(owner, "x.zip", samples.archive(("a.txt", b"a")))
    with transaction() as session:
        session.get_one(Transfer, transfer.id).expires_at = now() - timedelta(seconds=1)
    answer = web.post(f"/library/transfers/{transfer.id}/confirm", follow_redirects=True)
    assert "时间过了" in answer.text


def test_an_archive_among_ones_drafts_is_unpacked(
    web: FlaskClient, owner: Actor, ingested: Ingest, bring: Ingest
) -> None:
    file = ingested("素材.zip", samples.archive(("三上/山行.txt", b"a")))
    shown = web.post(f"/library/files/{file.id}/unpack", follow_redirects=True)
    assert "三上/山行.txt" in shown.text
    assert f"/library/files/{file.id}/unpack" in web.get(f"/library/{file.resource_id}").text
    other = ingested("山行.txt", b"a")
    assert "这不是 .zip" in web.post(f"/library/files/{other.id}/unpack", follow_redirects=True).text
    waiting = bring("又一个.zip", samples.archive(("a.txt", b"a")))
    assert "这不是 .zip" in web.post(f"/library/files/{waiting.id}/unpack", follow_redirects=True).text
    assert web.post(f"/library/files/{uuid4()}/unpack").status_code == 404


def test_progress_is_told_once_for_each_per_cent(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    told: list[int] = []
    transfer = exports.start_export(owner, FOLDERS, [ingested("山行.txt", b"a").resource_id])
    tell = working._teller(transfer.id, told.append)
    for percent in (0, 0, 1, 1, 5):
        tell(percent)
    assert told == [0, 1, 5]
    assert fresh(Transfer, transfer.id).progress == 5
    run_jobs()
    service.remove_transfer(owner, transfer.id)
    assert not service.tell_progress(UUID(int=5), 3)


def test_scratch_is_left_clean(owner: Actor, ingested: Ingest, run_jobs: Run, app: Any) -> None:
    moving.export(owner, FOLDERS, [ingested("山行.txt", b"a").resource_id], run_jobs)
    assert list((Path(app.config["DATA_DIR"]) / "scratch").iterdir()) == []
    assert {"zip", "imscc"} == imports.ARCHIVES
