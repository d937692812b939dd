"""The process that reads untrusted bytes: `python -m tongyan.library.ingest.child COMMAND JSON`.

It limits itself before it opens anything, answers with one JSON object on standard output, and imports neither the
application nor the database. The parent is `sandbox.run_child`.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tongyan.library.ingest.refusal import Refused

MEMORY = 2 << 30
CPU_SECONDS = 60
FILE_SIZE = 400 << 20


def limit_myself() -> None:
    """Give up the right to much memory, time, disk and files."""
    for what, amount in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_NOFILE, 128),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))


def check(path: str, name: str) -> dict[str, Any]:
    """Say what a file is."""
    from tongyan.library.ingest import formats, pictures  # noqa: PLC0415 # loaded after the limits are set

    kind = formats.detect(Path(path), name)
    pages = pictures.count_pages(Path(path)) if kind == "pdf" else None
    return {"kind": kind, "page_count": pages}


def pages(path: str, first: int, last: int, folder: str) -> dict[str, Any]:
    """Render pages of a PDF, and count them all."""
    from tongyan.library.ingest import pictures  # noqa: PLC0415 # as above

    count, rows = pictures.render_pages(Path(path), first, last, Path(folder))
    return {"page_count": count, "pages": rows}


def picture(path: str, folder: str) -> dict[str, Any]:
    """Make the preview of an image."""
    from tongyan.library.ingest import pictures  # noqa: PLC0415 # as above

    return {"pages": pictures.picture(Path(path), Path(folder))}


def text(path: str, kind: str) -> dict[str, Any]:
    """Extract the words."""
    from tongyan.library.ingest import texts  # noqa: PLC0415 # as above

    return {"texts": texts.extract(Path(path), kind)}


def scan(path: str, pages: list[int], folder: str) -> dict[str, Any]:
    """Make pictures for reading: of pages of a PDF, or of an image when none is named."""
    from tongyan.library.ingest import pictures  # noqa: PLC0415 # as above

    if pages:
        pictures.scan_pages(Path(path), pages, Path(folder))
    else:
        pictures.scan_picture(Path(path), Path(folder))
    return {}


COMMANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "check": check,
    "pages": pages,
    "picture": picture,
    "scan": scan,
    "text": text,
}


def main(command: str, arguments: str) -> None:
    """Run one command and print its answer."""
    limit_myself()
    try:
        answer = COMMANDS[command](**json.loads(arguments))
    except Refused as refusal:
        answer = {"refused": refusal.code}
    except Exception:  # what no parser is expected to raise; a MemoryError too
        answer = {"refused": "file.too_complex"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    sys.modules["numpy"] = None  # type: ignore[assignment] # openpyxl would load it, and take longer than for most sheets
    main(*sys.argv[1:])
