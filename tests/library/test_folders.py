"""Plain folders out and in: what leaves the library comes back as it was, and hostile archives bring nothing."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from tests.factories import fresh
from tests.library import moving, samples
from tongyan.kernel import settings
from tongyan.kernel.db import db
from tongyan.kernel.errors import Invalid, TooLarge
from tongyan.kernel.permissions import Actor
from tongyan.library import services as library
from tongyan.library.exchange import bundles, naming
from tongyan.library.exchange.sheets import HEADERS
from tongyan.library.models import (
    Licence,
    Resource,
    ResourceFile,
    ResourceKind,
    Transfer,
    TransferKind,
    TransferState,
    Upload,
)
from tongyan.library.services import imports
from tongyan.library.services import transfers as service

Ingest = Callable[..., ResourceFile]
Run = Callable[[], int]
KIND = TransferKind.EXPORT_FOLDERS


def drafts(by: Actor) -> dict[str, Resource]:
    """Return somebody's own by title."""
    db.session.rollback()
    return {each.title: each for each in library.list_resources(by, library.Filters(mine=True), size=500).items}


def code_of(by: Actor, archive: bytes, name: str = "x.zip") -> str:
    """Return why an archive is refused."""
    with pytest.raises((Invalid, TooLarge)) as refusal:
        moving.check(by, name, archive)
    return refusal.value.code


# out and in again


