"""The inference: which causes, at which places, explain what was seen. Pure.

A noisy-OR network: each cause makes each of its effects likely, each finding may also show by itself (its leak), and
causes do not disturb each other. A set of causes is worth its prior times the probability of every fact if just these
causes are there; the best set is searched, and each cause is weighed against what would explain the same facts without
it.

Beside the declared causes an *unknown* one may stop any mechanism at any place. It is rarer, but whatever of that
mechanism is bad there is explained by it, and nothing speaks against it. So a declared cause that is contradicted gives
way to "something that netcheck does not know", and never wins by default.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from checks.diagnosis.declaration import SHOWN, Declaration, Effect, Reach, Strength
from checks.diagnosis.evidence import Evidence, Fact, declared_codes
from checks.diagnosis.mechanisms import MECHANISMS
from checks.place import Cluster, Node, Place, Replica, ReplicaPath, Service, ServicePath, Thing, Webhook, Workload

PRIOR = 0.02
"""Of each declared cause among clusters that people ask about."""
UNKNOWN_PRIOR = 0.001
"""Of something that is not declared and stops one mechanism at one place: rarer than any one cause that is."""
FURTHER_PLACE = 0.2
"""Of a cause that is at one place: that it is at another one too. What misconfigures one node often does more."""
MOST_CAUSES = 3
"""Causes in one set: more at once is not a diagnosis."""
UNKNOWN = "unknown"
_LEAST_GAIN = 1e-9
"""Less is rounding."""
_IMPROVEMENTS = 20
"""Drops and swaps after the first ascent: more than any set of three causes was seen to need."""
_SWAPPED = 12
"""So many of the chosen are tried against others. Where hundreds of nodes fail alike, more would find nothing new."""
_PLACES = 1 << 17
"""Places of which is kept what they depend on: those of some thousand nodes."""
_UNKNOWN_AT = (Node, Replica, Service, Workload)


@dataclass(frozen=True, slots=True)
class Suspect:
    """One cause at one place, with what it makes of the facts that it concerns."""

    slug: str
    place: Place
    prior: float
    shown: frozenset[int]
    """The numbers of the bad facts that are as it makes them."""
    doubted: Mapping[int, float]
    """By the number of a bad fact that is otherwise: the logarithm of the factor on the probability of seeing that."""
    against: float
    """The logarithm of the probability of all that is well although it should not be. One sum, because no cause excuses
    another for that."""
    conjectured: bool = False
    """Whether nobody could see a circumstance that it requires."""

    @property
    def touched(self) -> AbstractSet[int]:
        """The bad facts that it says anything about."""
        return self.shown | self.doubted.keys()


@dataclass(frozen=True, slots=True)
class Weighed:
    """One suspect with its own probability."""

    suspect: Suspect
    probability: float
    gain: float
    """By how much (natural logarithm) it explains the facts better than the others of its set do without it."""


@dataclass(frozen=True, slots=True)
class Inference:
    """What comes of a search."""

    chosen: tuple[Weighed, ...]
    """The best set, declared causes and unknown ones."""
    others: tuple[Weighed, ...]
    """Further suspects, the likelier first."""
    index: "_Index"

    def contrary(self, cause: Declaration, place: Place) -> list[int]:
        """The numbers of the facts that should be otherwise if a cause were at a place."""
        effects = [effect for effect in merged(cause.effects) if effect.strength is not Strength.MAY]
        shown, _ = _effects(effects, place, self.index)
        near = {
            n for effect in effects for n in (*self.index.well(place, effect), *self.index.concerned(place, effect))
        }
        return sorted(near - shown)


def _exp(logarithm: float) -> float:
    return math.exp(min(logarithm, 700.0))  # the largest that a float can hold is near e^709


def infer(evidence: Evidence, causes: Mapping[str, Declaration]) -> Inference:
    """The set of causes that explains most."""
    index = _Index(evidence)
    search = _Search(evidence, _suspects(index, causes))
    search.climb()
    chosen, others = search.weighed()
    return Inference(chosen, others, index)


# Suspects


def _suspects(index: "_Index", causes: Mapping[str, Declaration]) -> list[Suspect]:
    """Every cause at every place where something bad may be its doing."""
    found: list[Suspect] = []
    for cause in causes.values():
        effects = merged(cause.effects)
        places = _places(effects, cause.at, index) or _somewhere(effects, index)
        likely = _alike(places.values())
        found += [s for place in places if (s := _suspect(cause, effects, place, likely, index))]
    return [*found, *_unknowns(index)]


def merged(effects: Iterable[Effect]) -> list[Effect]:
    """One effect for each code and reach: what a cause shows by itself sharpens what its mechanism shows."""
    by_key: dict[tuple[str, Reach], Effect] = {}
    for effect in effects:
        former = by_key.get((effect.code, effect.reach), effect)
        outcomes = tuple(dict.fromkeys((*former.outcomes, *effect.outcomes)))
        strength = min(former.strength, effect.strength, key=lambda s: s.value)
        by_key[effect.code, effect.reach] = replace(effect, outcomes=outcomes, strength=strength)
    return list(by_key.values())


class _Near:
    """The numbers of facts of one code, by what their places depend on."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._facts = facts
        self.every: list[int] = []
        self._anywhere: list[int] = []
        """About the whole cluster, so that every cause concerns them."""
        self._by_thing: dict[Thing, list[int]] = defaultdict(list)
        self._reached: dict[tuple[Reach, Place], list[int]] = {}

    def add(self, number: int) -> None:
        """Take up one fact."""
        self.every.append(number)
        place = self._facts[number].place
        if isinstance(place, Cluster):
            self._anywhere.append(number)
        for thing in _involved(place):
            self._by_thing[thing].append(number)

    def reached(self, cause: Place, reach: Reach) -> list[int]:
        """Those in which an effect of something at a place can show. Kept, because many causes share a place."""
        if (reach, cause) not in self._reached:
            self._reached[reach, cause] = self._find(cause, reach)
        return self._reached[reach, cause]

    def _find(self, cause: Place, reach: Reach) -> list[int]:
        if not cause.identity or reach is Reach.EVERYWHERE:
            return self.every
        near = min((self._by_thing.get(thing, []) for thing in cause.identity), key=len)
        return [*(n for n in near if _shows(reach, cause, self._facts[n].place)), *self._anywhere]


