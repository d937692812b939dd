"""What raises a thing above others that fit as well: how new it is, how good, how often used, how near to one's work.

A score is the sum of what fits, times one plus the sum of these. They are small on purpose: what fits better stays
above.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from search_index.documents import Document

FRESH, QUALITY, USED = 0.10, 0.12, 0.08
OWN: Mapping[str, float] = {"subject": 0.12, "grade": 0.10, "edition": 0.08}  # facet -> when it is the searcher's own
HALF_LIFE = 365 * 24 * 3600 * 1_000_000  # microseconds after which freshness counts half
MANY_USES = 200
WHOLE = 1000  # a quality of 1

Numbers = NDArray[np.int64]
Factors = NDArray[np.float64]


def worth(document: Document) -> int:
    """Pack quality (0 to 1) and use (on a scale that flattens) into the one number that an index keeps."""
    quality = round(min(max(document.quality, 0.0), 1.0) * WHOLE)
    used = round(min(math.log1p(max(document.uses, 0)) / math.log1p(MANY_USES), 1.0) * WHOLE)
    return quality * (WHOLE + 1) + used


def qualities(worths: Numbers) -> Factors:
    """Return what quality adds."""
    return QUALITY * (worths // (WHOLE + 1)) / WHOLE


def uses(worths: Numbers) -> Factors:
    """Return what use adds."""
    return USED * (worths % (WHOLE + 1)) / WHOLE


def freshness(dates: Numbers, now: int) -> Factors:
    """Return what being new adds; both in microseconds, what is to come counts as new."""
    return FRESH * np.exp2(np.minimum(dates - now, 0) / HALF_LIFE)
