"""An upload is whole or absent: it goes on where it broke off, whatever died in between."""

import hashlib
import io
from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import fresh
from tongyan.accounts.models import Person
from tongyan.kernel.clock import now
from tongyan.kernel.db import db, transaction
from tongyan.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from tongyan.kernel.permissions import Actor
from tongyan.library import parts
from tongyan.library import services as library
from tongyan.library.errors import ChecksumMismatch, Locked
from tongyan.library.models import Resource, ResourceFile, ResourceKind, ResourceState, Upload, UploadState
from tongyan.library.parts import Checksum
from tongyan.library.sweeping import sweep

CONTENT = bytes(range(256)) * 400
CUT = len(CONTENT) * 6 // 10


class BrokenLine(io.BytesIO):
    """A stream that breaks off after what it holds."""

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        if not block:
            raise ConnectionResetError
        return block


def count(model: type[Any]) -> int:
    """Return how many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def digest(content: bytes) -> str:
    """Return the sha256 in hex."""
    return hashlib.sha256(content).hexdigest()


def test_last_byte_makes_a_draft_with_what_the_name_says(owner: Actor) -> None:
    upload = library.start_upload(owner, "山行 课件.pptx", len(CONTENT), path="三上/第二单元/山行 课件.pptx")
    library.receive(owner, upload.id, 0, io.BytesIO(CONTENT))

    resource = library.list_resources(owner, library.Filters(mine=True)).items[0]
    assert (resource.title, resource.kind, resource.state) == (
        "山行 课件",
        ResourceKind.COURSEWARE,
        ResourceState.DRAFT,
    )
    assert [(file.name, file.size) for file in resource.files] == [("山行 课件.pptx", len(CONTENT))]


def test_what_arrived_before_the_line_broke_is_kept(owner: Actor) -> None:
    upload = library.start_upload(owner, "a.txt", len(CONTENT))

    with pytest.raises(ConnectionResetError):
        library.receive(owner, upload.id, 0, BrokenLine(CONTENT[:CUT]))

    assert library.get_upload(owner, upload.id).received == CUT
    done = library.receive(owner, upload.id, CUT, io.BytesIO(CONTENT[CUT:]))
    assert done.state is UploadState.RECEIVED
    assert count(Resource) == 1


def test_a_slow_line_holds_no_connection_to_the_database(owner: Actor) -> None:
    class SlowLine(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            waited.append(db.session.in_transaction())
            return super().read(size)

    waited: list[bool] = []
    upload = library.start_upload(owner, "山行.pptx", len(CONTENT))
    library.receive(owner, upload.id, 0, SlowLine(CONTENT[:CUT]))
    assert library.get_upload(owner, upload.id).received == CUT
    assert not any(waited)


def test_part_beyond_the_record_is_not_believed(owner: Actor) -> None:
    """The process died after writing and before recording."""
    upload = library.start_upload(owner, "a.txt", len(CONTENT))
    library.receive(owner, upload.id, 0, io.BytesIO(CONTENT[:CUT]))
    with parts.part_path(upload.id).open("ab") as part:
        part.write(b"never recorded")

    assert library.get_upload(owner, upload.id).received == CUT
    done = library.receive(owner, upload.id, CUT, io.BytesIO(CONTENT[CUT:]))
    assert digest(parts.part_path(done.id).read_bytes()) == digest(CONTENT)


def test_record_beyond_the_part_is_not_believed(owner: Actor) -> None:
    """The disk lost what it had promised."""
    upload = library.start_upload(owner, "a.txt", len(CONTENT))
    library.receive(owner, upload.id, 0, io.BytesIO(CONTENT[:CUT]))
    with parts.part_path(upload.id).open("r+b") as part:
        part.truncate(100)

    assert library.get_upload(owner, upload.id).received == 100


def test_second_writer_is_turned_away(owner: Actor) -> None:
    upload = library.start_upload(owner, "a.txt", 10)

    with parts.locked_part(upload.id), pytest.raises(Locked):
        library.receive(owner, upload.id, 0, io.BytesIO(b"0123456789"))


def test_wrong_offset_and_too_many_bytes_change_nothing(owner: Actor) -> None:
    upload = library.start_upload(owner, "a.txt", 10)
    library.receive(owner, upload.id, 0, io.BytesIO(b"01234"))

    with pytest.raises(Conflict):
        library.receive(owner, upload.id, 0, io.BytesIO(b"01234"))
    with pytest.raises(TooLarge):
        library.receive(owner, upload.id, 5, io.BytesIO(b"56789X"))

    assert library.get_upload(owner, upload.id).received == 5


def test_damaged_chunk_is_dropped(owner: Actor) -> None:
    upload = library.start_upload(owner, "a.txt", 10)
    right = b64encode(hashlib.sha256(b"01234").digest()).decode()

    with pytest.raises(ChecksumMismatch):
        library.receive(owner, upload.id, 0, io.BytesIO(b"0123X"), Checksum("sha256", right))

    assert library.get_upload(owner, upload.id).received == 0
    assert library.receive(owner, upload.id, 0, io.BytesIO(b"01234"), Checksum("sha256", right)).received == 5


@pytest.mark.parametrize(
    ("name", "size", "error"),
    [("a.txt", 0, Invalid), ("", 5, Invalid), ("..", 5, Invalid), ("a.pptx", 101 << 20, TooLarge)],
)
def test_what_cannot_be_taken_is_refused_before_the_first_byte(
    owner: Actor, name: str, size: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        library.start_upload(owner, name, size)

    assert count(Upload) == 0


def test_quota_counts_what_is_under_way(owner: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PERSON_QUOTA", 100)
    library.start_upload(owner, "a.txt", 60)

    with pytest.raises(TooLarge, match="quota_person"):
        library.start_upload(owner, "b.txt", 60)

    assert library.start_upload(owner, "c.txt", 40).received == 0


def test_quota_lowered_meanwhile_is_asked_again_at_the_end(
    owner: Actor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = library.start_upload(owner, "a.txt", 10)
    monkeypatch.setitem(app.config, "PERSON_QUOTA", 5)

    with pytest.raises(TooLarge, match="quota_person"):
        library.receive(owner, upload.id, 0, io.BytesIO(b"0123456789"))

    assert count(ResourceFile) == 0


def test_school_quota_holds_for_all_its_teachers(
    owner: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor]
) -> None:
    with transaction():
        cast.core.quota_bytes = 100
    library.start_upload(owner, "a.txt", 90)

    with pytest.raises(TooLarge, match="quota_school"):
        library.start_upload(actor(cast.colleague), "b.txt", 20)


@pytest.mark.parametrize(
    "name", ["汉" * 255, "山行" * 40 + ".pptx", "〇𠮷繁體.txt", "CON", "a\r\nX: y.txt", "\u202egpj.exe.txt"]
)
def test_names_are_kept_as_people_gave_them_but_for_what_nobody_sees(owner: Actor, name: str) -> None:
    upload = library.start_upload(owner, name, 5)

    done = library.receive(owner, upload.id, 0, io.BytesIO(b"words"))

    kept = fresh(ResourceFile, done.file_id).name
    assert kept == name.replace("\r\n", "").replace("\u202e", "")


def test_given_up_upload_leaves_nothing(owner: Actor) -> None:
    upload = library.start_upload(owner, "a.txt", 10)

    library.cancel_upload(owner, upload.id)

    assert (count(Upload), parts.part_size(upload.id)) == (0, 0)


def test_upload_is_nobody_elses(owner: Actor, cast: SimpleNamespace, actor: Callable[[Person], Actor]) -> None:
    upload = library.start_upload(owner, "a.txt", 10)

    for door in (
        lambda by: library.get_upload(by, upload.id),
        lambda by: library.receive(by, upload.id, 0, io.BytesIO(b"x")),
        lambda by: library.cancel_upload(by, upload.id),
    ):
        with pytest.raises(NotFound):
            door(actor(cast.colleague))


def test_abandoned_upload_is_swept_and_a_live_one_is_not(owner: Actor) -> None:
    old = library.start_upload(owner, "old.txt", 10).id
    with time_machine.travel(now() + timedelta(hours=71)):
        young = library.start_upload(owner, "young.txt", 10)
    with time_machine.travel(now() + timedelta(hours=73)):
        sweep()

    assert [row.id for row in library.open_uploads(owner)] == [young.id]
    assert not parts.part_path(old).exists()
    assert parts.part_path(young.id).exists()


class TestTus:
    """The same through HTTP, as tus-js-client speaks it."""

    @pytest.fixture
    def web(self, cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]) -> FlaskClient:
        return sign_in(cast.owner)

    def create(self, web: FlaskClient, size: int = len(CONTENT), **headers: str) -> Any:
        name = b64encode("山行.txt".encode()).decode()
        return web.post(
            "/uploads",
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Length": str(size),
                "Upload-Metadata": f"filename {name},empty",
                **headers,
            },
        )

    def patch(self, web: FlaskClient, url: str, offset: int, content: bytes, **headers: str) -> Any:
        return web.patch(
            url,
            data=content,
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
                **headers,
            },
        )

    def head(self, web: FlaskClient, url: str) -> Any:
        return web.head(url, headers={"Tus-Resumable": "1.0.0"})

    def test_server_says_what_it_can(self, client: FlaskClient) -> None:
        answer = client.options("/uploads")

        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
        assert {"creation", "termination", "checksum"} <= set(answer.headers["Tus-Extension"].split(","))

    def test_upload_cut_at_sixty_percent_goes_on(self, web: FlaskClient) -> None:
        created = self.create(web)
        url = created.headers["Location"]
        assert created.status_code == 201

        assert self.patch(web, url, 0, CONTENT[:CUT]).headers["Upload-Offset"] == str(CUT)
        offset = int(self.head(web, url).headers["Upload-Offset"])
        last = self.patch(web, url, offset, CONTENT[offset:])

        assert last.status_code == 204
        assert web.get(url).json["resource_id"] == last.headers["Tongyan-Resource"]
        assert fresh(ResourceFile, UUID(web.get(url).json["file_id"])).name == "山行.txt"

    def test_first_bytes_may_come_with_the_creation(self, web: FlaskClient) -> None:
        name = b64encode(b"a.txt").decode()
        created = web.post(
            "/uploads",
            data=b"01234",
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Length": "10",
                "Upload-Metadata": f"filename {name}",
                "Content-Type": "application/offset+octet-stream",
            },
        )

        assert (created.status_code, created.headers["Upload-Offset"]) == (201, "5")

    def test_refusals_have_the_status_of_the_protocol(self, web: FlaskClient) -> None:
        url = self.create(web, 10).headers["Location"]
        wrong = b64encode(hashlib.sha1(b"other", usedforsecurity=False).digest()).decode()

        assert web.post("/uploads", headers={"Upload-Length": "1"}).status_code == 412
        assert self.create(web, size=-1).status_code == 422
        assert self.create(web, **{"Upload-Metadata": "filename ###"}).status_code == 422
        assert self.patch(web, url, 3, b"x").status_code == 409
        assert self.patch(web, url, 0, b"x", **{"Content-Type": "text/plain"}).status_code == 415
        assert self.patch(web, url, 0, b"x", **{"Upload-Checksum": "md5 x"}).status_code == 422
        assert self.patch(web, url, 0, b"x", **{"Upload-Checksum": f"sha1 {wrong}"}).status_code == 460
        with parts.locked_part(db.session.scalar(select(Upload.id).where(Upload.size == 10))):
            assert self.patch(web, url, 0, b"x").status_code == 423
        assert self.head(web, url).headers["Upload-Offset"] == "0"

    def test_file_joins_the_draft_it_was_meant_for(self, web: FlaskClient) -> None:
        first = self.patch(web, self.create(web).headers["Location"], 0, CONTENT).headers["Tongyan-Resource"]
        name, meant = (b64encode(text.encode()).decode() for text in ("二.txt", first))
        second = self.create(web, 5, **{"Upload-Metadata": f"filename {name},resource {meant}"}).headers["Location"]

        assert self.patch(web, second, 0, b"words").headers["Tongyan-Resource"] == first

    @pytest.mark.parametrize("metadata", ["filename " + "YQ==" * 2001, "filename YQ==,resource bm9uc2Vuc2U="])
    def test_nonsense_in_the_metadata_is_refused(self, web: FlaskClient, metadata: str) -> None:
        answer = self.create(web, 5, **{"Upload-Metadata": metadata})

        assert (answer.status_code, answer.json["code"]) == (422, "upload.header")

    def test_termination(self, web: FlaskClient) -> None:
        url = self.create(web).headers["Location"]

        assert web.delete(url, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
        assert self.head(web, url).status_code == 404

    def test_stranger_and_anonymous_find_nothing(
        self, web: FlaskClient, client: FlaskClient, cast: SimpleNamespace, sign_in: Callable[[Person], FlaskClient]
    ) -> None:
        url = self.create(web).headers["Location"]

        assert self.head(sign_in(cast.colleague), url).status_code == 404
        assert self.patch(sign_in(cast.head), url, 0, b"x").status_code == 404
        assert self.patch(client, url, 0, b"x").status_code == 401
