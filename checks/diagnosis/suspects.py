"""Who may be at work: every cause at every place where something bad may be its doing, and what is unknown. Pure."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from checks.diagnosis.declaration import HIT, Declaration, Effect, Reach, Strength
from checks.diagnosis.evidence import Evidence, declared_codes
from checks.diagnosis.mechanisms import MECHANISMS
from checks.diagnosis.model import UNKNOWN
from checks.diagnosis.reach import Index, places
from checks.place import Cluster, Node, Place, Replica, Service, Workload

PRIOR = 0.02
"""Of each declared cause among clusters that people ask about."""
UNKNOWN_PRIOR = 0.001
"""Of something that is not declared and stops one mechanism at one place: rarer than any one cause that is."""
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
    """The logarithm of the probability of all that is well although it should not be, and of what would be by chance as
    it is. One sum, because no cause excuses another for that."""
    conjectured: bool = False
    """Whether nobody could see a circumstance that it requires."""

    @property
    def touched(self) -> AbstractSet[int]:
        """The bad facts that it says anything about."""
        return self.shown | self.doubted.keys()


def suspects(index: Index, causes: Mapping[str, Declaration]) -> list[Suspect]:
    """Every cause at every place where something bad may be its doing."""
    found: list[Suspect] = []
    for cause in causes.values():
        effects = merged(cause.effects)
        at = places(effects, cause.at, index) or _somewhere(effects, index)
        likely = _alike(at.values())
        found += [s for place in at if (s := _suspect(cause, effects, place, likely, index))]
        found += _logged(cause, index)
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


def _somewhere(effects: Iterable[Effect], index: Index) -> Counter[Place]:
    """The cluster, for a cause of which only something without a place speaks, as a pasted text is: it is somewhere."""
    explained = sum(index.without_place(effect) for effect in effects)
    return Counter({Cluster(): explained}) if explained else Counter()


def _logged(cause: Declaration, index: Index) -> list[Suspect]:
    """A cause that comes and goes, by logs alone: it was somewhere, at some time."""
    at = _somewhere(cause.logged, index)
    return [s for place in at if (s := _suspect(cause, cause.logged, place, 1, index))]


def _suspect(cause: Declaration, effects: Sequence[Effect], place: Place, likely: int, index: Index) -> Suspect | None:
    """A cause at a place; None when a circumstance is seen in which it cannot be, or it was not seen itself."""
    required = [_holds(place, code, outcomes, index.evidence) for code, outcomes in cause.requires.items()]
    ruled_out = (_holds(place, code, outcomes, index.evidence) for code, outcomes in cause.unless.items())
    if False in required or True in ruled_out:
        return None
    shown, doubted = effects_at(effects, place, index)
    itself = [effect for effect in effects if effect.strength is Strength.ITSELF]
    if itself and shown.isdisjoint(effects_at(itself, place, index)[0]):
        return None
    sure = [effect for effect in effects if effect.strength is not Strength.MAY]
    against = sum(len(index.well(place, effect)) * math.log(effect.strength.value) for effect in sure)
    if shown.isdisjoint(effects_at(sure, place, index)[0]):
        # Nothing tells that it is there but what it would have had to hit.
        certain = effects_at([effect for effect in effects if not effect.by_chance], place, index)[0]
        against += len(shown - certain) * math.log(HIT)
    # At which of the places that look alike it is, is as open as which cause it is.
    return Suspect(cause.slug, place, PRIOR / likely, shown, doubted, against, conjectured=None in required)


def effects_at(effects: Iterable[Effect], place: Place, index: Index) -> tuple[frozenset[int], dict[int, float]]:
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


def _unknowns(index: Index) -> Iterator[Suspect]:
    """Something unknown that stops a mechanism at a place, in whatever way: where one covers another, the wider one."""
    by_place: dict[Place, list[frozenset[int]]] = defaultdict(list)
    for mechanism in MECHANISMS:
        anyhow = [_anyhow(effect) for effect in mechanism.effects]
        for place in places(anyhow, _UNKNOWN_AT, index):
            by_place[place].append(effects_at(anyhow, place, index)[0])
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
