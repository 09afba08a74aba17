"""The search for the set of suspects that explains most, and how probable each of them is. Pure."""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from checks.diagnosis.declaration import SHOWN
from checks.diagnosis.evidence import Evidence
from checks.diagnosis.model import UNKNOWN
from checks.diagnosis.suspects import Suspect

FURTHER_PLACE = 0.2
"""Of a cause that is at one place: that it is at another one too. What misconfigures one node often does more."""
MOST_CAUSES = 3
"""Causes in one set: more at once is not a diagnosis."""
_LEAST_GAIN = 1e-9
"""Less is rounding."""
_IMPROVEMENTS = 20
"""Drops and swaps after the first ascent: more than any set of three causes was seen to need."""
_SWAPPED = 12
"""So many of the chosen are tried against others. Where hundreds of nodes fail alike, more would find nothing new."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One suspect with its own probability."""

    suspect: Suspect
    probability: float
    """That it is this cause and at this place."""
    anywhere: float
    """That it is this cause, here or at another place that would explain the same."""
    gain: float
    """By how much (natural logarithm) it explains the facts better than the others of its set do without it."""


@lru_cache(maxsize=1024)
def _any_shows(leak: float, causes: int) -> float:
    """The logarithm of the probability that one of so many causes, or the leak, makes a fact as it is."""
    return math.log(1 - (1 - leak) * (1 - SHOWN) ** causes)


