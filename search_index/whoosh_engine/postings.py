"""Posting lists in the format of Whoosh 2.7 (codec W3), to and from numpy arrays, a block at a time."""

import pickle
import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from operator import sub
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC

BLOCK = 1024
WORTH_COMPRESSING = 64  # bytes

Docs = NDArray[np.int32]
Weights = NDArray[np.float32]
_INT = struct.Struct("!i")


class Postings(NamedTuple):
    """Document numbers, ascending, and the weight of the term in each."""

    docs: Docs
    weights: Weights


EMPTY = Postings(np.empty(0, np.int32), np.empty(0, np.float32))


def encode(docs: Sequence[int], weights: Sequence[float]) -> bytes:
    """Return the bytes for the postings file."""
    chunks = [WHOOSH3_HEADER_MAGIC]
    for start in range(0, len(docs), BLOCK):
        end = start + BLOCK
        chunks.append(_encode_block(docs[start:end], weights[start:end], end >= len(docs)))
    return b"".join(chunks)


def _encode_block(docs: Sequence[int], weights: Sequence[float], last: bool) -> bytes:
    deltas = (docs[0], *map(sub, docs[1:], docs))
    heaviest = max(weights)
    same = heaviest == min(weights)
    plain = (None if heaviest == 1.0 else heaviest) if same else tuple(weights)
    data = pickle.dumps((deltas, plain, None), 2)
    level = 3 if len(data) > WORTH_COMPRESSING else 0
    if level:
        data = zlib.compress(data, level)
    info = pickle.dumps((len(docs), docs[-1], heaviest, level, 0, 0), 2)
    length = len(info) + len(data)
    return _INT.pack(-length if last else length) + info + data


def decode(data: bytes) -> Postings:
    """Read a whole posting list; raises ValueError when the bytes are none."""
    if not data.startswith(WHOOSH3_HEADER_MAGIC):
        raise ValueError("not a posting list")
    blocks: list[Postings] = []
    place, last = len(WHOOSH3_HEADER_MAGIC), False
    while not last:
        (length,) = _INT.unpack_from(data, place)
        last = length < 0
        end = place + _INT.size + abs(length)
        blocks.append(_decode_block(data[place + _INT.size : end]))
        place = end
    if len(blocks) == 1:
        return blocks[0]
    return Postings(np.concatenate([block.docs for block in blocks]), np.concatenate([b.weights for b in blocks]))


def _decode_block(block: bytes) -> Postings:
    stream = BytesIO(block)
    info = pickle.load(stream)  # noqa: S301 # Whoosh's own format; only this service may write to the folder
    data = block[stream.tell() :]
    deltas, plain, _ = pickle.loads(zlib.decompress(data) if info[3] else data)  # noqa: S301
    docs = np.cumsum(np.array(deltas, np.int32), dtype=np.int32)
    if plain is None or isinstance(plain, float):
        return Postings(docs, np.full(len(docs), plain or 1.0, np.float32))
    return Postings(docs, np.array(plain, np.float32))
