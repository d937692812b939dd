"""Names inside archives that every system can unpack, each path only once."""

from collections.abc import Sequence
from itertools import count
from pathlib import PurePosixPath

from tongyan.library.names import clean_text, words

MAX_BYTES = 255  # of one name, in UTF-8: what file systems take
MAX_SUFFIX = 20
# the full-width twins look alike and mean nothing to any system; "%" and "#" would mean something in an address
LOOKALIKES = str.maketrans('\\/:*?"<>|%#', "＼／：＊？＂＜＞｜％＃")
RESERVED = words("con prn aux nul") | {f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10)}
NAMELESS = "未命名"


def part_name(text: str) -> str:
    """Return a text as the name of one folder or file, at most 255 bytes."""
    name = clean_text(text).translate(LOOKALIKES).strip(" .") or NAMELESS
    if name.partition(".")[0].strip().lower() in RESERVED:
        name = f"_{name}"
    return _fitted(name)


def _fitted(name: str, mark: str = "") -> str:
    """Return a name with a mark before its extension, shortened in the middle of nothing but its stem."""
    suffix = PurePosixPath(name).suffix[:MAX_SUFFIX]
    stem = name[: len(name) - len(suffix)] if suffix else name
    room = MAX_BYTES - len(f"{mark}{suffix}".encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{stem}{mark}{suffix}"


class Paths:
    """The paths of one archive; what differs only in case is the same to some systems."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def open(self, folders: Sequence[str]) -> str:
        """Return the path of a folder that many things share ("" for none), and keep its name from single things."""
        path = ""
        for folder in folders:
            path = f"{path}{part_name(folder)}/"
            self._taken.add(path.rstrip("/").casefold())
        return path

    def claim(self, folder: str, text: str) -> str:
        """Return a path below a folder ("a/b/") that nothing else has; a second 山行.pptx becomes 山行 (2).pptx."""
        name = part_name(text)
        for number in count(1):
            path = folder + (name if number == 1 else _fitted(name, f" ({number})"))
            if path.casefold() not in self._taken:
                break
        self._taken.add(path.casefold())
        return path
