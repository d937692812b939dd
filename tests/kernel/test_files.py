"""The file store: same bytes once, whole or absent."""

import errno
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from tongyan.kernel.errors import NotFound, StorageFull
from tongyan.kernel.files import LocalFileStore


@pytest.fixture
def store(tmp_path: Path) -> LocalFileStore:
    return LocalFileStore(tmp_path / "files", tmp_path)


@rules(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.binary(max_size=5000))
def test_what_is_put_comes_back(store: LocalFileStore, content: bytes) -> None:
    blob = store.put(io.BytesIO(content))
    with store.open(blob.sha256) as stream:
        assert stream.read() == content
    assert (blob.size, store.verify(blob.sha256)) == (len(content), True)


def test_the_same_bytes_are_stored_once(store: LocalFileStore, tmp_path: Path) -> None:
    assert store.put(io.BytesIO(b"a")) == store.put(io.BytesIO(b"a"))
    assert sum(path.is_file() and path.suffix != ".lock" for path in tmp_path.rglob("*")) == 1


def test_a_broken_stream_leaves_nothing(store: LocalFileStore, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        store.put(Broken())
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_full_disk_has_its_own_error(store: LocalFileStore) -> None:
    class Full(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(StorageFull):
        store.put(Full())


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a" * 64, "." * 64])
def test_nothing_outside_of_the_store_is_opened(store: LocalFileStore, name: str) -> None:
    with pytest.raises(NotFound):
        store.open(name)


def test_a_flipped_byte_is_noticed(store: LocalFileStore) -> None:
    blob = store.put(io.BytesIO(b"abc"))
    store.path(blob.sha256).write_bytes(b"abd")
    assert not store.verify(blob.sha256)


def test_deleting_twice_is_no_error(store: LocalFileStore) -> None:
    blob = store.put(io.BytesIO(b"abc"))
    store.delete(blob.sha256)
    store.delete(blob.sha256)
    assert not store.exists(blob.sha256)
