"""Measurements. Every module here has `run() -> list[Row]`; each row compares ours with a peer in the same run.

A figure alone says more about the machine than about us: so a row always carries what a peer needed for the same
work, on the same data, minutes apart.
"""

import sys
from typing import NamedTuple

FULL = "--full"  # the long form of measurements that have one


def full() -> bool:
    """Say whether the long form was asked for."""
    return FULL in sys.argv


class Row(NamedTuple):
    """One measurement beside its peer; `limit` is what we promise, in the same unit."""

    name: str
    ours: float
    peer: float
    peer_name: str
    unit: str = "ms"
    limit: float | None = None
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        """How many times better we are than the peer (below 1: worse)."""
        better, worse = (self.ours, self.peer) if self.more_is_better else (self.peer, self.ours)
        return better / worse if worse else float("inf")

    @property
    def kept(self) -> bool:
        """Whether we kept what we promise."""
        if self.limit is None:
            return True
        return self.ours >= self.limit if self.more_is_better else self.ours <= self.limit
