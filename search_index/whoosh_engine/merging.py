"""Which segments become one: small ones while a change is written, larger ones in the background.

A tier is what is smaller than a bound; as soon as it holds eight, they become one segment of the next tier.
"""

from whoosh.codec.whoosh3 import W3Segment

TIER = 8
SMALL = TIER * TIER  # documents; eight segments below it are merged in a few milliseconds
LARGE_TIERS = (SMALL * TIER, SMALL * TIER * TIER)
MOSTLY_DEAD = 0.5


def with_new(segments: list[W3Segment], added: int) -> list[W3Segment]:
    """Choose the segments that a new one swallows: a whole tier as soon as it is full, then perhaps the next."""
    chosen: list[W3Segment] = []
    bound = TIER
    while bound <= SMALL:
        tier = [each for each in segments if each.doc_count() < bound and each not in chosen]
        size = added + sum(each.doc_count() for each in chosen)
        if len(tier) < TIER - 1 and not (chosen and size >= bound):
            break
        if len(tier) >= TIER - 1:
            chosen += tier
        bound *= TIER
    return chosen


def due(segments: list[W3Segment]) -> list[W3Segment]:
    """Choose what should be merged in the background: a tier that is full, or a segment that is mostly dead."""
    low = SMALL
    for high in LARGE_TIERS:
        tier = [each for each in segments if low <= each.doc_count() < high]
        if len(tier) >= TIER:
            return tier
        low = high
    dead = [each for each in segments if each.doc_count_all() >= SMALL and _dead_share(each) > MOSTLY_DEAD]
    return dead[:1]


def _dead_share(segment: W3Segment) -> float:
    return 1 - float(segment.doc_count()) / float(segment.doc_count_all())
