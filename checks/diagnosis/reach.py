"""Which findings something at a place can show in, and where something may be that shows in a finding. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from checks.diagnosis.declaration import Effect, Reach
from checks.diagnosis.evidence import Evidence, Fact
from checks.place import (
    Between,
    Cluster,
    Node,
    Pair,
    Place,
    Pool,
    Replica,
    ReplicaPath,
    Service,
    ServicePath,
    Thing,
    Webhook,
    Workload,
)

_PLACES = 1 << 17
"""Places of which is kept what they depend on: those of some thousand nodes."""


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


class Index:
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


def places(effects: Iterable[Effect], kinds: tuple[type[Place], ...], index: Index) -> Counter[Place]:
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
    if reach is Reach.ENDS_AT and isinstance(finding, ServicePath):
        return cause.identity <= {("node", end) for end in finding.ends}
    if reach is Reach.ENDS_AT:
        return bool(source) and not cause.identity <= {("node", source)}
    return reach is Reach.ANYWHERE or not source or cause.identity <= {("node", source)}


def within(place: Place, kinds: Sequence[type[Place]]) -> Iterator[Place]:
    """The places of some kinds that are part of a place."""
    if Node in kinds:
        yield from map(Node, place.nodes)
    if Between in kinds and isinstance(place, Pair | ReplicaPath) and place.crosses:
        yield Between(*sorted(place.nodes))
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
    if Pool in kinds and isinstance(place, Pool):
        yield place
    if Workload in kinds and isinstance(place, Workload):
        yield Workload(place.namespace, place.name)