def test_a_package_taken_along_as_folders_comes_back_equal(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    package_id = moving.make_package(owner, ingested)
    before = moving.told(owner, package_id)
    archive = moving.export(owner, KIND, [package_id], run_jobs)
    transfer = moving.bring_back(owner, "课程包.zip", archive, run_jobs)
    assert (transfer.state, transfer.report["refused"]) == (TransferState.DONE, [])
    assert moving.told(owner, transfer.report["made"][0]) == before


def test_everything_said_about_a_resource_comes_back(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    package_id = moving.make_package(owner, ingested)
    original = drafts(owner)["山行：课件/全套"]
    archive = moving.export(owner, KIND, [original.id], run_jobs)
    library.trash_resource(owner, original.id)
    library.trash_resource(owner, package_id)
    moving.bring_back(owner, "x.zip", archive, run_jobs)
    back = drafts(owner)["山行：课件/全套"]
    assert back.id != original.id
    for name in ("kind", "summary", "keywords", "licence", "subject", "grade", "difficulty", "contributors"):
        assert getattr(back, name) == getattr(original, name), name


def test_files_stand_in_folders_of_their_place_beside_a_list(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    moving.make_package(owner, ingested)
    chosen = drafts(owner)["山行：课件/全套"]
    names = moving.names_in(moving.export(owner, KIND, [chosen.id], run_jobs))
    folder = "语文/三年级/山行：课件／全套"
    assert names == ["manifest.json", "目录.xlsx", f"{folder}/山行.txt", f"{folder}/朗读.txt"]


def test_the_list_alone_brings_what_it_says(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    moving.make_package(owner, ingested)
    chosen = drafts(owner)["山行：课件/全套"]
    archive = moving.export(owner, KIND, [chosen.id], run_jobs)
    source = zipfile.ZipFile(io.BytesIO(archive))
    with source:
        kept = [(name, source.read(name)) for name in source.namelist() if name != "manifest.json"]
    library.trash_resource(owner, chosen.id)
    moving.bring_back(owner, "x.zip", samples.archive(*kept), run_jobs)
    back = drafts(owner)["山行：课件/全套"]
    assert [file.name for file in back.files] == ["山行.txt", "朗读.txt"]
    assert (back.kind, back.keywords, back.licence) == (ResourceKind.COURSEWARE, ["杜牧", "秋天"], Licence.CC_BY)


def test_a_list_of_somebody_else_is_a_file_like_others(owner: Actor, run_jobs: Run) -> None:
    archive = samples.archive(("目录.xlsx", samples.xlsx()), ("a.txt", b"a"))
    moving.bring_back(owner, "x.zip", archive, run_jobs)
    assert {"目录", "a"} <= set(drafts(owner))


def test_folders_of_anybody_become_drafts_by_their_paths(owner: Actor, run_jobs: Run) -> None:
    archive = samples.archive(
        ("三上/第二单元/山行 课件.pptx", samples.pptx()), ("三上/说明.txt", b"x"), ("manifest.json", b"{}"),
        ("__MACOSX/._a.txt", b"x"), ("三上/.DS_Store", b"x"), ("~$a.docx", b"x"), ("空/", b""), ("empty.txt", b""),
        ("a.exe", b"MZ"), ("b.docm", b"x"), ("inner.zip", samples.archive(("c.txt", b"c"))),
    )  # fmt: skip
    transfer = moving.bring_back(owner, "x.zip", archive, run_jobs)
    made = drafts(owner)
    assert set(made) == {"山行 课件", "说明", "manifest", "inner"}
    assert (made["山行 课件"].kind, made["山行 课件"].grade) == (ResourceKind.COURSEWARE, 3)
    assert made["说明"].files[0].path == "三上/说明.txt"
    refused = {name: code for name, code in transfer.report["refused"]}
    assert refused == {"empty.txt": "file.empty", "a.exe": "file.type_refused", "b.docm": "file.macro"}


def test_names_in_gbk_are_read(owner: Actor, run_jobs: Run) -> None:
    moving.bring_back(owner, "x.zip", samples.gbk_archive("霜叶红于二月花.txt"), run_jobs)
    assert "霜叶红于二月花" in drafts(owner)


def test_names_out_are_utf8_and_say_so(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    file = ingested("山行.txt", b"a")
    with zipfile.ZipFile(io.BytesIO(moving.export(owner, KIND, [file.resource_id], run_jobs))) as container:
        entry = next(each for each in container.infolist() if each.filename.endswith("山行.txt"))
    assert entry.flag_bits & 0x800


def test_long_and_equal_names_are_shortened_and_told_apart(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    name = "很长的题目" * 20 + ".txt"
    files = [ingested(name, text) for text in (b"a", b"b")]
    archive = moving.export(owner, KIND, [file.resource_id for file in files], run_jobs)
    names = moving.names_in(archive)
    assert len(set(names)) == len(names) == 4
    assert all(len(part.encode()) <= naming.MAX_BYTES for name in names for part in name.split("/"))
    assert all(name.endswith(".txt") for name in names[2:])
    for each in files:
        library.trash_resource(owner, each.resource_id)
    moving.bring_back(owner, "x.zip", archive, run_jobs)
    back = [each for each in drafts(owner).values() for file in each.files if file.name == name]
    assert back  # under its whole name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("../../etc/passwd", "..／..／etc／passwd"),
        ("..", "未命名"),
        ("a/b\\c:d?.txt", "a／b＼c：d？.txt"),
        ("CON.txt", "_CON.txt"),
        (" .hidden. ", "hidden"),
        ("\u202etxt.exe", "txt.exe"),
    ],
)
def test_no_name_means_anything_to_a_system(text: str, name: str) -> None:
    made = naming.part_name(text)
    assert made.lstrip(".") == name.lstrip(".")
    assert "/" not in made
    assert made not in {"", ".", ".."}


# hostile archives


def test_a_path_out_of_the_archive_refuses_the_whole(owner: Actor) -> None:
    for name in ("../evil.txt", "/etc/passwd", "C:\\evil.txt", "a/../../b.txt", "\\\\server\\x.txt"):
        assert code_of(owner, samples.archive(("good.txt", b"x"), (name, b"x"))) == "file.archive_unsafe", name
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 0


def device(kind: int) -> bytes:
    """Return a zip with an entry that is no file."""
    entry = zipfile.ZipInfo("device")
    entry.create_system, entry.external_attr = 3, kind << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:
        container.writestr(entry, b"x")
    return stream.getvalue()


def twice(name: str) -> bytes:
    """Return a zip with two entries of one name."""
    placeholder = "x" * len(name)
    archive = samples.archive((name, b"one"), (placeholder, b"two"))
    return archive.replace(placeholder.encode(), name.encode())


def packed_by(method: int) -> bytes:
    """Return a zip whose entry is compressed in an unusual way."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as container:
        container.writestr("a.txt", b"x" * 100)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("archive", "code"),
    [
        (samples.archive_with_link("a.txt", "/etc/passwd"), "file.archive_unsafe"),
        (device(0o020666), "file.archive_unsafe"),
        (twice("a.txt"), "file.archive_unsafe"),
        (samples.archive(("a.txt", b"\0" * (30 << 20))), "file.bomb"),
        (samples.overlapping_archive(), "file.bomb"),
        (samples.flagged(samples.archive(("a.txt", b"x")), 1), "file.encrypted"),
        (packed_by(zipfile.ZIP_BZIP2), "file.damaged"),
        (b"no zip at all", "file.damaged"),
        (samples.archive(("a.txt", b"x"))[:-30], "file.damaged"),
        (b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 9, 9, 40, 90, 0), "file.damaged"),
        (samples.archive(), "transfer.nothing_inside"),
        (samples.archive(("a.exe", b"MZ")), "transfer.nothing_inside"),
        (samples.archive(*((f"{number}.txt", b"x") for number in range(2001))), "transfer.too_many_entries"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_archive_is_refused_as_a_whole(owner: Actor, archive: bytes, code: str) -> None:
    assert code_of(owner, archive) == code


def test_a_list_of_entries_that_would_fill_the_memory_is_not_read(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "MAX_DIRECTORY", 100)
    archive = samples.archive(("a.txt", b"x"), ("b.txt", b"x"), ("c.txt", b"x"))
    assert code_of(owner, archive) == "transfer.too_many_entries"


def test_more_than_may_be_unpacked_is_refused(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_UNPACKED", 10)
    assert code_of(owner, samples.archive(("a.txt", b"x" * 11))) == "transfer.too_much"


def test_an_archive_over_its_own_limit_is_not_stored(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MAX_PACKED", 10)
    assert code_of(owner, samples.archive(("a.txt", b"x"))) == "transfer.archive_too_large"


def test_a_manifest_over_its_limit_is_not_read(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_SMALL", 10)
    assert code_of(owner, samples.archive(("manifest.json", b"x" * 11))) == "transfer.manifest_too_large"


def test_another_kind_of_file_is_no_archive(owner: Actor) -> None:
    assert code_of(owner, samples.pdf(), "a.pdf") == "transfer.not_an_archive"


def test_a_file_over_the_limit_of_its_kind_is_left_out(
    owner: Actor, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(imports.limits.FAMILY_LIMITS, imports.limits.family_by_name("a.txt"), 10)
    archive = samples.archive(("big.txt", b"large enough to be refused"), ("a.txt", b"small"))
    transfer = moving.bring_back(owner, "x.zip", archive, run_jobs)
    assert transfer.report["refused"] == [["big.txt", "file.too_large"]]
    assert set(drafts(owner)) == {"a"}


def test_what_does_not_fit_into_the_quota_is_refused_before_the_first_byte(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = settings.get
    monkeypatch.setattr(settings, "get", lambda name: 10 if name == "PERSON_QUOTA" else get(name))
    assert code_of(owner, samples.archive(("a.txt", b"x" * 11))) == "upload.quota_person"


def damaged(archive: bytes) -> bytes:
    """Return an archive in which one entry is not what its checksum says."""
    return archive.replace(b"original text", b"somebody else")


def test_a_damaged_entry_is_reported_and_the_others_come_in(owner: Actor, run_jobs: Run) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as container:  # stored, so that the bytes can be found
        container.writestr("bad.txt", b"original text")
        container.writestr("good.txt", b"x")
    transfer = moving.bring_back(owner, "x.zip", damaged(stream.getvalue()), run_jobs)
    assert transfer.report["refused"] == [["bad.txt", "file.damaged"]]
    assert set(drafts(owner)) == {"good"}


# what another installation says


def test_what_means_nothing_here_is_left_as_proposed(owner: Actor, ingested: Ingest, run_jobs: Run) -> None:
    file = ingested("山行.txt", b"a")
    archive = moving.export(owner, KIND, [file.resource_id], run_jobs)
    source = zipfile.ZipFile(io.BytesIO(archive))
    with source:
        told: dict[str, Any] = json.loads(source.read("manifest.json"))
        entries = [(name, source.read(name)) for name in source.namelist() if name != "manifest.json"]
    said = told["resources"][0]["said"]
    said |= {
        "title": "外来",
        "kind": "unheard_of",
        "keywords": "no list",
        "contributors": {},
        "grade": 99,
        "summary": 5,
    }
    said |= {"licence": None, "periods": None, "domains": ["没有这个领域"], "for_whom": ["student"], "subject": None}
    told["resources"][0]["place_line"] = ["没有", "这个", "地方"]
    entries.append(("manifest.json", json.dumps(told).encode()))
    transfer = moving.bring_back(owner, "x.zip", samples.archive(*entries), run_jobs)
    back = drafts(owner)["外来"]
    assert (back.licence, back.for_whom, back.domains, back.keywords) == (None, ["student"], [], [])
    assert transfer.report["refused"] == [["外来", "field.invalid"]]


def test_an_archive_in_which_our_manifest_nests_endlessly_is_any_archive(owner: Actor, run_jobs: Run) -> None:
    archive = samples.archive(
        ("manifest.json", b"[" * 20_000),
        ("a.txt", hashlib.sha512(b"a").hexdigest().encode() * 1 + bytes(range(256)) * 4),
    )
    moving.bring_back(owner, "x.zip", archive, run_jobs)
    assert "a" in drafts(owner)


# killed, removed, again


def test_a_killed_import_goes_on_and_brings_nothing_twice(
    owner: Actor, run_jobs: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = samples.archive(*((f"{number}.txt", str(number).encode()) for number in range(4)))
    transfer = moving.check(owner, "x.zip", archive)
    service.confirm_transfer(owner, transfer.id)
    bring, brought = imports.bring_file, []

    def dies(*args: Any, **named: Any) -> Upload:
        if len(brought) == 2:
            monkeypatch.setattr(imports, "bring_file", bring)
            raise KeyboardInterrupt
        brought.append(args[1])
        return bring(*args, **named)

    monkeypatch.setattr(imports, "bring_file", dies)
    with pytest.raises(KeyboardInterrupt):
        run_jobs()
    assert len(drafts(owner)) == 2
    moving.revive_jobs()
    run_jobs()
    assert fresh(Transfer, transfer.id).state is TransferState.DONE
    assert len(drafts(owner)) == 4
    assert fresh(Transfer, transfer.id).report["files"] == 4


def test_an_upload_that_was_cut_off_goes_on_where_it_was(owner: Actor) -> None:
    content, upload_id = bytes(range(256)) * 1000, UUID(int=7)
    started = library.start_upload(owner, "a.bin", len(content), upload_id=upload_id)
    library.receive(owner, started.id, 0, io.BytesIO(content[:100_000]))
    done = imports.bring_file(owner, "a.bin", len(content), io.BytesIO(content), upload_id=upload_id)
    again = imports.bring_file(owner, "a.bin", len(content), io.BytesIO(b""), upload_id=upload_id)
    assert done.received == len(content)
    assert again.file_id == done.file_id


def test_what_its_owner_removed_stops(owner: Actor, run_jobs: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = moving.check(owner, "x.zip", samples.archive(("a.txt", b"a"), ("b.txt", b"b")))
    service.confirm_transfer(owner, transfer.id)
    bring = imports.bring_file

    def removes(*args: Any, **named: Any) -> Upload:
        service.remove_transfer(owner, transfer.id)
        return bring(*args, **named)

    monkeypatch.setattr(imports, "bring_file", removes)
    run_jobs()
    assert len(drafts(owner)) == 1


def test_an_archive_whose_bytes_are_gone_says_so(owner: Actor, run_jobs: Run, app: Any) -> None:
    transfer = moving.check(owner, "x.zip", samples.archive(("a.txt", b"a")))
    service.confirm_transfer(owner, transfer.id)
    for path in (Path(app.config["DATA_DIR"]) / "files").glob("??/??/*"):
        path.unlink()
    run_jobs()
    outcome = service.outcomes([fresh(Transfer, transfer.id)])[transfer.id]
    assert (outcome.stuck, outcome.code) == (True, "transfer.expired")


def test_a_draft_gone_for_good_meanwhile_is_passed_over(
    owner: Actor, run_jobs: Run, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    transfer = moving.check(owner, "x.zip", samples.archive(("a.txt", b"a")))
    service.confirm_transfer(owner, transfer.id)
    monkeypatch.setattr(imports, "bring_file", lambda *_args, **_named: SimpleNamespace(resource_id=UUID(int=1)))
    run_jobs()
    assert fresh(Transfer, transfer.id).state is TransferState.DONE
    assert drafts(owner) == {}


def test_headers_of_the_list_are_those_that_are_read_back() -> None:
    assert len(set(HEADERS)) == len(HEADERS)
