"""The examples of docs/api.md are really sent, in their order, and all of them succeed."""

import re
import shlex
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient

from tests.access.world import make_resource
from tests.sessions import open_access
from tongyan.library.models import Resource

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
SAFE_IN_URL = "/:?&=%"


def examples() -> list[str]:
    """Return every call of curl in the guide."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    return [line for block in blocks for line in block.splitlines() if line.startswith("curl ")]


def send(client: FlaskClient, line: str, names: dict[str, str]) -> Any:
    """Send what curl would send."""
    for name, value in names.items():
        line = line.replace(f"${name}", value)
    words = iter(shlex.split(line)[1:])
    method, body, headers = "GET", None, {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        elif word == "-u":
            headers["Authorization"] = "Basic " + b64encode(next(words).encode()).decode()
        else:
            url = quote(word, safe=SAFE_IN_URL)
    return client.open(url, method=method, headers=headers, data=body, buffered=True)


def test_every_example_succeeds(app: Flask, cast: SimpleNamespace, run_jobs: Callable[[], int]) -> None:
    resource: Resource = make_resource(cast, "own")
    make_resource(cast, "same_school")
    token = str(open_access(app, cast.owner).environ_base["HTTP_AUTHORIZATION"]).removeprefix("Bearer ")
    names = {"TONGYAN": "http://localhost", "TOKEN": token, "RESOURCE": str(resource.id), "SCHOOL": str(cast.core.id)}
    client, sent = app.test_client(), examples()
    assert len(sent) > 15
    for line in sent:
        answer = send(client, line, names)
        assert answer.status_code in {200, 201}, (line, answer.text)
