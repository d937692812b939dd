"""Whatever happens to the files: an answer is right, or the index says that it cannot be used."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from search_index import Engine, IndexUnusable, Query
from tests.search_index.conftest import PUBLIC, Home, ask, document, fill

HARMS: dict[str, Callable[[bytes], bytes | None]] = {
    "cut": lambda data: data[: len(data) // 2],
    "removed": lambda _data: None,
    "garbage": lambda data: os.urandom(len(data)),
}


def unusable(engine: Engine) -> str:
    """Return why the index says it cannot be used, from every door."""
    reasons = set()
    for door in (
        lambda: engine.search(Query("山行", PUBLIC)),
        lambda: engine.suggest(Query("山行", PUBLIC)),
        engine.count,
        engine.ids,
        engine.verify,
        engine.merge,
        engine.merge_is_due,
        lambda: engine.put([document(2, "白云")]),
    ):
        with pytest.raises(IndexUnusable) as reason:
            door()
        reasons.add(str(reason.value))
    (only,) = reasons
    return only


def flipped(data: bytes) -> bytes:
    """Return data with one bit changed."""
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    return bytes(changed)


def test_only_the_service_reads_the_folder(home: Home) -> None:
    home.folder.mkdir(0o755)
    fill(home.open())

    for each in (home.folder, *home.folder.glob("build-*")):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700


def test_missing_index_is_unusable_until_it_is_rebuilt(home: Home) -> None:
    engine = home.open()
    assert unusable(engine) == "missing"

    assert fill(engine, [document(1, "山行")]) == 1
    assert ask(engine, "山行") == ["1"]


def test_index_of_another_version_is_unusable_until_it_is_rebuilt(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("whoosh_engine.folder", "postgres_engine.tables"):
        monkeypatch.setattr(f"search_index.{module}.VERSION", 0)
    fill(home.open(), [document(1, "山行")])
    monkeypatch.undo()

    engine = home.open()
    assert unusable(engine) == "version"
    assert fill(engine, [document(1, "山行")]) == 1
    assert ask(engine, "山行") == ["1"]


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("what", ["*.toc", "*.trm", "*.pst", "*.col"])
def test_damage_never_gives_a_wrong_answer(engine: Engine, home: Home, what: str, harm: str) -> None:
    engine.put(document(number, f"山行{number}", "远上寒山石径斜") for number in range(50))
    assert home.harm(what, HARMS[harm])
    damaged = home.open()
    answer = None
    with suppress(IndexUnusable):
        answer = set(ask(damaged, "山行"))

    assert answer is None or answer == {str(number) for number in range(50)}
    with pytest.raises(IndexUnusable):
        damaged.verify()
    assert fill(damaged, [document(1, "山行")]) == 1
    assert ask(engine, "山行") == ["1"]
    engine.verify()


@pytest.mark.parametrize("what", ["*.pst", "*.trm", "*.toc"])
def test_flipped_bits_are_found_by_verifying(engine: Engine, home: Home, what: str) -> None:
    engine.put([document(1, "山行")])
    engine.verify()
    assert home.harm(what, flipped)

    with pytest.raises(IndexUnusable):
        engine.verify()


def test_a_full_disk_is_no_damage(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("search_index.whoosh_engine.store.write_segment", full)
    with pytest.raises(OSError, match="No space"):
        engine.put([document(1, "山行")])
    monkeypatch.undo()

    assert engine.count() == 0
    engine.put([document(1, "山行")])
    assert ask(engine, "山行") == ["1"]


def build(folder: Path) -> Path:
    """Return the folder of the only build."""
    (only,) = folder.glob("build-*")
    return only


def test_what_is_lost_meanwhile_is_missed_by_nobody_who_has_it_open(engine: Engine, home: Home) -> None:
    engine.put([document(1, "山行")])
    assert ask(engine, "山行") == ["1"]
    for path in build(home.folder).glob("*.trm"):
        path.unlink()

    assert ask(engine, "山行") == ["1"]
    assert ask(engine, "白云") == []
