"""Whatever happens to the files: an answer is right, or the index says that it cannot be used."""

import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from search_index import IndexUnusable, Query
from search_index.whoosh_engine import WhooshEngine
from tests.search_index.conftest import PUBLIC, ask, document, empty_engine

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from search_index.whoosh_engine import WhooshEngine
from tests.search_index.conftest import document
engine, name = WhooshEngine(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    engine.put([document(f"{name}-{number}-{part}", "山行") for part in range(4)])
    print(number, flush=True)
"""


def writer(folder: Path, name: str, changes: int) -> "subprocess.Popen[bytes]":
    """Start a process that writes batches of four and says which it has committed."""
    command = [sys.executable, "-c", WRITER, str(folder), name, str(changes)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)  # noqa: S603 # our own code


def unusable(engine: WhooshEngine) -> str:
    """Return why the index says it cannot be used, from every door."""
    reasons = set()
    for door in (
        lambda: engine.search(Query("山行", PUBLIC)),
        lambda: engine.suggest(Query("山行", PUBLIC)),
        engine.count,
        engine.ids,
        engine.verify,
        lambda: engine.put([document(2, "白云")]),
    ):
        with pytest.raises(IndexUnusable) as reason:
            door()
        reasons.add(str(reason.value))
    (only,) = reasons
    return only


def build(folder: Path) -> Path:
    """Return the folder of the build that is searched."""
    return folder / (folder / "current").read_text()


def test_only_the_service_reads_the_folder(folder: Path) -> None:
    folder.mkdir(0o755)
    empty_engine(folder)

    for each in (folder, build(folder)):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700


def test_missing_index_is_unusable_until_it_is_rebuilt(folder: Path) -> None:
    engine = WhooshEngine(folder)
    assert unusable(engine) == "missing"

    assert engine.rebuild([document(1, "山行")], lambda _: ()) == 1
    assert ask(engine, "山行") == ["1"]


def test_index_of_another_version_is_unusable(engine: WhooshEngine, folder: Path) -> None:
    (build(folder) / "version").write_text("0")

    assert unusable(WhooshEngine(folder)) == "version"


@pytest.mark.parametrize("harm", ["cut", "removed", "garbage"])
@pytest.mark.parametrize("what", ["*.toc", "*.trm", "*.pst", "*.col"])
def test_damage_never_gives_a_wrong_answer(engine: WhooshEngine, folder: Path, what: str, harm: str) -> None:
    engine.put(document(number, f"山行{number}", "远上寒山石径斜") for number in range(50))
    files = list(build(folder).glob(what))
    assert files
    for path in files:
        data = path.read_bytes()
        if harm == "removed":
            path.unlink()
        else:
            path.write_bytes(data[: len(data) // 2] if harm == "cut" else os.urandom(len(data)))
    damaged = WhooshEngine(folder)
    answer = None
    with suppress(IndexUnusable):
        answer = set(ask(damaged, "山行"))

    assert answer is None or answer == {str(number) for number in range(50)}
    with pytest.raises(IndexUnusable):
        damaged.verify()
    assert damaged.rebuild([document(1, "山行")], lambda _: ()) == 1
    assert ask(engine, "山行") == ["1"]
    engine.verify()


def test_flipped_bits_are_found_by_verifying(engine: WhooshEngine, folder: Path) -> None:
    engine.put([document(1, "山行")])
    engine.verify()
    (postings,) = build(folder).glob("*.pst")
    data = bytearray(postings.read_bytes())
    data[len(data) // 2] ^= 1
    postings.write_bytes(bytes(data))

    with pytest.raises(IndexUnusable):
        engine.verify()


def test_a_full_disk_is_no_damage(engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("search_index.whoosh_engine.engine.write_segment", full)
    with pytest.raises(OSError, match="No space"):
        engine.put([document(1, "山行")])
    monkeypatch.undo()

    assert engine.count() == 0
    engine.put([document(1, "山行")])
    assert ask(engine, "山行") == ["1"]


def test_a_rebuild_that_died_leaves_the_old_index_and_no_rubbish(engine: WhooshEngine, folder: Path) -> None:
    engine.put([document(1, "山行")])

    def dies():  # type: ignore[no-untyped-def] # a generator of documents
        yield document(2, "白云")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        engine.rebuild(dies(), lambda _: ())
    assert ask(engine, "山行") == ["1"]
    engine.put([document(3, "白云")])

    engine.rebuild([document(1, "山行")], lambda _: ())
    assert len(list(folder.glob("build-*"))) == 1
    assert not (folder / "touched").exists()


def test_changes_wait_for_the_first_rebuild(folder: Path) -> None:
    engine, other = WhooshEngine(folder), WhooshEngine(folder)

    def documents():  # type: ignore[no-untyped-def] # a generator of documents
        other.put([document(1, "白云")])  # nothing to write to yet: the rebuild asks again
        yield document(1, "山行")

    assert engine.rebuild(documents(), lambda _: [document(1, "白云")]) == 1
    assert ask(other, "白云") == ["1"]


def test_killed_in_a_commit_the_batch_is_whole_or_absent(engine: WhooshEngine, folder: Path) -> None:
    for attempt in range(8):
        process = writer(folder, str(attempt), 10_000)
        assert process.stdout
        said = [process.stdout.readline() for _ in range(2 + attempt)]
        process.send_signal(signal.SIGKILL)
        said += process.stdout.readlines()
        process.wait()
        process.stdout.close()

        committed = len([line for line in said if line.endswith(b"\n")]) - 1
        found = [each for each in ask(engine, "山行", limit=10_000) if each.startswith(f"{attempt}-")]
        assert len(found) in {4 * committed, 4 * committed + 4}
        engine.verify()
    engine.put([document("last", "山行")])

    named = {path.name.partition(".")[0] for path in build(folder).iterdir()}
    assert len(named) <= len(list(build(folder).glob("*.trm"))) + 2  # the segments, their table, the version


def test_two_processes_write_and_nothing_is_lost(engine: WhooshEngine, folder: Path) -> None:
    writers = [writer(folder, name, 25) for name in ("a", "b")]
    while any(process.poll() is None for process in writers):
        assert len(ask(engine, "山行", limit=1000)) % 4 == 0
    for process in writers:
        assert process.stdout
        process.stdout.close()

    assert [process.returncode for process in writers] == [0, 0]
    assert len(ask(engine, "山行", limit=1000)) == 200
    engine.verify()
