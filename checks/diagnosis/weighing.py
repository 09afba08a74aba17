"""Weighing causes against findings. Pure.

Each finding is a sign with an outcome. A cause's score is its prior times the probability it gives every sign that was
seen; what was not seen does not count. Signs of one broken tunnel come together (small and bulk TCP, endpoint and
Service), so taking them as independent would make every verdict look certain: scores are tempered before they are
normalised.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks.diagnosis.causes import CAUSES, NEUTRAL, NORMAL, REST, SURE, CauseEntry
from checks.finding import Finding, Severity

TEMPER = 0.6
"""How much of the evidence counts: between one independent sign of several and all of them."""
JOINT_GAIN = math.log(10)
"""How much better two causes together must explain what was seen before a second one is named."""
FREE_FAIL, FREE_PASS = 0.25, 0.75
"""What `unknown` gives any sign: it predicts nothing, so it wins only where every real cause is surprised."""
_NORMAL = {"pass": SURE}


@dataclass(frozen=True, slots=True)
class Sign:
    """One finding as evidence."""

    finding: Finding
    outcome: str

    @property
    def normal(self) -> bool:
        """Whether a healthy cluster shows it."""
        return self.finding.severity in (Severity.OK, Severity.ADVICE)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One cause with its score."""

    entry: CauseEntry
    score: float
    probability: float


def signs(findings: Sequence[Finding]) -> dict[str, Sign]:
    """What was seen, by finding code; unknown findings are left out."""
    return {f.code: Sign(f, f.sign) for f in findings if f.sign is not None}


def weigh(seen: Mapping[str, Sign]) -> list[Weighed]:
    """All causes, the best first, with probabilities that add up to 1."""
    scores = {entry.slug: _score(entry, seen) for entry in CAUSES}
    if any(not sign.normal for sign in seen.values()):
        # Whatever failed, a cluster in which something failed is not healthy.
        scores["healthy"] = -math.inf
    best = max(scores.values())
    shares = {slug: math.exp(TEMPER * (score - best)) for slug, score in scores.items()}
    total = sum(shares.values())
    weighed = [Weighed(entry, scores[entry.slug], shares[entry.slug] / total) for entry in CAUSES]
    return sorted(weighed, key=lambda w: -w.score)


def further(first: CauseEntry, seen: Mapping[str, Sign]) -> list[CauseEntry]:
    """Causes that hold besides the first: those that explain signs which surprise it."""
    named = [first]
    while len(named) < len(CAUSES):
        gains = {c.slug: _joint(named, c, seen) for c in CAUSES if c not in named and c.predicts}
        best = max(gains, key=lambda slug: gains[slug], default="")
        if not best or gains[best] < JOINT_GAIN:
            break
        named.append(next(c for c in CAUSES if c.slug == best))
    return named[1:]


def gain(entry: CauseEntry, sign: Sign) -> float:
    """How much a sign speaks for (above 0) or against (below 0) a cause, against what a healthy cluster shows."""
    if sign.finding.code in NEUTRAL and sign.finding.code not in entry.predicts:
        return 0.0
    return _log(entry, sign) - math.log(_normal(sign))


def _score(entry: CauseEntry, seen: Mapping[str, Sign]) -> float:
    return math.log(entry.prior) + sum(_log(entry, sign) for sign in seen.values())


def _log(entry: CauseEntry, sign: Sign) -> float:
    code = sign.finding.code
    if code in entry.predicts:
        return math.log(entry.predicts[code].get(sign.outcome, REST))
    if code in NEUTRAL:
        return math.log(0.5)
    if entry.slug == "unknown":
        return math.log(FREE_PASS if sign.normal else FREE_FAIL)
    return math.log(_normal(sign))


def _normal(sign: Sign) -> float:
    if sign.finding.code in NEUTRAL:
        return 0.5
    return NORMAL.get(sign.finding.code, _NORMAL).get(sign.outcome, REST)


def _joint(named: Sequence[CauseEntry], candidate: CauseEntry, seen: Mapping[str, Sign]) -> float:
    """What naming one more cause gains: it must explain what failed, and pays for what it wrongly predicts to fail."""
    total = math.log(candidate.prior)
    for code in candidate.predicts:
        if code in seen:
            sign = seen[code]
            so_far = max(_log(entry, sign) for entry in named)
            with_it = _log(candidate, sign)
            total += max(0.0, with_it - so_far) if not sign.normal else min(0.0, with_it - so_far)
    return total
