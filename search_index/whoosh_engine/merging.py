"""Which segments become one. A tier holds segments of like size; as soon as there are eight, they become one.

Merging eight documents takes ten times as long as writing one, so nobody who waits for a change merges, unless the
background falls far behind.
"""

from itertools import pairwise

from whoosh.codec.whoosh3 import W3Segment

TIER = 8  # segments
BOUNDS = (0, 8, 64, 512, 4096)  # documents; a larger segment is left alone
FEW, MANY = 64, 32  # documents of a small segment; small segments that even a change stops to merge
MOSTLY_DEAD = 0.5


def due(segments: list[W3Segment]) -> list[W3Segment]:
    """Choose what should be merged in the background: the lowest tier that is full, or a segment mostly of dead."""
    for low, high in pairwise(BOUNDS):
        tier = [each for each in segments if low <= each.doc_count() < high]
        if len(tier) >= TIER:
            return tier
    dead = [each for each in segments if each.doc_count_all() >= FEW and _dead_share(each) > MOSTLY_DEAD]
    return dead[:1]


def overdue(segments: list[W3Segment]) -> list[W3Segment]:
    """Choose what a change must merge: many changes may come before the background has its turn."""
    small = [each for each in segments if each.doc_count() < FEW]
    return small if len(small) >= MANY else []


def _dead_share(segment: W3Segment) -> float:
    return 1 - float(segment.doc_count()) / float(segment.doc_count_all())
