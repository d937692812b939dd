"""The same document is the same bytes on every machine and at any time."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import IO

LONG_AGO = (2026, 9, 1, 8, 0, 0)
CHANGED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def sealed(save: Callable[[IO[bytes]], object]) -> bytes:
    """Return an Office file without the time at which it happened to be written."""
    raw, stream = io.BytesIO(), io.BytesIO()
    save(raw)
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, CHANGED.sub(rb"\g<1>2026-09-01T08:00:00Z", made.read(name)))
    return stream.getvalue()
