"""Which segments become one. A tier holds segments of like size; as soon as there are eight, they become one.

Merging eight documents takes ten times as long as writing one, so nobody who waits for a change merges, unless the
background falls far behind.
"""

from itertools import pairwise

from whoosh.codec.whoosh3 import W3Segment

TIER = 8  # segments
BOUNDS = (0, 8, 64, 512, 4096)  # documents; a larger segment is left alone
SMALL_TIERS, MANY = 2, 32  # the lowest tiers; so many of one that even a change stops to merge them
MOSTLY_DEAD, WORTH_REVIVING = 0.5, 64  # share of deleted documents; documents


def due(segments: list[W3Segment]) -> list[W3Segment]:
    """Choose what should be merged in the background: the lowest tier that is full, or a segment mostly of dead."""
    full = next((tier for tier in _tiers(segments) if len(tier) >= TIER), [])
    return full or [each for each in segments if _is_mostly_dead(each)][:1]


def overdue(segments: list[W3Segment]) -> list[W3Segment]:
    """Choose what a change must merge: many changes may come before the background has its turn."""
    return next((tier for tier in _tiers(segments)[:SMALL_TIERS] if len(tier) >= MANY), [])


def _tiers(segments: list[W3Segment]) -> list[list[W3Segment]]:
    return [[each for each in segments if low <= each.doc_count() < high] for low, high in pairwise(BOUNDS)]


def _is_mostly_dead(segment: W3Segment) -> bool:
    size = segment.doc_count_all()
    return bool(size >= WORTH_REVIVING and segment.doc_count() < size * (1 - MOSTLY_DEAD))
