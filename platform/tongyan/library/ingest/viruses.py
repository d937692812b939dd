"""Asking ClamAV, where the site has it (the health page says when it has not, or when it does not answer)."""

import shutil
import subprocess
import time
from pathlib import Path

import structlog

from tongyan.library.ingest.refusal import Refused

log = structlog.get_logger()

CLEAN, FOUND = 0, 1
SECONDS = 60  # less than the lease of the job that asks
REST = 300.0  # seconds for which a scanner that did not answer in time is not asked again


class Line:
    """What this process knows of the way to the scanner; it says once that it is cut, and once that it is back."""

    def __init__(self) -> None:
        self._cut = False
        self._asked_again_at = 0.0

    def rests(self) -> bool:
        """Say whether asking would only cost time."""
        return time.monotonic() < self._asked_again_at

    def fails(self, why: str, rest: float = 0.0) -> None:
        """Note that no answer came."""
        self._asked_again_at = time.monotonic() + rest
        if not self._cut:
            log.warning("virus_scan_silent", why=why)
        self._cut = True

    def works(self) -> None:
        """Note that an answer came."""
        if self._cut:
            log.info("virus_scan_answers")
        self._cut = False


line = Line()


def scan(path: Path) -> None:
    """Raise Refused when the scanner finds something; one that does not answer stops no lesson."""
    scanner = shutil.which("clamdscan")
    if scanner is None or line.rests():
        return
    argv = [scanner, "--fdpass", "--no-summary", str(path)]
    try:
        ended = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=SECONDS)  # noqa: S603 # fixed words and a path of ours
    except subprocess.TimeoutExpired:
        line.fails("timeout", REST)
        return
    if ended.returncode not in {CLEAN, FOUND}:
        line.fails(ended.stderr.decode(errors="replace").strip()[-200:])
        return
    line.works()
    if ended.returncode == FOUND:
        raise Refused("file.virus")
