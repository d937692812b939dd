"""Length, poster and light copy of audio and video, when ffmpeg is there."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tongyan.library.ingest import sandbox
from tongyan.library.ingest.refusal import Refused

LINES = 480  # of the light copy: what a village line carries without a stop
HEAVY = 1_500_000  # bits per second: above it a copy is worth while even of a small picture
WORTH = 0.8  # a copy must weigh at most this part of the film
LIGHT_SECONDS = 480  # the job has fifteen minutes for everything
LIGHT_CPU = 2 * LIGHT_SECONDS

# only what holds its own bytes: a playlist would name files and addresses to read
DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpeg,mpegvideo,asf,wav,mp3,ogg,flac,aac,amr"
READ = ("-protocol_whitelist", "file", "-format_whitelist", DEMUXERS)


class Film(NamedTuple):
    """What the tool says of a film: its shorter side in pixels and its bits per second, 0 for unknown."""

    lines: int
    bitrate: int

    @property
    def heavy(self) -> bool:
        """Say whether a lighter copy would help."""
        return self.lines > LINES or self.bitrate > HEAVY


def available() -> bool:
    """Say whether the tools are there."""
    return all(shutil.which(tool) for tool in ("ffprobe", "ffmpeg", "prlimit")) and bool(sandbox.which_sandbox())


def duration(source: Path) -> float | None:
    """Return the length in seconds, None when it cannot be told."""
    try:
        return float(_probe(source, "-show_format")["format"]["duration"])
    except (ValueError, KeyError):
        return None


def film(source: Path) -> Film | None:
    """Return what a film is like, None when there is no picture in it."""
    try:
        said = _probe(source, "-show_format", "-show_streams", "-select_streams", "v:0")
        (stream,) = said["streams"]
        lines = min(int(stream["width"]), int(stream["height"]))
        return Film(lines, int(said["format"].get("bit_rate", 0)))
    except (ValueError, KeyError):
        return None


def _probe(source: Path, *what: str) -> dict[str, Any]:
    argv = ["ffprobe", "-v", "quiet", "-print_format", "json", *what, *READ, str(source)]
    said: dict[str, Any] = json.loads(sandbox.run(sandbox.limited(sandbox.confine(argv, [str(source)], []))).output)
    return said


def poster(source: Path, folder: Path) -> Path:
    """Write a picture from the third second (or the first frame) and return it; raises Refused."""
    target = folder / "poster.png"
    for second in ("3", "0"):
        argv = ["ffmpeg", "-v", "quiet", "-ss", second, *READ, "-i", str(source), "-frames:v", "1", str(target)]
        sandbox.run(sandbox.limited(sandbox.confine(argv, [str(source)], [str(folder)])))
        if target.is_file() and target.stat().st_size:
            return target
    raise Refused("preview.failed")


def light(source: Path, folder: Path, alive: Callable[[], None]) -> Path | None:
    """Write a copy that a thin line carries and return it, None when it is hardly lighter; raises Refused."""
    target = folder / "light.mp4"
    argv = ["nice", "-n", "15", "ffmpeg", "-v", "quiet", "-threads", "2", *READ, "-i", str(source), *LIGHT, str(target)]
    confined = sandbox.limited(sandbox.confine(argv, [str(source)], [str(folder)]), cpu=LIGHT_CPU)
    try:
        ended = sandbox.run(confined, LIGHT_SECONDS, alive)
    except Refused as refused:
        raise Refused("light.too_slow") from refused
    if ended.code or not target.is_file():
        raise Refused("light.failed")
    return target if target.stat().st_size <= WORTH * source.stat().st_size else None


LIGHT = (
    *("-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn", "-map_metadata", "-1"),
    *("-vf", f"scale='if(gt(iw,ih),-2,min({LINES},iw))':'if(gt(iw,ih),min({LINES},ih),-2)',format=yuv420p"),
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "27", "-maxrate", "800k", "-bufsize", "1600k", "-r", "25"),
    *("-c:a", "aac", "-b:a", "64k", "-ac", "1", "-movflags", "+faststart"),
)
