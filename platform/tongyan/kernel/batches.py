"""Many things, some at a time: no statement may grow with what there is."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    """Give the things in their order, at most so many at a time (Python 3.12 has `itertools.batched`)."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
