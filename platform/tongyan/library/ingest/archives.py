"""Looking into zip containers without unpacking them (runs in the child process)."""

import re
import zipfile
import zlib
from pathlib import Path

from tongyan.library.ingest.encodings import decode
from tongyan.library.ingest.refusal import Refused

MAX_ENTRIES = 2_000
MAX_UNPACKED = 500 << 20
MAX_RATIO = 100
NESTED = (".zip", ".rar", ".7z", ".gz", ".bz2", ".xz", ".tar", ".jar")
LOCKED_FLAG, UTF8_FLAG = 0x1, 0x800
MANIFEST, MAX_MANIFEST = "imsmanifest.xml", 5 << 20  # at the root: a teaching package
CARTRIDGE = b"imsccv1p"  # in the namespaces of an IMS Common Cartridge, which holds files and nothing to launch
MAIN_PARTS = {"ppt/presentation.xml": "pptx", "word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


def inspect(path: Path) -> str:
    """Return "pptx", "docx", "xlsx", "scorm" or "zip"; raises Refused for bombs, macros, damage and unsafe names."""
    try:
        with zipfile.ZipFile(path) as container:
            return _inspect(container, path.stat().st_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Refused("file.damaged") from error
    except RuntimeError as error:  # an entry wants a password
        raise Refused("file.encrypted") from error


def _inspect(container: zipfile.ZipFile, size: int) -> str:
    entries = container.infolist()
    _check_bomb(entries, size)
    names = {entry.filename for entry in entries}
    kind = next((kind for part, kind in MAIN_PARTS.items() if part in names), None)
    if kind is None or "[Content_Types].xml" not in names:
        _check_archive(entries)
        return "scorm" if _is_scorm(container) else "zip"
    _check_office(container, names)
    return kind


def _check_bomb(entries: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    overlapping = packed > size
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * size or overlapping:
        raise Refused("file.bomb")


def _check_office(container: zipfile.ZipFile, names: set[str]) -> None:
    types = container.read("[Content_Types].xml")
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("file.macro")
    if container.testzip() is not None:  # also finds entries that are longer than they declare
        raise Refused("file.damaged")


def _check_archive(entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        if entry.flag_bits & LOCKED_FLAG:
            raise Refused("file.encrypted")  # no scanner could look into it
        name = entry_name(entry)
        if _unsafe(name) or (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise Refused("file.archive_unsafe")
        if name.lower().endswith(NESTED):
            raise Refused("file.archive_nested")


def _unsafe(name: str) -> bool:
    return name.startswith(("/", "\\")) or bool(re.match(r"[A-Za-z]:", name)) or ".." in re.split(r"[/\\]", name)


def entry_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of an entry; without the UTF-8 flag, Chinese programs wrote it in GBK."""
    if entry.flag_bits & UTF8_FLAG:
        return entry.filename
    return decode(entry.filename.encode("cp437", "replace")) or entry.filename


def _is_scorm(container: zipfile.ZipFile) -> bool:
    manifest = _manifest(container)
    return manifest is not None and CARTRIDGE not in manifest


def _manifest(container: zipfile.ZipFile) -> bytes | None:
    if MANIFEST not in container.namelist():
        return None
    with container.open(MANIFEST) as stream:
        return stream.read(MAX_MANIFEST)


def listing(path: Path) -> str:
    """Return what a teaching package calls its parts, then the names in the archive, one per line."""
    with zipfile.ZipFile(path) as container:
        names = [entry_name(entry) for entry in container.infolist()]
        return "\n".join([*_titles(_manifest(container)), *names])


def _titles(manifest: bytes | None) -> list[str]:
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415 # only for teaching packages

    if manifest is None:
        return []
    try:
        found = fromstring(manifest).iter()
    except (SyntaxError, ValueError, LookupError):  # what is no XML, what is forbidden in it, an unknown encoding
        return []  # the names are still worth finding
    titles = (" ".join("".join(each.itertext()).split()) for each in found if each.tag.rpartition("}")[2] == "title")
    return list(dict.fromkeys(title for title in titles if title))
