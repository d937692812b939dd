"""The file of terms: whatever keys it holds, ours and Whoosh's own reader find each of them, and nothing else."""

from pathlib import Path

import pytest
from whoosh.filedb.filetables import OrderedHashReader

from search_index.whoosh_engine import terms
from search_index.whoosh_engine.segment import Storage
from search_index.whoosh_engine.terms import TermsReader, TermsWriter, key_of

FIELDS = ("bag", "sound")


def written(folder: Path, keys: list[bytes]) -> tuple[Storage, int]:
    """Write a file of these keys; every one is in its own document."""
    storage = Storage(str(folder))
    writer = TermsWriter(storage.create_file("terms"), FIELDS)
    for number, key in enumerate(keys):
        writer.add(key, [number], [2.0], (number, 1))
    writer.close()
    return storage, storage.file_length("terms")


@pytest.mark.parametrize("few", [0, 1_000_000], ids=["in parts", "at once"])
@pytest.mark.parametrize("number", [0, 1, 300, 40_000])
def test_every_key_is_found_and_no_other(
    number: int, few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "FEW", few)
    keys = sorted(key_of(each % 2, f"{each:06}".encode()) for each in range(number))
    storage, length = written(tmp_path, keys)
    ours = TermsReader(storage.open_file("terms"), length)
    stock = OrderedHashReader(storage.open_file("terms"), length)

    assert [key for key, _ in ours.items()] == list(stock.keys()) == keys
    for place, key in enumerate(keys):
        found = ours.find(FIELDS[key[1]], key[2:])
        assert found is not None
        assert (found.df, found.first, found.heaviest, found.place) == (1, place, 2.0, place)
        assert key in stock
    for key in (key_of(1, b"nothing"), key_of(0, b"")):
        assert ours.find(FIELDS[key[1]], key[2:]) is None
        assert key not in stock


def test_a_field_is_walked_without_its_neighbours(tmp_path: Path) -> None:
    keys = [key_of(0, b"a"), key_of(0, b"b"), key_of(1, b"a"), key_of(1, b"c")]
    storage, length = written(tmp_path, keys)
    reader = TermsReader(storage.open_file("terms"), length)

    assert [term for term, _ in reader.walk("bag")] == [b"a", b"b"]
    assert [term for term, _ in reader.walk("sound")] == [b"a", b"c"]


def test_keys_come_in_order(tmp_path: Path) -> None:
    writer = TermsWriter(Storage(str(tmp_path)).create_file("terms"), FIELDS)
    writer.add(key_of(0, b"b"), [0], [1.0], (0, 1))

    for key in (key_of(0, b"a"), key_of(0, b"b")):
        with pytest.raises(ValueError, match="increase"):
            writer.add(key, [1], [1.0], (1, 1))
    writer.close()
