"""File names as people gave them, made safe to keep and to show."""

import re
import unicodedata
from pathlib import PurePosixPath

MAX_NAME = 255  # characters, what Windows allows; nothing of ours is ever stored under such a name
MAX_PATH = 1000
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def clean_name(text: str) -> str:
    """Return the last part of a path without control, direction or surrogate characters; may be empty."""
    name = re.split(r"[/\\]", clean_text(text))[-1].strip(" .")
    if len(name) <= MAX_NAME:
        return name
    suffix = PurePosixPath(name).suffix[:20]
    return name[: MAX_NAME - len(suffix)] + suffix


def clean_path(text: str) -> str:
    """Return the folders and name of a dropped file as `三上/第二单元/山行.pptx`, without `..` and empty parts."""
    parts = (part.strip() for part in re.split(r"[/\\]", clean_text(text)))
    return "/".join(part for part in parts if part not in {"", ".", ".."})[-MAX_PATH:]


def clean_text(text: str) -> str:
    """Return composed text without characters that nobody sees."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(char for char in composed if unicodedata.category(char) not in INVISIBLE)


def clean_lines(text: str) -> str:
    """Return a text of several lines, each of them clean, without empty ones at its ends."""
    return "\n".join(clean_text(line).rstrip() for line in text.splitlines()).strip()


def words(text: str) -> frozenset[str]:
    """Return the words of a table written as one text."""
    return frozenset(text.split())


def extension(name: str) -> str:
    """Return the extension in lower case without its dot."""
    return PurePosixPath(name.lower()).suffix.removeprefix(".")


def stem(name: str) -> str:
    """Return the name without its extension."""
    return PurePosixPath(name).stem or name
