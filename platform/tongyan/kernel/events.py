"""Facts: what happened, in the past tense, with ids and plain values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """Base of every feature's facts."""
