"""Who asked whom, and how it went. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from checks.cluster.dns import find_service
from checks.cluster.snapshot import Service
from checks.code import Code
from checks.dns.model import SERVICE, Asked, Data, Parameters, Target
from checks.dns.plan import NETWORKS, find_replicas, plan
from checks.finding import UNSEEN, Seen
from checks.gathered import Gathered
from checks.judging.statistics import Verdict, sprt, wilson
from checks.observation import Network
from checks.place import Place, Replica, ReplicaPath
from checks.probes.outcome import UNMEASURED, Result
from checks.text import Text, Unit, listed, say, say_many, seconds, share, shortened

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
        """What the test says about loss."""
        return sprt(self.asked.sent, self.asked.lost)

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
    """Those that went to a replica."""
    of_service: tuple[Asking, ...]
    """Those that went to the ClusterIP, from pods; from the host of nodes whose pod agent was not heard."""
    unasked: tuple[Asking, ...]
    """What was planned for jobs that stayed silent, of replicas and of the ClusterIP; nothing was sent."""
    gaps: tuple[Text, ...]
    """What could not be read of the cluster."""
    coverage: tuple[Text, ...]
    """The gaps, and who stayed silent."""


def askings(gathered: Gathered[Parameters, Data]) -> Askings:
    """Every asking of every job that was observed, in which something was sent."""
    every = [
        Asking(heard.node, heard.network, asked, heard.throttled)
        for heard in gathered.heard
        for asked in heard.data.asked
        if asked.sent
    ]
    pods = {a.node for a in every if a.network is Network.POD}
    gaps = gathered.gaps(READ)
    return Askings(
        service=find_service(gathered.snapshot),
        replicas=tuple(find_replicas(gathered.snapshot)),
        of_replicas=tuple(a for a in every if not a.of_service),
        of_service=tuple(a for a in every if a.of_service and (a.network is Network.POD or a.node not in pods)),
        unasked=tuple(_unasked(gathered)),
        gaps=tuple(gaps),
        coverage=(*gaps, *gathered.unheard(*NETWORKS)),
    )


def _unasked(gathered: Gathered[Parameters, Data]) -> Iterable[Asking]:
    silent = {(o.network, o.node) for o in gathered.silent}
    for task in plan(gathered.snapshot, gathered.parameters) if silent else ():
        if (task.network, task.node) in silent:
            for target in task.request.targets:
                yield Asking(task.node, task.network, Asked(name=target.name, node=target.node, address=target.address))


def by_place(found: Iterable[Asking], at: Callable[[Asking], At]) -> dict[At, list[Asking]]:
    """The askings of each place, in the order of the places: an agent on the host and one in a pod share a path."""
    places: dict[At, list[Asking]] = {}
    for asking in found:
        places.setdefault(at(asking), []).append(asking)
    return {place: places[place] for place in sorted(places)}


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
    low, high = wilson(lost, sent)
    return say(
        "{lost} of {sent} datagrams lost, {loss} (95 % interval {low} to {high})",
        lost=lost,
        sent=sent,
        loss=share(lost / sent if sent else 0.0),
        low=share(low),
        high=share(high),
    )


def lines(found: Iterable[Asking]) -> list[Text]:
    """The askings as evidence."""
    return shortened(a.line() for a in found)