class Search:
    """A hill climb over sets of suspects: add, drop or swap one as long as that makes the set more probable."""

    def __init__(self, evidence: Evidence, suspects: Sequence[Suspect]) -> None:
        self._facts = evidence.facts
        self._suspects = suspects
        self._chosen: dict[int, None] = {}
        self._slugs: Counter[str] = Counter()
        self._shown: Counter[int] = Counter()
        """By fact how many of the chosen show in it."""
        self._doubt: dict[int, float] = defaultdict(float)
        """By fact the logarithm of how far the chosen that expected something else doubt it."""
        self._touching: dict[int, list[int]] = defaultdict(list)
        """By fact all suspects that say something about it."""
        self._fresh: dict[int, float] = {}
        """What adding a suspect gains by the facts alone, until something near it changes."""
        for number, suspect in enumerate(suspects):
            for fact in suspect.touched:
                self._touching[fact].append(number)
        self._further = {fact: self._of_one_more(fact) for fact in self._touching}
        """By fact what one more that shows in it gains."""

    def climb(self) -> None:
        """Find the best set."""
        for _ in range(_IMPROVEMENTS):
            if not self._fill() and not self._drop_useless() and not self._swap():
                return

    def _fill(self) -> bool:
        """Add the suspect that helps most, again and again; whether any did."""
        before = len(self._chosen)
        heap = [(-self._gain(number), number) for number in range(len(self._suspects)) if number not in self._chosen]
        heapq.heapify(heap)
        while heap and -heap[0][0] > _LEAST_GAIN:
            promised, number = heapq.heappop(heap)
            gain = self._gain(number)
            if gain >= -promised - _LEAST_GAIN:
                self._take(number)
            elif gain > _LEAST_GAIN:
                # What was taken meanwhile explains some of the same: its turn comes later.
                heapq.heappush(heap, (-gain, number))
        return len(self._chosen) > before

    def _drop_useless(self) -> bool:
        """Drop a suspect that the others have made superfluous."""
        for number in [*self._chosen][:_SWAPPED]:
            if self._worth(number) < 0:
                self._leave(number)
                return True
        return False

    def _swap(self) -> bool:
        """Exchange one chosen suspect for a better one that shows in the same facts."""
        for number in [*self._chosen][:_SWAPPED]:
            gains = self._gains_instead(number)
            best = max(gains, key=lambda rival: gains[rival], default=-1)
            if best >= 0 and gains[best] > self._worth(number) + _LEAST_GAIN:
                self._leave(number)
                self._take(best)
                return True
        return False

    def _take(self, number: int) -> None:
        self._chosen[number] = None
        self._slugs[self._suspects[number].slug] += 1
        self._count(number, 1)

    def _leave(self, number: int) -> None:
        del self._chosen[number]
        self._slugs -= Counter([self._suspects[number].slug])
        self._count(number, -1)

    def _count(self, number: int, change: int) -> None:
        """Note what a suspect says that comes (1) or goes (-1), and forget the gains that this changes."""
        suspect = self._suspects[number]
        for fact in suspect.shown:
            self._shown[fact] += change
        for fact, doubt in suspect.doubted.items():
            self._doubt[fact] += change * doubt
        for fact in suspect.touched:
            self._further[fact] = self._of_one_more(fact)
            for near in self._touching[fact]:
                self._fresh.pop(near, None)

    def _gain(self, number: int) -> float:
        """By how much a further suspect raises the logarithm of the set's probability; minus infinity if it may not."""
        if number not in self._fresh:
            self._fresh[number] = self._by_facts(number)
        return self._by_prior(number) + self._fresh[number]

    def _worth(self, number: int) -> float:
        """By how much the set is more probable with a chosen suspect than without it."""
        return self._by_prior(number, without=number) + self._by_facts_without(number, number)

    def _gains_instead(self, number: int) -> dict[int, float]:
        """By how much each suspect that shows in the same facts would help in place of a chosen one."""
        near = {rival for fact in self._suspects[number].shown for rival in self._touching[fact]}
        return {
            rival: self._by_prior(rival, without=number) + self._by_facts_without(rival, number)
            for rival in near
            if rival not in self._chosen
        }

    def _by_prior(self, number: int, without: int = -1) -> float:
        suspect = self._suspects[number]
        slugs = self._slugs
        if without >= 0:
            slugs = slugs - Counter([self._suspects[without].slug])
        if suspect.slug != UNKNOWN and suspect.slug in slugs:
            return math.log(FURTHER_PLACE)
        return math.log(suspect.prior) if len(slugs.keys() | {suspect.slug}) <= MOST_CAUSES else -math.inf

    def _by_facts(self, number: int) -> float:
        suspect = self._suspects[number]
        further = sum(map(self._further.__getitem__, suspect.shown))
        # Where another cause shows its own outcome, one that expected something else is not contradicted.
        doubt = sum(doubt for fact, doubt in suspect.doubted.items() if not self._shown[fact])
        return suspect.against + further + doubt

    def _by_facts_without(self, number: int, without: int) -> float:
        """The same if a chosen suspect were away, which changes what shows in its own facts."""
        suspect, away = self._suspects[number], self._suspects[without]
        near, total = away.touched, suspect.against
        for fact in suspect.shown:
            total += self._of_one_more(fact, away) if fact in near else self._further[fact]
        for fact, doubt in suspect.doubted.items():
            if not self._shown[fact] - (fact in away.shown):
                total += doubt
        return total

    def _of_one_more(self, fact: int, away: Suspect | None = None) -> float:
        """What one more that shows in a bad fact gains there."""
        shown, doubt = self._shown[fact], self._doubt[fact]
        if away is not None:
            shown -= fact in away.shown
            doubt -= away.doubted.get(fact, 0.0)
        return self._logarithm(fact, shown + 1, doubt) - self._logarithm(fact, shown, doubt)

    def _logarithm(self, fact: int, shown: int, doubt: float) -> float:
        """Of the probability of what was seen in a bad fact."""
        leak = self._facts[fact].code.leak
        return _any_shows(leak, shown) if shown else math.log(leak) + doubt

    # What came of it

    def weighed(self) -> tuple[tuple[Weighed, ...], tuple[Weighed, ...]]:
        """The best set with each one's probability, and who else comes close."""
        rivals: dict[int, float] = {}
        chosen = []
        for place, number in enumerate(self._chosen):
            worth = self._worth(number)
            instead = self._gains_instead(number) if place < _SWAPPED else {}
            odds = {r: _exp(gain - worth) for r, gain in instead.items()}
            # What is unknown has many names (a mechanism at a node, a pair, a Service …) and is one rival all the same.
            unknown = max((odds[r] for r in odds if self._suspects[r].slug == UNKNOWN), default=0.0)
            known = sum(odds[r] for r in odds if self._suspects[r].slug != UNKNOWN)
            total = 1 + _exp(-worth) + known + unknown
            slug = self._suspects[number].slug
            elsewhere = sum(odds[r] for r in odds if self._suspects[r].slug == slug) if slug != UNKNOWN else 0.0
            chosen.append(Weighed(self._suspects[number], 1 / total, (1 + elsewhere) / total, worth))
            for rival, weight in odds.items():
                rivals[rival] = max(rivals.get(rival, 0.0), weight / total)
        for number in range(len(self._suspects)):
            if number not in self._chosen and number not in rivals:
                odds_of_one = _exp(self._gain(number))
                rivals[number] = odds_of_one / (1 + odds_of_one)
        others = [Weighed(self._suspects[n], weight, weight, self._gain(n)) for n, weight in rivals.items()]
        return (
            tuple(sorted(chosen, key=lambda w: -w.gain)),
            tuple(sorted(others, key=lambda w: -w.probability)),
        )


def _exp(logarithm: float) -> float:
    return math.exp(min(logarithm, 700.0))  # the largest that a float can hold is near e^709
