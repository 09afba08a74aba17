"""Who asked whom, and how it went. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TypeVar

import msgspec

from checks.cluster.dns import find_service
from checks.cluster.snapshot import Service
from checks.code import Code
from checks.dns.model import CACHE, SERVICE, Asked, Data, Parameters, Target
from checks.dns.plan import NETWORKS, find_replicas, plan
from checks.finding import UNSEEN, Seen
from checks.gathered import Gathered
from checks.judging.loss import told_loss
from checks.judging.places import by_place
from checks.judging.statistics import Verdict, sprt
from checks.observation import Network
from checks.place import Place, Replica, ReplicaPath
from checks.probes.outcome import UNMEASURED, Result
from checks.text import Text, Unit, listed, say, say_many, seconds, shortened

FIGURES = {
    "sent": Unit.COUNT,
    "lost": Unit.COUNT,
    "loss": Unit.SHARE,
    "p50_s": Unit.SECONDS,
    "p99_s": Unit.SECONDS,
}
"""Measures of UDP; see `figures`."""
READ = ("services", "endpointslices")
"""What must be read of the cluster to know whom to ask."""

LOSSES = 2
"""Lost datagrams of one asker that speak against the ClusterIP or a cache: among 16, a sound path loses two in 0.3 % of
runs."""
SLOW_S = 0.25
"""A median answer in seconds beyond which what is missing may just be late: a quarter of what is waited for.
Kubernetes' own measure of a healthy DNS is 100 ms for the slowest of a hundred (perf-tests, dns)."""

At = TypeVar("At", bound=Place)


@dataclass(frozen=True, slots=True)
class Asking:
    """How one server answered one agent."""

    node: str
    network: Network
    asked: Asked
    throttled: int = 0

    @property
    def local(self) -> bool:
        """Whether the replica is on the asker's own node."""
        return self.node == self.asked.node

    @property
    def of_service(self) -> bool:
        """Whether it asked the ClusterIP and not a replica."""
        return self.asked.name == SERVICE

    @property
    def of_cache(self) -> bool:
        """Whether it asked the cache on its own node."""
        return self.asked.name == CACHE

    @property
    def of_replica(self) -> bool:
        """Whether it asked a replica, and neither the ClusterIP nor a cache."""
        return not (self.of_service or self.of_cache)

    @property
    def replica(self) -> Replica:
        """Whom it asked."""
        return Replica(self.asked.name, self.asked.node)

    @property
    def path(self) -> ReplicaPath:
        """The way there."""
        return ReplicaPath(self.node, self.asked.name, self.asked.node)

    @property
    def connected(self) -> bool:
        """Whether TCP was answered, or not measured."""
        return self.asked.tcp is Result.OK or self.asked.tcp in UNMEASURED

    @property
    def verdict(self) -> Verdict:
        """What the test says about loss; nothing where answers are so slow that late ones cannot be told from it."""
        return Verdict.UNDECIDED if self.slow else sprt(self.asked.sent, self.asked.lost)

    @property
    def loses(self) -> bool:
        """Whether some answers are missing: of few questions two, where a test would want more of them."""
        if self.of_replica:
            return self.verdict is Verdict.LOSSY
        return not self.slow and self.asked.lost >= LOSSES

    @property
    def slow(self) -> bool:
        """Whether answers are that slow."""
        return self.asked.p50_s > SLOW_S

    @property
    def wrong(self) -> bool:
        """Whether any answer had another rcode than it should."""
        return bool(self.asked.rcodes.keys() - {"NOERROR"} or self.asked.nx_rcodes.keys() - {"NXDOMAIN"})

    def line(self) -> Text:
        """The asking as evidence."""
        return say(
            "{node} ({network}) → {server} {address}: {facts}",
            node=self.node,
            network=str(self.network),
            server=self.asked.name,
            address=self.asked.address,
            facts=listed(self._facts(), most=12),
        )

    def _facts(self) -> list[Text]:
        a = self.asked
        facts = [say("UDP {answered} of {sent} answered", answered=a.answered, sent=a.sent)]
        if a.answered:
            facts += [say("p50 {p50}", p50=seconds(a.p50_s)), say("p99 {p99}", p99=seconds(a.p99_s))]
        rcodes = sorted((rcode, times) for rcode, times in a.rcodes.items() if rcode != "NOERROR")
        facts += [say_many("{count} time {rcode}", "{count} times {rcode}", n, rcode=rcode) for rcode, n in rcodes]
        if a.tcp_detail:
            facts.append(say("TCP {result}: {words}", result=str(a.tcp), words=a.tcp_detail))
        else:
            facts.append(say("TCP {result}", result=str(a.tcp)))
        if self.throttled:
            facts.append(
                say_many(
                    "this agent was throttled {count} time", "this agent was throttled {count} times", self.throttled
                )
            )
        return facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Askings:
    """All that one run asked, and what it could not."""

    service: Service | None
    replicas: tuple[Target, ...]
    """The ready ones."""
    of_replicas: tuple[Asking, ...]
    """Those that went to a ready replica."""
    of_unready: tuple[Asking, ...]
    """Those that went to replicas that are not ready, where none is."""
    of_caches: tuple[Asking, ...]
    """Those that went to the cache on the asker's own node."""
    of_service: tuple[Asking, ...]
    """Those that went to the ClusterIP, from pods; from the host of nodes whose pod agent was not heard."""
    unasked: tuple[Asking, ...]
    """What was planned for jobs that stayed silent, of all that is asked; nothing was sent."""
    gaps: tuple[Text, ...]
    """What could not be read of the cluster."""
    coverage: tuple[Text, ...]
    """The gaps, and who stayed silent."""


