"""The filesystem broker: a quick reader never meets half a message."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from tongyan.kernel import broker

MESSAGES = 300


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    broker.register()
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path)}
    with Connection("filesystem://localhost", transport_options=folders) as open_connection:
        yield open_connection


def test_every_message_arrives_whole_and_once(connection: Connection) -> None:
    sender, reader = connection.channel(), connection.clone().channel()
    writing = threading.Thread(target=lambda: [sender._put("jobs", {"number": n}) for n in range(MESSAGES)])
    writing.start()
    got: list[int] = []
    while len(got) < MESSAGES:
        alive = writing.is_alive()
        try:
            got.append(reader._get("jobs")["number"])
        except Empty:
            assert alive or len(got) == MESSAGES, "a message was lost"
    writing.join()
    assert sorted(got) == list(range(MESSAGES))


def test_a_folder_that_is_gone_is_reported(connection: Connection, tmp_path: Path) -> None:
    channel = connection.channel()
    channel.transport_options["data_folder_out"] = str(tmp_path / "gone")
    channel.__dict__.pop("data_folder_out", None)
    with pytest.raises(ChannelError):
        channel._put("jobs", {})
