"""Damaged files of every kind, always the same: real ones with bytes changed, lost or doubled, and parts mangled."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.library import made, samples

PICTURES = ("png", "jpeg", "gif", "webp", "bmp", "tiff")
WORST = (b"\x00" * 64, b"\xff" * 64, b"%s%n" * 16, b"<" * 64, b"\x7f\xff\xff\xff" * 8)


def real_files(folder: Path) -> dict[str, bytes]:
    """Return one real file of every kind, by extension."""
    files = {"pptx": samples.pptx(), "docx": samples.docx(), "xlsx": samples.xlsx(), "amr": made.speech()}
    files |= {kind: made.old_office(kind, folder) for kind in made.OLD}
    files |= {kind: made.scan(kind, "今天我们学习") for kind in (*PICTURES, "pdf")}
    files |= {kind: made.film(kind, folder) for kind in made.FILMS}
    files |= {kind: made.sound(kind, folder) for kind in made.SOUNDS}
    return files | {"txt": samples.POEM.encode() * 20, "zip": samples.scorm("山行")}


def malformed_files(number: int, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give so many damaged files as (name, content)."""
    chance = Random(13)  # noqa: S311 # not for secrets
    files = real_files(folder)
    for each in range(number):
        kind = chance.choice(list(files))
        ways = [*WAYS, _mangle] * (2 if kind in {"pptx", "docx", "xlsx"} else 1)
        content = files[kind]
        for _ in range(chance.choice((1, 1, 2, 4))):
            content = chance.choice(ways)(chance, content)
        yield f"{each:04}.{kind}", content or b"\x00"


def _flip(chance: Random, content: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 8, 64))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _truncate(chance: Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _cut(chance: Random, content: bytes) -> bytes:
    begin, end = _span(chance, content)
    return content[:begin] + content[end:]


def _double(chance: Random, content: bytes) -> bytes:
    begin, end = _span(chance, content)
    return content[:end] + content[begin:end] * chance.choice((1, 5)) + content[end:]


def _overwrite(chance: Random, content: bytes) -> bytes:
    begin, _ = _span(chance, content)
    worst = chance.choice(WORST)
    return content[:begin] + worst + content[begin + len(worst) :]


def _span(chance: Random, content: bytes) -> tuple[int, int]:
    begin = chance.randrange(len(content) + 1)
    return begin, min(len(content), begin + chance.choice((1, 16, 500, 5000)))


def _mangle(chance: Random, content: bytes) -> bytes:
    """Damage what a container holds and pack it again, so that the damage is met by the reader behind the unpacker."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            parts = {name: source.read(name) for name in source.namelist()}
    except Exception:  # it is no container, or one damaged before
        return _flip(chance, content)
    name = chance.choice(list(parts))
    parts[name] = chance.choice(WAYS)(chance, parts[name])
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for part, inside in parts.items():
            target.writestr(part, inside)
    return stream.getvalue()


WAYS: tuple[Callable[[Random, bytes], bytes], ...] = (_flip, _truncate, _cut, _double, _overwrite)
