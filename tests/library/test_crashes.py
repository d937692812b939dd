"""kill -9 of web, worker or beat at any moment: after a restart the resource is whole, and every job has ended."""

import hashlib
import http.client
import random
import threading
import time
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.library import samples
from tests.remote import Browserlike, wait_for
from tests.server import Server
from tongyan.kernel.db import db, transaction
from tongyan.kernel.files import file_store
from tongyan.kernel.jobs import Job, JobSpec, JobState, enqueue
from tongyan.library import parts
from tongyan.library.models import FileState, ResourceFile

pytestmark = pytest.mark.process

SIZE, CHUNK = 24 << 20, 1 << 19
KILLS = 4


def upload(client: Browserlike, path: str, content: bytes, down: threading.Event) -> None:
    """Send chunk after chunk, asking for the offset again whenever the line breaks."""
    offset = 0
    while offset < len(content):
        try:
            offset = client.offset(path)
            client.append(path, offset, content[offset : offset + CHUNK])
            offset = client.offset(path)
        except (OSError, http.client.HTTPException, TypeError):
            down.wait(0.05)


def file_named(name: str, *states: FileState) -> ResourceFile | None:
    """Return the file once it is in one of the states."""
    found = db.session.scalar(select(ResourceFile).where(ResourceFile.name == name))
    return found if found is not None and found.state in states else None


def test_upload_survives_the_death_of_the_web_process(world: tuple[Server, Flask]) -> None:
    server, app = world
    seed = time.time_ns()
    print("seed", seed)  # noqa: T201 # to repeat a failure
    chance, content = random.Random(seed), random.Random(seed).randbytes(SIZE)  # noqa: S311 # not for secrets
    client, down = Browserlike(server, app), threading.Event()
    path = client.create("大课.bin", content)
    sender = threading.Thread(target=upload, args=(client, path, content, down))
    sender.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.02, 0.25))
        assert sender.is_alive(), "killed too late to prove anything"
        server.kill("web")
        server.start("web")
    sender.join(60)
    assert not sender.is_alive(), server.log()

    file = wait_for(lambda: file_named("大课.bin", FileState.DOWNLOAD_ONLY, FileState.REJECTED))

    assert (file.state, file.sha256) == (FileState.DOWNLOAD_ONLY, hashlib.sha256(content).hexdigest())
    assert file_store().verify(file.sha256)
    assert not parts.part_path(UUID(path.rpartition("/")[2])).exists()


def test_ingest_survives_the_death_of_the_worker(world: tuple[Server, Flask]) -> None:
    server, app = world
    chance, content = random.Random(), samples.pptx()  # noqa: S311 # not for secrets
    client = Browserlike(server, app)
    path = client.create("山行.pptx", content)
    client.append(path, 0, content)
    for _ in range(2):
        time.sleep(chance.uniform(0.2, 1.5))
        server.kill("worker")
        server.start("worker")

    file = wait_for(lambda: file_named("山行.pptx", FileState.READY, FileState.DOWNLOAD_ONLY, FileState.REJECTED))

    assert file.state is FileState.READY, (file.error_code, server.log())
    assert len(file.pages) == 2
    wait_for(lambda: not db.session.scalars(select(Job).where(Job.state != JobState.DONE)).all(), 30)
    assert file_store().verify(file.sha256)


def test_job_whose_message_was_lost_ends_once_beat_is_back(world: tuple[Server, Flask]) -> None:
    server, _ = world
    server.kill("beat")
    with transaction() as session:
        enqueue(JobSpec("library.sweep", key="lost"))  # this process has no broker: nobody hears of it
        session.execute(update(Job).where(Job.key == "lost").values(sent_at=None))
    server.start("beat")

    ended = wait_for(lambda: db.session.scalar(select(Job.state).where(Job.key == "lost", Job.ended_at.is_not(None))))

    assert ended is JobState.DONE
