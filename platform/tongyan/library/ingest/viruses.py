"""Asking ClamAV, where the site has it (the health page says when it has not)."""

import shutil
import subprocess
from pathlib import Path

import structlog

from tongyan.library.ingest.refusal import Refused

log = structlog.get_logger()

FOUND = 1
SECONDS = 120


def scan(path: Path) -> None:
    """Raise Refused when the scanner finds something; one that does not answer only warns, so that lessons go on."""
    scanner = shutil.which("clamdscan")
    if scanner is None:
        return
    argv = [scanner, "--fdpass", "--no-summary", str(path)]
    try:
        code = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 # fixed words and a path of ours
    except subprocess.TimeoutExpired:
        log.warning("virus_scan_silent", path=str(path))
        return
    if code.returncode == FOUND:
        raise Refused("file.virus")
    if code.returncode != 0:
        log.warning("virus_scan_failed", path=str(path), code=code.returncode)
