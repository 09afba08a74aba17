"""Tell loss from chance. Pure.

A burst that always has the same length is too long for a healthy server and too short for a doubtful one. Wald's
sequential probability ratio test (1945) asks only until the data decide between two loss rates: about 46 answers in a
row say "clean", two losses among the first few say "lossy".
"""

import enum
import math
from collections.abc import Sequence

CLEAN_RATE = 0.005
"""Loss that a sound network may have."""
LOSSY_RATE = 0.10
"""Loss that nobody should have."""
ERROR_RATE = 0.01
"""How often each of the two verdicts may be wrong."""
Z95 = 1.959964
"""The normal quantile of a 95 % interval."""


class Verdict(enum.StrEnum):
    """What a sequence of losses and answers says so far."""

    CLEAN = "clean"
    LOSSY = "lossy"
    UNDECIDED = "undecided"


def sprt(sent: int, lost: int) -> Verdict:
    """Decide between `CLEAN_RATE` and `LOSSY_RATE`; `UNDECIDED` asks for more."""
    answered = sent - lost
    ratio = lost * math.log(LOSSY_RATE / CLEAN_RATE) + answered * math.log((1 - LOSSY_RATE) / (1 - CLEAN_RATE))
    bound = math.log((1 - ERROR_RATE) / ERROR_RATE)
    if ratio >= bound:
        return Verdict.LOSSY
    return Verdict.CLEAN if ratio <= -bound else Verdict.UNDECIDED


def wilson(lost: int, sent: int) -> tuple[float, float]:
    """The 95 % interval of a loss rate (Wilson 1927), which unlike the usual one is right near 0 and for few trials.

    Returns:
        The bounds as fractions; (0, 1) when nothing was sent.
    """
    if not sent:
        return 0.0, 1.0
    rate, z2 = lost / sent, Z95 * Z95
    middle = (rate + z2 / (2 * sent)) / (1 + z2 / sent)
    half = Z95 / (1 + z2 / sent) * math.sqrt(rate * (1 - rate) / sent + z2 / (4 * sent * sent))
    return max(0.0, middle - half), min(1.0, middle + half)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed; 0 for none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0


def exceeds(more: int, less: int, each: int, chance: float) -> bool:
    """Whether of two groups of one size the first has so many more hits that chance alone seldom makes it.

    Fisher's exact test, one-sided (Fisher 1935).

    Args:
        more: Hits of the first group.
        less: Hits of the second.
        each: The size of either group.
        chance: How seldom.
    """
    hits = more + less
    every = math.comb(2 * each, hits)
    tail = sum(math.comb(each, k) * math.comb(each, hits - k) for k in range(more, min(each, hits) + 1))
    return more > less and tail <= chance * every
