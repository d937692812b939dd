"""How good a resource is held to be and how often it served: what lifts it a little above others that fit as well.

It is the thing that is judged, by reviews and by colleagues who used it; no author is worth more than another.
"""

from tongyan.library.models import Resource, Standing

STANDING = {Standing.SCHOOL: 0.4, Standing.GROUP: 0.6}  # what a review accepted it as
STARS, KEPT = 0.3, 0.1  # the most that ratings and favourites add
NEUTRAL, BEST, DOUBTS = 3, 5, 3  # stars that add nothing, and all; as many ratings of the first are pretended
HALF = 5  # favourites that give half of what they can add


def quality(resource: Resource) -> float:
    """Return how good a resource is held to be: 0 for what nobody has judged yet, at most 1."""
    standing = STANDING[resource.standing] if resource.standing else 0.0
    tally = resource.tally
    if tally is None:
        return standing
    above = max(0, tally.rating_sum - NEUTRAL * tally.rating_count)
    praise = above / ((BEST - NEUTRAL) * (tally.rating_count + DOUBTS))
    return standing + STARS * praise + KEPT * tally.favourites / (tally.favourites + HALF)


def uses(resource: Resource) -> int:
    """Return how often a resource served somebody else than its owner: lessons, copies, favourites."""
    tally = resource.tally
    return tally.uses + tally.copies + tally.favourites if tally else 0