AGAIN = "again"
"""Of the tasks that ask once more, alone: see `checks.dns.follow`."""


def only_first(gathered: Gathered[Parameters, Data]) -> Gathered[Parameters, Data]:
    """What was gathered, without what was asked again."""
    return replace(
        gathered,
        heard=tuple(heard for heard in gathered.heard if heard.name != AGAIN),
        silent=tuple(silent for silent in gathered.silent if silent.name != AGAIN),
    )


def askings(gathered: Gathered[Parameters, Data]) -> Askings:
    """Every asking of every job that was observed, in which something was sent.

    Of a server that was asked again the datagrams are those of the time at which it lost less: a network loses at both.
    """
    again = {
        (heard.node, heard.network, asked.name): asked
        for heard in gathered.heard
        if heard.name == AGAIN
        for asked in heard.data.asked
        if asked.sent
    }
    gathered = only_first(gathered)
    every = [
        Asking(
            heard.node,
            heard.network,
            _steadier(asked, again.get((heard.node, heard.network, asked.name))),
            heard.throttled,
        )
        for heard in gathered.heard
        for asked in heard.data.asked
        if asked.sent
    ]
    pods = {a.node for a in every if a.network is Network.POD}
    gaps = gathered.gaps(READ)
    replicas = find_replicas(gathered.snapshot)
    of_replicas = tuple(a for a in every if a.of_replica)
    return Askings(
        service=find_service(gathered.snapshot),
        replicas=tuple(replicas),
        of_replicas=of_replicas if replicas else (),
        of_unready=() if replicas else of_replicas,
        of_caches=tuple(a for a in every if a.of_cache),
        of_service=tuple(a for a in every if a.of_service and (a.network is Network.POD or a.node not in pods)),
        unasked=tuple(_unasked(gathered)),
        gaps=tuple(gaps),
        coverage=(*gaps, *gathered.unheard(*NETWORKS)),
    )


def _steadier(first: Asked, again: Asked | None) -> Asked:
    if again is None or again.lost * first.sent >= first.lost * again.sent:
        return first
    return msgspec.structs.replace(
        first,
        sent=again.sent,
        answered=again.answered,
        rcodes=again.rcodes,
        nx_rcodes=again.nx_rcodes,
        addresses=again.addresses,
        p50_s=again.p50_s,
        p99_s=again.p99_s,
    )


def _unasked(gathered: Gathered[Parameters, Data]) -> Iterable[Asking]:
    silent = {(o.network, o.node) for o in gathered.silent}
    for task in plan(gathered.snapshot, gathered.parameters) if silent else ():
        if (task.network, task.node) in silent:
            for target in task.request.targets:
                yield Asking(task.node, task.network, Asked(name=target.name, node=target.node, address=target.address))


def sorted_places(found: Iterable[Asking], at: Callable[[Asking], At]) -> dict[At, list[Asking]]:
    """The askings of each place, in the order of the places: an agent on the host and one in a pod share a path."""
    return dict(sorted(by_place(found, at).items()))


def worst(code: Code, outcomes: Iterable[str]) -> str:
    """The outcome that stands for several askings of one place; `UNSEEN` where none of them tells."""
    return max((outcome for outcome in outcomes if outcome != UNSEEN), key=code.words.index, default=UNSEEN)


def unseen(places: Iterable[Place], known: Iterable[Place]) -> list[Seen]:
    """What is said of places from which nobody was heard, when others were."""
    return [Seen(place, UNSEEN) for place in sorted(set(places).difference(known))]


def figures(found: Sequence[Asking]) -> dict[str, float]:
    """The measures of `FIGURES`: counts over all askings, the median asker's p50, the largest p99."""
    sent, lost = sum(a.asked.sent for a in found), sum(a.asked.lost for a in found)
    counts = {"sent": sent, "lost": lost, "loss": lost / sent if sent else 0.0}
    answered = [a.asked for a in found if a.asked.answered]
    if not answered:
        return counts
    return counts | {"p50_s": median(a.p50_s for a in answered), "p99_s": max(a.p99_s for a in answered)}


def connection(found: Sequence[Asking]) -> dict[str, float]:
    """The measure `tcp_s`, where TCP was answered: the longest of the askings."""
    times = [a.asked.tcp_s for a in found if a.asked.tcp is Result.OK]
    return {"tcp_s": max(times)} if times else {}


def loss(found: Sequence[Asking]) -> Text:
    """The pooled loss of several askings with its interval."""
    sent, lost = sum(a.asked.sent for a in found), sum(a.asked.lost for a in found)
    return told_loss(lost, sent)


def lines(found: Iterable[Asking]) -> list[Text]:
    """The askings as evidence."""
    return shortened(a.line() for a in found)