class _Index:
    """Facts by code and by what their places depend on, the bad ones and the others apart."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.facts = evidence.facts
        self._bad: dict[str, _Near] = defaultdict(lambda: _Near(self.facts))
        self._well: dict[str, _Near] = defaultdict(lambda: _Near(self.facts))
        self._sites: dict[tuple[str, tuple[str, ...], Reach, tuple[type[Place], ...]], Counter[Place]] = {}
        for number, fact in enumerate(self.facts):
            (self._bad if fact.bad else self._well)[fact.code.name].add(number)

    def concerned(self, place: Place, effect: Effect) -> list[int]:
        """The bad facts that an effect of something at a place can show in."""
        return self._bad[effect.code].reached(place, effect.reach)

    def well(self, place: Place, effect: Effect) -> list[int]:
        """The facts that are well in which it should show."""
        return self._well[effect.code].reached(place, effect.reach)

    def sites(self, effect: Effect, kinds: tuple[type[Place], ...]) -> Counter[Place]:
        """Where something that has an effect may be, with the number of bad facts there that the effect explains.

        Kept, because what shares a mechanism shares its effects.
        """
        key = (effect.code, effect.outcomes, effect.reach, kinds)
        if key not in self._sites:
            bad = (self.facts[number] for number in self._bad[effect.code].every)
            explained = (fact.place for fact in bad if not effect.outcomes or fact.outcome in effect.outcomes)
            self._sites[key] = Counter(chain.from_iterable(_sites(effect.reach, at, kinds) for at in explained))
        return self._sites[key]

    def without_place(self, effect: Effect) -> int:
        """How many bad facts of a code that knows no places an effect explains."""
        bad = (self.facts[number] for number in self._bad[effect.code].every)
        return sum(1 for fact in bad if fact.code.place is Cluster and fact.outcome in effect.outcomes)


@lru_cache(maxsize=_PLACES)
def _involved(place: Place) -> frozenset[Thing]:
    return place.involves


@lru_cache(maxsize=_PLACES)
def _sites(reach: Reach, finding: Place, kinds: tuple[type[Place], ...]) -> tuple[Place, ...]:
    """The places of some kinds from which an effect shows at a place that they are part of."""
    return tuple(place for place in dict.fromkeys(within(finding, kinds)) if _shows(reach, place, finding))


def _places(effects: Iterable[Effect], kinds: tuple[type[Place], ...], index: _Index) -> Counter[Place]:
    """Where something with these effects may be, with the number of bad facts there that it would explain."""
    found: Counter[Place] = Counter()
    for effect in effects:
        found.update(index.sites(effect, kinds))
    return found


def shows(effect: Effect, cause: Place, finding: Place) -> bool:
    """Whether an effect of a cause at one place shows in a finding at another."""
    return _shows(effect.reach, cause, finding)


def _shows(reach: Reach, cause: Place, finding: Place) -> bool:
    if reach is Reach.EVERYWHERE or isinstance(finding, Cluster) or not cause.identity:
        return True
    if not cause.identity <= _involved(finding):
        return False
    if reach is Reach.BETWEEN_NODES:
        return finding.crosses
    source = getattr(finding, "source", "")
    if reach is Reach.ENDS_AT:
        return bool(source) and not cause.identity <= {("node", source)}
    return reach is Reach.ANYWHERE or not source or cause.identity <= {("node", source)}


def within(place: Place, kinds: Sequence[type[Place]]) -> Iterator[Place]:
    """The places of some kinds that are part of a place."""
    if Node in kinds:
        yield from map(Node, place.nodes)
    if Cluster in kinds:
        yield Cluster()
    if Replica in kinds and isinstance(place, Replica):
        yield place
    if Replica in kinds and isinstance(place, ReplicaPath):
        yield Replica(place.replica, place.node)
    if Service in kinds and isinstance(place, Service | ServicePath):
        yield Service(place.namespace, place.name)
    if Service in kinds and isinstance(place, Webhook) and place.service:
        yield Service(*place.service.split("/", 1))
    if Workload in kinds and isinstance(place, Workload):
        yield Workload(place.namespace, place.name)


def _somewhere(effects: Iterable[Effect], index: _Index) -> Counter[Place]:
    """The cluster, for a cause of which only something without a place speaks, as a pasted text is: it is somewhere."""
    explained = sum(index.without_place(effect) for effect in effects)
    return Counter({Cluster(): explained}) if explained else Counter()


def _suspect(cause: Declaration, effects: Sequence[Effect], place: Place, likely: int, index: _Index) -> Suspect | None:
    """A cause at a place; None when a circumstance is seen in which it cannot be."""
    required = [_holds(place, code, outcomes, index.evidence) for code, outcomes in cause.requires.items()]
    ruled_out = (_holds(place, code, outcomes, index.evidence) for code, outcomes in cause.unless.items())
    if False in required or True in ruled_out:
        return None
    shown, doubted = _effects(effects, place, index)
    sure = [effect for effect in effects if effect.strength is not Strength.MAY]
    against = sum(len(index.well(place, effect)) * math.log(effect.strength.value) for effect in sure)
    # At which of the places that look alike it is, is as open as which cause it is.
    return Suspect(cause.slug, place, PRIOR / likely, shown, doubted, against, conjectured=None in required)


def _effects(effects: Iterable[Effect], place: Place, index: _Index) -> tuple[frozenset[int], dict[int, float]]:
    """The bad facts that are as these effects make them, and by how much the other bad ones speak against them."""
    shown: set[int] = set()
    doubted: dict[int, float] = {}
    for effect in effects:
        for number in index.concerned(place, effect):
            if not effect.outcomes or index.facts[number].outcome in effect.outcomes:
                shown.add(number)
            elif effect.strength is not Strength.MAY:
                doubted[number] = math.log(effect.strength.value)
    return frozenset(shown), {number: doubt for number, doubt in doubted.items() if number not in shown}


def _holds(place: Place, code: str, outcomes: Sequence[str], evidence: Evidence) -> bool | None:
    """Whether a circumstance is at a place as it is required to be; None when nobody saw it."""
    by_place = evidence.circumstances.get(code, {})
    if not place.identity and by_place:
        return any(outcome in outcomes for outcome in by_place.values())
    outcome = by_place.get(place, by_place.get(Cluster()))
    return None if outcome is None else outcome in outcomes


def _unknowns(index: _Index) -> Iterator[Suspect]:
    """Something unknown that stops a mechanism at a place, in whatever way: where one covers another, the wider one."""
    by_place: dict[Place, list[frozenset[int]]] = defaultdict(list)
    for mechanism in MECHANISMS:
        anyhow = [_anyhow(effect) for effect in mechanism.effects]
        for place in _places(anyhow, _UNKNOWN_AT, index):
            by_place[place].append(_effects(anyhow, place, index)[0])
    alike = {
        kind: _alike(max(map(len, e)) for at, e in by_place.items() if isinstance(at, kind)) for kind in _UNKNOWN_AT
    }
    for place, every in by_place.items():
        widest = [shown for shown in set(every) if not any(shown < other for other in every)]
        yield from (
            Suspect(
                UNKNOWN,
                place,
                UNKNOWN_PRIOR / next(n for kind, n in alike.items() if isinstance(place, kind)),
                shown,
                {},
                0.0,
            )
            for shown in widest
        )


def _anyhow(effect: Effect) -> Effect:
    """An effect whatever it looks like; of what has no place, a text, only what it says binds it to a mechanism."""
    outcomes = effect.outcomes if declared_codes()[effect.code].place is Cluster else ()
    return replace(effect, outcomes=outcomes, strength=Strength.MAY)


def _alike(counts: Iterable[int]) -> int:
    """How many places explain about as much as the one that explains most."""
    every = list(counts)
    most = max(every, default=0)
    return sum(1 for count in every if 2 * count > most)


# Search


@lru_cache(maxsize=1024)
def _any_shows(leak: float, causes: int) -> float:
    """The logarithm of the probability that one of so many causes, or the leak, makes a fact as it is."""
    return math.log(1 - (1 - leak) * (1 - SHOWN) ** causes)


class _Search:
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
            chosen.append(Weighed(self._suspects[number], 1 / total, worth))
            for rival, weight in odds.items():
                rivals[rival] = max(rivals.get(rival, 0.0), weight / total)
        for number in range(len(self._suspects)):
            if number not in self._chosen and number not in rivals:
                odds_of_one = _exp(self._gain(number))
                rivals[number] = odds_of_one / (1 + odds_of_one)
        others = [Weighed(self._suspects[n], weight, self._gain(n)) for n, weight in rivals.items()]
        return (
            tuple(sorted(chosen, key=lambda w: -w.gain)),
            tuple(sorted(others, key=lambda w: -w.probability)),
        )
