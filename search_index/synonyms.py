"""Words that mean the same in a staff room (教案 = 教学设计, 课件 = PPT): what one says, finds the others, too."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from search_index.folding import HAN, fold


class Piece(NamedTuple):
    """A piece of a query; `others` say the same in other words."""

    text: str
    others: tuple[str, ...] = ()


class Synonyms:
    """Sets of words of the same meaning; a word in several sets means all of them."""

    def __init__(self, sets: Iterable[Sequence[str]] = ()) -> None:
        self._others: dict[str, dict[str, None]] = {}
        for words in sets:
            folded = [word for word in dict.fromkeys(fold(word).strip() for word in words) if word]
            for word in folded:
                self._others.setdefault(word, {}).update(dict.fromkeys(each for each in folded if each != word))
        self._words = _pattern(self._others)

    def pieces(self, folded: str) -> list[Piece]:
        """Cut folded text into known words, the longest first, and what stands between them."""
        if self._words is None:
            return [Piece(folded)] if folded else []
        pieces = []
        place = 0
        for match in self._words.finditer(folded):
            if match.start() > place:
                pieces.append(Piece(folded[place : match.start()]))
            pieces.append(Piece(match[0], tuple(self._others[match[0]])))
            place = match.end()
        return [*pieces, Piece(folded[place:])] if place < len(folded) else pieces


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    longest = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(_word, longest))) if longest else None


def _word(word: str) -> str:
    """A Latin word is known when it stands alone, a Chinese one anywhere."""
    before = rf"(?<![^\W_{HAN}])" if not re.match(f"[{HAN}]", word) else ""
    after = rf"(?![^\W_{HAN}])" if not re.search(f"[{HAN}]$", word) else ""
    return f"{before}{re.escape(word)}{after}"


NO_SYNONYMS = Synonyms()
