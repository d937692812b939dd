"""Programs of others against the processes that really run: tuspy uploads with a token, sickle harvests with it."""

from io import BytesIO
from types import SimpleNamespace

import pytest
import requests
from flask import Flask
from sickle import Sickle
from tusclient.client import TusClient

from tests import factories
from tests.access.world import make_resource
from tests.library.conftest import world
from tests.remote import wait_for
from tests.server import Server
from tests.sessions import open_access
from tongyan.library.metadata import urn

__all__ = ["world"]  # a fixture of the library's tests

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def town(world: tuple[Server, Flask]) -> SimpleNamespace:
    """Give the server, a teacher's token, and a resource that the teacher sees."""
    server, app = world
    cast = factories.make_cast()
    token = str(open_access(app, cast.colleague).environ_base["HTTP_AUTHORIZATION"]).removeprefix("Bearer ")
    return SimpleNamespace(server=server, token=token, seen=make_resource(cast, "other_school").id, cast=cast)


def test_sickle_harvests_by_basic(town: SimpleNamespace) -> None:
    catalogue = Sickle(f"{town.server.url}/oai", auth=("harvester", town.token), encoding="utf-8")
    assert catalogue.Identify().baseURL == f"{town.server.url}/oai"
    records = list(catalogue.ListRecords(metadataPrefix="oai_dc"))
    assert [record.header.identifier for record in records] == [urn(town.seen)]
    assert records[0].metadata["title"] == ["资源other_school"]


def test_tuspy_uploads_with_a_token_and_no_cookie(town: SimpleNamespace) -> None:
    shown = {"Authorization": f"Bearer {town.token}"}
    uploader = TusClient(f"{town.server.url}/uploads", headers=shown).uploader(
        file_stream=BytesIO("远上寒山".encode()), chunk_size=4, metadata={"filename": "山行.txt"}
    )
    uploader.upload()

    def ready() -> bool:
        answer = requests.get(f"{town.server.url}/api/v1/resources?mine=true", headers=shown, timeout=20)
        found = [resource["title"] for resource in answer.json()["items"]]
        return found == ["山行"]

    wait_for(ready)
