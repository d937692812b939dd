"""Real files that only the real programs can make: LibreOffice, ffmpeg, a Chinese font."""

import io
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.library import samples
from tongyan.library.ingest import office

OLD = {"ppt": "pptx", "doc": "docx", "xls": "xlsx"}
PICTURE = "testsrc2=size={size}:rate=25:duration={seconds}"
SOUND = "sine=frequency=440:duration={seconds}"
FILMS = {
    "mp4": ("libx264", "aac", "mp4"),
    "mov": ("libx264", "aac", "mov"),
    "webm": ("libvpx", "libvorbis", "webm"),
    "mkv": ("libx264", "aac", "matroska"),
    "avi": ("mpeg4", "mp2", "avi"),
    "flv": ("flv1", "none", "flv"),
    "mpg": ("mpeg1video", "mp2", "mpeg"),
    "wmv": ("wmv2", "wmav2", "asf"),
}
SOUNDS = {
    "mp3": ("libmp3lame", "mp3"),
    "m4a": ("aac", "ipod"),
    "wav": ("pcm_s16le", "wav"),
    "ogg": ("libvorbis", "ogg"),
    "flac": ("flac", "flac"),
    "aac": ("aac", "adts"),
}


def old_office(kind: str, folder: Path) -> bytes:
    """Return an Office file in the format of twenty years ago."""
    new = OLD[kind]
    content = {"pptx": samples.pptx, "docx": samples.docx, "xlsx": samples.xlsx}[new]()
    source = samples.written(folder, f"old.{new}", content)
    home = folder / "home"
    (home / "user").mkdir(parents=True, exist_ok=True)
    (home / "user" / "registrymodifications.xcu").write_text(office.PROFILE.format(reduce="true"), encoding="utf-8")
    argv = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{home}", "--convert-to", kind]
    subprocess.run([*argv, "--outdir", folder, source], check=True, capture_output=True, timeout=120)  # noqa: S603, S607
    return source.with_suffix(f".{kind}").read_bytes()


def film(kind: str, folder: Path, *, size: str = "320x240", seconds: int = 2, bitrate: str = "400k") -> bytes:
    """Return a moving test card with a tone."""
    picture, sound, container = FILMS[kind]
    audio = ["-an"] if sound == "none" else ["-c:a", sound, "-ar", "44100"]
    sources = [PICTURE.format(size=size, seconds=seconds), SOUND.format(seconds=seconds)]
    return _ffmpeg(folder, sources, ["-c:v", picture, "-b:v", bitrate, "-pix_fmt", "yuv420p", *audio, "-f", container])


def sound(kind: str, folder: Path, seconds: int = 2) -> bytes:
    """Return a tone."""
    codec, container = SOUNDS[kind]
    return _ffmpeg(folder, [SOUND.format(seconds=seconds)], ["-c:a", codec, "-ac", "1", "-f", container])


def speech(seconds: int = 2) -> bytes:
    """Return what telephones record (AMR), which ffmpeg reads and does not write: fifty small frames a second."""
    return b"#!AMR\n" + (b"\x04" + b"\0" * 12) * 50 * seconds


def _ffmpeg(folder: Path, sources: list[str], how: list[str]) -> bytes:
    target = folder / "made"
    inputs = [part for source in sources for part in ("-f", "lavfi", "-i", source)]
    argv = ["ffmpeg", "-v", "error", "-y", *inputs, *how, "-fflags", "+bitexact", str(target)]
    subprocess.run(argv, check=True, capture_output=True, timeout=120)  # noqa: S603
    return target.read_bytes()


def sheet(text: str, size: tuple[int, int] = (1200, 400)) -> Image.Image:
    """Return a sheet of paper with printed words, as a scanner sees it."""
    (font,) = sorted(Path("/usr/share/fonts").rglob("NotoSansCJK-Regular*"))[:1]
    paper = Image.new("L", size, 250)
    ImageDraw.Draw(paper).text((60, 80), text, font=ImageFont.truetype(font, 40), fill=20)
    return paper


def scan(kind: str, *texts: str, size: tuple[int, int] = (1200, 400)) -> bytes:
    """Return sheets as a picture of that kind (one sheet), or as a PDF of pictures."""
    first, *others = (sheet(text, size).convert("RGB") for text in texts)
    stream = io.BytesIO()
    more = {"save_all": True, "append_images": others, "resolution": 150} if kind == "pdf" else {}
    first.save(stream, kind, **more)
    return stream.getvalue()
