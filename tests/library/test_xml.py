"""XML inside Office files names no file of ours, calls nobody and does not grow: whatever part it stands in."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.library import samples
from tongyan.library.ingest import child

SECRET = "TONGYAN-SECRET"  # noqa: S105 # what must not come out
MAKERS: dict[str, Callable[[], bytes]] = {"pptx": samples.pptx, "docx": samples.docx, "xlsx": samples.xlsx}
LAUGHS = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def parts() -> list[tuple[str, str]]:
    """Name every XML part of every format."""
    found = []
    for kind, make in MAKERS.items():
        with zipfile.ZipFile(io.BytesIO(make())) as container:
            found += [(kind, name) for name in container.namelist() if name.endswith((".xml", ".rels"))]
    return found


def poisoned(kind: str, part: str, entities: str, used: str) -> bytes:
    """Return an Office file one part of which declares entities and uses one of them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(MAKERS[kind]())) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                xml = re.sub(r"^<\?xml[^>]*\?>\s*", "", text.decode())
                xml = re.sub(r"(>)(<)", rf"\1{used}\2", xml, count=1)
                text = f"<!DOCTYPE x [{entities}]>{xml}".encode()
            target.writestr(name, text)
    return stream.getvalue()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Any]:
    """Let the reading process check and read a file, and return all that it says."""
    monkeypatch.setattr(child, "limit_myself", lambda: None)

    def ask(kind: str, content: bytes) -> str:
        path = str(samples.written(tmp_path, "content", content))
        child.main("check", json.dumps({"path": path, "name": f"a.{kind}"}))
        child.main("text", json.dumps({"path": path, "kind": kind}))
        said: str = capsys.readouterr().out
        return said

    return ask


@pytest.mark.parametrize(("kind", "part"), parts())
def test_no_part_brings_a_file_of_ours(read: Callable[..., str], tmp_path: Path, kind: str, part: str) -> None:
    secret = samples.written(tmp_path, "secret.txt", SECRET.encode())
    declared = f'<!ENTITY f SYSTEM "file://{secret}"><!ENTITY % p SYSTEM "file://{secret}">%p;'

    said = read(kind, poisoned(kind, part, declared, "&f;"))

    assert SECRET not in said
    assert said.startswith("{")


@pytest.mark.parametrize(("kind", "part"), parts())
def test_no_part_grows(read: Callable[..., str], kind: str, part: str) -> None:
    assert len(read(kind, poisoned(kind, part, LAUGHS, "&l9;"))) < 100_000
