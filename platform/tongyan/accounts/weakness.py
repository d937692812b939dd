"""How easily a password is guessed by somebody who knows Chinese schools.

A password is cut into the cheapest row of pieces: common passwords and words, pinyin, the person's own words, years,
dates, runs, keyboard walks, single signs. The bits of the pieces add up to the strength. General estimators know no
pinyin and give `jiaoyanzu2026` their best mark.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from math import log2
from pathlib import Path

from pypinyin import Style, lazy_pinyin
from zxcvbn.frequency_lists import FREQUENCY_LISTS

WORDS = Path(__file__).parent / "data" / "school-words.txt"
LONGEST = 24
OWN_BITS = 2.0
SCHOOL_BITS = 8.0
SYLLABLE_BITS = 8.0
RUN_BITS = 5.0
WALK_BITS = 6.0
YEAR_BITS = 6.0
DATE_BITS = 12.0
KEY_ROWS = ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./")
KEY_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/")
SHIFTED = str.maketrans("!@#$%^&*()", "1234567890")
LEET = str.maketrans("0134578@$!", "oleastbasi")
INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w"
FINALS = (
    "a o e i u v ai ei ui ao ou iu ie ve ue er an en in un "  # codespell:ignore ue
    "ang eng ing ong ia ua uo uai iao ian uan iang uang iong"
)


def guess_bits(password: str, own_words: Iterable[str] = ()) -> float:
    """Return an estimate of log2 of the guesses a person or program needs; `own_words` are known to the guesser."""
    text = unicodedata.normalize("NFKC", password).casefold()
    own = frozenset(spelling for word in own_words for spelling in spellings(word))
    best = [0.0] + [float("inf")] * len(text)
    for start in range(len(text)):
        for end in range(start + 1, min(len(text), start + LONGEST) + 1):
            best[end] = min(best[end], best[start] + piece_bits(text[start:end], own))
    return best[-1]


def piece_bits(piece: str, own: frozenset[str] = frozenset()) -> float:
    """Return the bits of one piece, infinite when it is no piece."""
    if piece in own:
        return OWN_BITS
    plain = piece.translate(LEET)
    known = min(dictionary().get(piece, float("inf")), dictionary().get(plain, float("inf")) + 1)
    return min(known, _pattern_bits(piece), _sign_bits(piece))


def _pattern_bits(piece: str) -> float:
    if len(piece) >= 3 and len(set(piece)) == 1:
        return RUN_BITS
    if _is_run(piece) or _is_walk(piece):
        return WALK_BITS
    if piece.isdecimal():
        return _number_bits(piece)
    return float("inf")


def _is_run(piece: str) -> bool:
    """Say whether the signs follow one another: 3456, fedc."""
    steps = {ord(after) - ord(before) for before, after in pairwise(piece)}
    return len(piece) >= 3 and len(steps) == 1 and steps <= {1, -1}


def _is_walk(piece: str) -> bool:
    """Say whether the fingers walk along the keyboard: qwer, 1qaz, !@#$."""
    keys = piece.translate(SHIFTED)
    lines = (*KEY_ROWS, *KEY_COLUMNS)
    return len(keys) >= 3 and any(keys in line or keys[::-1] in line for line in lines)


def _number_bits(piece: str) -> float:
    if len(piece) == 4 and 1900 <= int(piece) <= 2039:
        return YEAR_BITS
    tail = piece[-4:]
    if len(piece) in {4, 6, 8} and 1 <= int(tail[:2]) <= 12 and 1 <= int(tail[2:]) <= 31:
        return DATE_BITS if len(piece) > 4 else DATE_BITS - 3
    return float("inf")


def _sign_bits(piece: str) -> float:
    if len(piece) > 1:
        return float("inf")
    if piece.isdecimal():
        return log2(10)
    if piece.isascii():
        return 4.7 if piece.isalpha() else 5.0
    return 9.0


@cache
def dictionary() -> dict[str, float]:
    """Return the bits of every known word: breached passwords, names, English, pinyin, the words of schools."""
    words: dict[str, float] = {}
    for ranked in FREQUENCY_LISTS.values():
        for rank, word in enumerate(ranked, start=2):
            if len(word) > 2:
                words[word] = min(words.get(word, float("inf")), log2(rank) + 1)
    for syllable in syllables():
        words[syllable] = min(words.get(syllable, float("inf")), SYLLABLE_BITS)
    for word in WORDS.read_text(encoding="utf-8").split():
        for spelling in spellings(word):
            words[spelling] = min(words.get(spelling, float("inf")), SCHOOL_BITS)
    return words


@cache
def syllables() -> frozenset[str]:
    """Return the spellings of Chinese syllables of two letters and more (some that nobody speaks do no harm)."""
    finals = FINALS.split()
    return frozenset(s for initial in ["", *INITIALS.split()] for final in finals if len(s := initial + final) > 1)


def spellings(word: str) -> set[str]:
    """Return how a word is typed in a password: itself, its pinyin, its initials (of three and more)."""
    text = unicodedata.normalize("NFKC", word).casefold().strip()
    if text.isascii():
        return {text} if len(text) > 1 else set()
    full = "".join(lazy_pinyin(text)).replace("ü", "v")
    initials = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
    return {form for form in (text, full, initials) if len(form) > 2 or form == text}
