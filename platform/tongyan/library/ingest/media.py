"""Length and poster of audio and video, when ffmpeg is there."""

import json
import shutil
from pathlib import Path

from tongyan.library.ingest import sandbox
from tongyan.library.ingest.refusal import Refused


def available() -> bool:
    """Say whether the tools are there."""
    return all(shutil.which(tool) for tool in ("ffprobe", "ffmpeg", "prlimit")) and bool(sandbox.which_sandbox())


def duration(source: Path) -> float | None:
    """Return the length in seconds, None when it cannot be told."""
    argv = ["ffprobe", "-v", "quiet", "-print_format", "json", "-show_format", str(source)]
    output = sandbox.run(sandbox.limited(sandbox.confine(argv, [str(source)], []))).output
    try:
        return float(json.loads(output)["format"]["duration"])
    except (ValueError, KeyError):
        return None


def poster(source: Path, folder: Path) -> Path:
    """Write a picture from the third second (or the first frame) and return it; raises Refused."""
    target = folder / "poster.png"
    for second in ("3", "0"):
        argv = ["ffmpeg", "-v", "quiet", "-ss", second, "-i", str(source), "-frames:v", "1", str(target)]
        sandbox.run(sandbox.limited(sandbox.confine(argv, [str(source)], [str(folder)])))
        if target.is_file() and target.stat().st_size:
            return target
    raise Refused("preview.failed")
