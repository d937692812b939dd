"""What a file is, told by its content and never by its name (runs in the child process)."""

import mmap
import warnings
from dataclasses import dataclass
from pathlib import Path

from tongyan.library.ingest import archives
from tongyan.library.ingest.encodings import decode
from tongyan.library.ingest.refusal import Refused
from tongyan.library.names import extension, words

HEAD = 4096
MAX_PIXELS = 50_000_000
MAX_PDF_PAGES = 2_000
# written in two parts, so that no scanner takes this module for the test virus
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\x4c\x00\x00\x00\x01\x14\x02\x00")
SPEECH = b"#!AMR"  # recordings of telephones begin like a script
ACTIVE_TEXT = (b"<!doctype", b"<html", b"<svg", b"<script", b"<?xml", b"<body", b"<head", b"<iframe", b"{\\rtf")
OPEN_XML = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of content: media type, family, the extensions it may carry."""

    media_type: str
    family: str
    extensions: tuple[str, ...]


FORMATS = {
    "pptx": Format(f"{OPEN_XML}presentationml.presentation", "document", ("pptx", "ppsx", "potx")),
    "docx": Format(f"{OPEN_XML}wordprocessingml.document", "document", ("docx", "dotx")),
    "xlsx": Format(f"{OPEN_XML}spreadsheetml.sheet", "document", ("xlsx", "xltx")),
    "ppt": Format("application/vnd.ms-powerpoint", "document", ("ppt", "pps", "pot", "dps")),
    "doc": Format("application/msword", "document", ("doc", "dot", "wps")),
    "xls": Format("application/vnd.ms-excel", "document", ("xls", "xlt", "et")),
    "pdf": Format("application/pdf", "document", ("pdf", "ai")),
    "jpeg": Format("image/jpeg", "image", ("jpg", "jpeg", "jfif", "mpo")),
    "png": Format("image/png", "image", ("png", "apng")),
    "gif": Format("image/gif", "image", ("gif",)),
    "webp": Format("image/webp", "image", ("webp",)),
    "bmp": Format("image/bmp", "image", ("bmp", "dib")),
    "tiff": Format("image/tiff", "image", ("tif", "tiff")),
    "mp4": Format("video/mp4", "video", ("mp4", "m4v", "mov", "3gp", "f4v")),
    "webm": Format("video/webm", "video", ("webm", "mkv")),
    "avi": Format("video/x-msvideo", "video", ("avi",)),
    "flv": Format("video/x-flv", "video", ("flv",)),
    "mpeg": Format("video/mpeg", "video", ("mpg", "mpeg", "vob", "dat")),
    "wmv": Format("video/x-ms-asf", "video", ("wmv", "wma", "asf")),
    "mp3": Format("audio/mpeg", "audio", ("mp3",)),
    "m4a": Format("audio/mp4", "audio", ("m4a", "aac", "m4b")),
    "wav": Format("audio/x-wav", "audio", ("wav",)),
    "ogg": Format("audio/ogg", "audio", ("ogg", "oga", "ogv", "opus")),
    "flac": Format("audio/flac", "audio", ("flac",)),
    "aac": Format("audio/aac", "audio", ("aac",)),
    "amr": Format("audio/amr", "audio", ("amr",)),
    "text": Format("text/plain", "text", ("txt", "md", "csv", "srt", "lrc", "log", "tex", "ass", "vtt", "tsv")),
    "zip": Format("application/zip", "other", ("zip",)),
    "scorm": Format("application/zip", "other", ("zip",)),  # a lesson that can be launched
    "other": Format("application/octet-stream", "other", ()),
}
KNOWN = {suffix for kind in FORMATS.values() for suffix in kind.extensions}
REFUSED_NAMES = words(
    "7z apk asp aspx bat bz2 chm cmd com cpl dll dmg exe fodp fods fodt gz hta htm html iso jar js jse jsp "
    "lnk mht mhtml mjs msi php ps1 rar reg rtf scr sh shtml svg svgz swf tar url vbe vbs wsf xhtml xml xsl xz"
)
MACRO_NAMES = words("docm dotm potm ppam ppsm pptm xlam xlsb xlsm xltm")


def detect(path: Path, name: str) -> str:
    """Return the key of the content in FORMATS; raises Refused."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    _check_danger(head, name)
    kind = _kind(path, head)
    suffix = extension(name)
    if suffix in KNOWN and suffix not in FORMATS[kind].extensions:
        raise Refused("file.wrong_extension")
    return kind


def _check_danger(head: bytes, name: str) -> None:
    if not head:
        raise Refused("file.empty")
    if EICAR in head:
        raise Refused("file.virus")
    if extension(name) in MACRO_NAMES:
        raise Refused("file.macro")
    if (head.startswith(PROGRAMS) and not head.startswith(SPEECH)) or extension(name) in REFUSED_NAMES:
        raise Refused("file.type_refused")


def _kind(path: Path, head: bytes) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return archives.inspect(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole(path)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"Rar!", b"7z\xbc\xaf'\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        raise Refused("file.type_refused")
    return _picture(path) or _media(head) or _text(path, head) or "other"


def _ole(path: Path) -> str:
    """Tell the old Office formats apart by the names in their directory."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:

        def holds(name: str) -> bool:
            return content.find(name.encode("utf-16-le")) >= 0

        if holds("EncryptedPackage") or holds("EncryptedSummary"):
            raise Refused("file.encrypted")
        if holds("_VBA_PROJECT") or holds("_VBA_PROJECT_CUR"):
            raise Refused("file.macro")
        for name, kind in (("WordDocument", "doc"), ("PowerPoint Document", "ppt"), ("Workbook", "xls")):
            if holds(name):
                return kind
    return "other"


def _picture(path: Path) -> str | None:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 # only for what may be a picture

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "error", Image.DecompressionBombWarning
            )  # a bomb of up to twice the limit is only warned of
            with Image.open(path, formats=("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")) as image:
                kind = {"mpo": "jpeg"}.get((image.format or "").lower(), (image.format or "").lower())
                image.load()
    except UnidentifiedImageError:
        return None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("file.too_many_pixels") from error
    except Exception as error:  # decoders raise all kinds of things on damage
        raise Refused("file.damaged") from error
    return kind


def _media(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return "m4a" if head[8:11] == b"M4A" else "mp4"
    if head.startswith(b"RIFF"):
        return {b"WAVE": "wav", b"AVI ": "avi"}.get(head[8:12])
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "mp3"
    return None


MAGIC = (
    (b"\x1a\x45\xdf\xa3", "webm"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b"FLV\x01", "flv"),
    (SPEECH, "amr"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wmv"),
    (b"\xff\xf1", "aac"),
    (b"\xff\xf9", "aac"),
)


def _text(path: Path, head: bytes) -> str | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(ACTIVE_TEXT) or b"<script" in head.lower() or b"<svg" in head.lower():
        raise Refused("file.type_refused")
    return "text" if decode(path.read_bytes()[: 20 << 20]) is not None else None
