"""How alike two texts are: sets of five characters in a row, and a short fingerprint (MinHash) that finds candidates.

A fingerprint is 64 minima in 16 bands of 4. Texts of which 80 % is common share a band almost surely (99.9 %), of 50 %
in two of three cases, of 30 % in one of eight: whoever shares one is compared exactly. Method: Broder 1997; banding as
in Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3.
"""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from search_index.folding import fold

LENGTH = 5  # characters of a shingle
BANDS, ROWS = 16, 4
LEAST = 100  # characters: shorter texts are alike by chance
MOST = 100_000  # characters that are looked at

Shingles = NDArray[np.uint64]
_WORD = 1 << 64


def _fixed(number: int) -> int:
    """Return an odd number that looks like chance and is the same on every machine, in every release."""
    return int.from_bytes(blake2b(number.to_bytes(2, "big"), digest_size=8).digest(), "big") | 1


_FACTORS = np.array([[_fixed(number)] for number in range(BANDS * ROWS)], dtype=np.uint64)
_POWERS = np.array([pow(1_000_003, power, _WORD) for power in range(LENGTH)], dtype=np.uint64)


def shingles(text: str) -> Shingles:
    """Return the distinct shingles of a text as numbers, none for a text too short to be judged."""
    plain = "".join(fold(text[: 2 * MOST]).split())[:MOST]
    if len(plain) < LEAST:
        return np.empty(0, dtype=np.uint64)
    codes = np.frombuffer(plain.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(codes, LENGTH)
    mixed = (windows * _POWERS).sum(axis=1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return np.unique(mixed ^ (mixed >> np.uint64(32)))


def bands(text: str) -> list[int]:
    """Return the fingerprint of a text: 16 signed 64-bit numbers, none for a text too short to be judged."""
    known = shingles(text)
    if not known.size:
        return []
    minima = np.concatenate([(known * factors).min(axis=1) for factors in np.split(_FACTORS, BANDS)])
    return [_number(minima[start : start + ROWS].tobytes()) for start in range(0, BANDS * ROWS, ROWS)]


def _number(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)


def likeness(one: Shingles, other: Shingles) -> float:
    """Return which part of what two texts say together both of them say, 0 to 1 (Jaccard)."""
    if not one.size or not other.size:
        return 0.0
    common = np.intersect1d(one, other, assume_unique=True).size
    return float(common / (one.size + other.size - common))


def joined(pages: Iterable[str]) -> str:
    """Return the text of pages as one, no longer than what is looked at."""
    parts: list[str] = []
    room = 2 * MOST
    for page in pages:
        parts.append(page[:room])
        room -= len(page)
        if room <= 0:
            break
    return "\n".join(parts)
