"""Folding: what the eye takes for the same becomes the same (width, case, accents, traditional characters).

The map works character by character, so that a place in the folded text can be found again in the original.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import islice, product

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
MAX_SPELLINGS = 16


@cache
def _simplified() -> dict[str, str]:
    """Return traditional -> simplified by character (OpenCC's list); phrases would need context a query lacks."""
    text = (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split("\t") for line in text.splitlines() if "\t" in line)
    return {traditional: simplified.split()[0] for traditional, simplified in pairs}


@cache
def _unfolded() -> dict[str, str]:
    """Return for a simplified character all that fold to it, itself first."""
    forms: dict[str, str] = {}
    for traditional, simplified in _simplified().items():
        forms[simplified] = forms.get(simplified, simplified) + traditional
    return forms


def spellings(folded: str) -> Iterator[str]:
    """Give the usual ways to write what folds to this: traditional and simplified, small and capital letters."""
    if folded.isascii():
        yield from dict.fromkeys((folded, folded.capitalize(), folded.upper()))
        return
    for spelling in islice(product(*(_unfolded().get(char, char) for char in folded)), MAX_SPELLINGS):
        yield "".join(spelling)


class _Folding(dict[int, str]):
    """Filled while it is used; `uneven` are the characters whose folded form is not one character long."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = _fold_char(char)
        if len(folded) != 1:
            self.uneven.add(char)
        self[code] = folded
        return folded


def _fold_char(char: str) -> str:
    if unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"}:
        return " "
    parts = unicodedata.normalize("NFKD", char)
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    lower = unicodedata.normalize("NFC", bare).lower()
    return "".join(_simplified().get(part, part) for part in lower)


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Fold a text."""
    return text.translate(_FOLDING)


def fold_with_places(text: str) -> tuple[str, list[int] | None]:
    """Fold a text and return for each folded character its place in the original (None: the same place)."""
    folded = fold(text)
    if _FOLDING.uneven.isdisjoint(text):
        return folded, None
    places = [place for place, char in enumerate(text) for _ in _FOLDING[ord(char)]]
    return folded, places
