"""Reading pages that are pictures, by tesseract, where the site has it with its Chinese data."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import fmean

from tongyan.library.ingest import sandbox
from tongyan.library.ingest.refusal import Refused
from tongyan.library.ingest.words import GAPS, tidy

LANGUAGE = "chi_sim"
PAGE_SECONDS = 30
SURE = 60.0  # of a hundred, for a line on the whole: below it, leaves and shadows were taken for words
COLUMNS = 12  # level, page, block, paragraph, line, word, left, top, width, height, confidence, text
ENV = ("env", "OMP_THREAD_LIMIT=1")  # its threads wait for each other more than they read


def available() -> str | None:
    """Return None when pictures can be read, else the code of what is missing."""
    if not _has_chinese():
        return "ocr.no_tesseract"
    if not sandbox.which_sandbox() or shutil.which("prlimit") is None:
        return "preview.no_sandbox"
    return None


def _has_chinese() -> bool:
    tool = shutil.which("tesseract")
    return tool is not None and LANGUAGE in _languages(tool)


@cache
def _languages(tool: str) -> frozenset[str]:
    said = subprocess.run([tool, "--list-langs"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603 # fixed words
    return frozenset(said.stdout.split())


def read(picture: Path) -> str:
    """Return the words in a picture; raises Refused when it takes too long."""
    argv = [*ENV, "tesseract", str(picture), "stdout", "-l", LANGUAGE, "tsv"]
    ended = sandbox.run(sandbox.limited(sandbox.confine(argv, [str(picture)], [])), PAGE_SECONDS)
    if ended.code:
        raise Refused("file.too_complex")
    return tidy("\n".join(_lines(ended.output.decode("utf-8", "replace"))))


def _lines(table: str) -> Iterator[str]:
    lines: dict[tuple[str, ...], list[tuple[float, str]]] = {}
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == COLUMNS and cells[11].strip():
            lines.setdefault(tuple(cells[1:5]), []).append((float(cells[10]), cells[11].strip()))
    for words in lines.values():
        if fmean(confidence for confidence, _ in words) >= SURE:
            yield GAPS.sub("", " ".join(word for _, word in words))
