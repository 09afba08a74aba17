"""Judge the probes over IPv6: between nodes, between pods, and of CoreDNS. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from checks.cluster.dns import USUAL, find_service, ready_endpoints
from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.ipv6.families import first_ipv6
from checks.ipv6.model import Aim, Data, Parameters, Probe, Target
from checks.ipv6.plan import plan
from checks.judging.crossing import LOST, OUTCOMES, PASS, REJECTED, crossing
from checks.observation import Network
from checks.place import Pair, Place, ReplicaPath
from checks.probes.outcome import UNMEASURED, Result
from checks.text import Text, Unit, Value, listed, say, shortened

MEASURES = {"sent": Unit.COUNT, "lost": Unit.COUNT, "rtt_s": Unit.SECONDS}
"""Probes that measured something, those that did not get through, and the median time of the others."""
NOT_USED = Outcome("not-used", Severity.OK, "the cluster has no IPv6")
HOST_REACH = Code(
    name="ipv6.host-reach",
    meaning="Nodes reach each other over IPv6, by UDP and TCP",
    place=Pair,
    outcomes=(OUTCOMES[0], NOT_USED, *OUTCOMES[1:]),
    measures=MEASURES,
)
REACH = Code(
    name="ipv6.reach",
    meaning="Pods reach pods of other nodes over IPv6, by UDP and TCP",
    place=Pair,
    outcomes=(OUTCOMES[0], NOT_USED, *OUTCOMES[1:]),
    measures=MEASURES,
    probe="I",
    tries=say("IPv6"),
)
DNS = Code(
    name="ipv6.dns",
    meaning="CoreDNS replicas answer over IPv6, by UDP and TCP",
    place=ReplicaPath,
    outcomes=(
        Outcome("pass", Severity.OK, "both are answered"),
        Outcome("not-used", Severity.OK, "the cluster or CoreDNS's Service has no IPv6"),
        Outcome("unanswered", Severity.FAILED, "UDP, TCP or both are not answered"),
    ),
    measures=MEASURES,
)


@dataclass(frozen=True, slots=True)
class Probed:
    """One probe, and what it says in the words of its code, or `UNSEEN`."""

    node: str
    network: Network
    probe: Probe
    place: Place
    outcome: str

    def line(self) -> Text:
        """The probe as evidence."""
        values: dict[str, Value] = {
            "node": self.node,
            "network": str(self.network),
            "target": str(self.probe.target),
            "name": self.probe.name,
            "protocol": self.probe.protocol,
            "result": str(self.probe.result),
            "words": self.probe.detail,
        }
        if self.probe.detail:
            return say("{node} ({network}) → {target} {name} {protocol}: {result}: {words}", **values)
        return say("{node} ({network}) → {target} {name} {protocol}: {result}", **values)


def judge_host_reach(gathered: Gathered[Parameters, Data]) -> Finding:
    """Node to node: the network below whatever pods use."""
    if not any(first_ipv6(node.internal_ips) for node in gathered.snapshot.nodes):
        return HOST_REACH.found(say("No node has an IPv6 InternalIP."), outcome="not-used")
    probed = _probed(gathered, Target.NODE)
    seen = _seen(HOST_REACH, probed)
    outcomes = [s.outcome for s in seen if s.outcome != UNSEEN]
    values = _values(seen)
    text = say("Nodes reach each other over IPv6.")
    if LOST in outcomes:
        text = say("Over IPv6 {bad} of {total} pairs of nodes do not reach each other: {pairs}.", **values)
    elif REJECTED in outcomes:
        text = say("Over IPv6 {bad} of {total} pairs of nodes are turned away at once: {pairs}.", **values)
    elif not outcomes:
        text = say("No node could be probed over IPv6.")
    return _reached(HOST_REACH, gathered, probed, seen, text)


def judge_reach(gathered: Gathered[Parameters, Data]) -> Finding:
    """Pod to pod of another node: what is lost here alone is lost in the tunnel or where a node forwards."""
    probed = _probed(gathered, Target.POD)
    seen = _seen(REACH, probed)
    outcomes = [s.outcome for s in seen if s.outcome != UNSEEN]
    values = _values(seen)
    text = say("Pods reach pods of other nodes over IPv6.")
    if LOST in outcomes:
        text = say("Over IPv6 pods do not reach each other on {bad} of {total} pairs of nodes: {pairs}.", **values)
    elif REJECTED in outcomes:
        text = say("Over IPv6 pods are turned away at once on {bad} of {total} pairs of nodes: {pairs}.", **values)
    elif not outcomes:
        text = say("No pod could be probed over IPv6.")
    return _reached(REACH, gathered, probed, seen, text)


def _probed(gathered: Gathered[Parameters, Data], target: Target) -> list[Probed]:
    return [
        Probed(heard.node, heard.network, probe, Pair(heard.node, probe.name), _crossing(probe))
        for heard in gathered.heard
        for probe in heard.data.probes
        if probe.target is target
    ]


def _values(seen: Sequence[Seen]) -> dict[str, Value]:
    """The pairs of the worst outcome, and how many there are."""
    known = [s for s in seen if s.outcome != UNSEEN]
    worst = LOST if any(s.outcome == LOST for s in known) else REJECTED
    bad = [s.place for s in known if s.outcome == worst]
    return {"bad": len(bad), "total": len(known), "pairs": listed(bad)}


def _reached(
    code: Code, gathered: Gathered[Parameters, Data], probed: Sequence[Probed], seen: Sequence[Seen], text: Text
) -> Finding:
    target = Target.NODE if code is HOST_REACH else Target.POD
    silent = _unseen((Pair(node, aim.name) for node, aim in _unprobed(gathered, (target,))), seen)
    if all(s.outcome == UNSEEN for s in seen):
        return code.unseen(text, _evidence(gathered, probed), [s.place for s in (*seen, *silent)])
    return code.found(text, [*seen, *silent], evidence=_evidence(gathered, probed))


def _crossing(probe: Probe) -> str:
    """A pod is aimed at when its agent is ready, a node whether or not an agent listens: its refusal is an answer."""
    if probe.target is Target.NODE and probe.result is Result.REFUSED:
        return PASS
    return crossing(probe.result, probe.rtt_s)


def judge_dns(gathered: Gathered[Parameters, Data]) -> Finding:
    """CoreDNS's replicas by their IPv6 addresses; they should not refuse either."""
    snapshot = gathered.snapshot
    service = find_service(snapshot) or snapshot.service(*USUAL)
    if service and service.spec.ip_families and "IPv6" not in service.spec.ip_families:
        return DNS.found(say("Not asked: CoreDNS's Service is for IPv4 alone."), outcome="not-used")
    nodes = {
        endpoint.target_ref.name: endpoint.node_name for endpoint, _ in ready_endpoints(snapshot) if endpoint.target_ref
    }
    probed = [
        Probed(heard.node, heard.network, p, ReplicaPath(heard.node, p.name, nodes.get(p.name, "")), _answer(p))
        for heard in gathered.heard
        for p in heard.data.probes
        if p.target is Target.DNS
    ]
    seen = _seen(DNS, probed)
    unprobed = _unprobed(gathered, (Target.DNS,))
    silent = _unseen((ReplicaPath(node, aim.name, nodes.get(aim.name, "")) for node, aim in unprobed), seen)
    outcomes = [s.outcome for s in seen if s.outcome != UNSEEN]
    if not outcomes:
        text = say("CoreDNS could not be asked over IPv6.")
        return DNS.unseen(text, _evidence(gathered, probed), [s.place for s in (*seen, *silent)])
    bad = [s.place for s in seen if s.outcome == "unanswered"]
    text = say("CoreDNS answers over IPv6.")
    if bad:
        text = say(
            "Over IPv6 CoreDNS is not answered on {bad} of {total} paths: {paths}.",
            bad=len(bad),
            total=len(outcomes),
            paths=listed(bad),
        )
    return DNS.found(text, [*seen, *silent], evidence=_evidence(gathered, probed))


def _answer(probe: Probe) -> str:
    if probe.result in UNMEASURED:
        return UNSEEN
    return "pass" if probe.result is Result.OK else "unanswered"


def _seen(code: Code, probed: Iterable[Probed]) -> list[Seen]:
    """The worst outcome at each place over its probes, with their numbers."""
    places: dict[Place, list[Probed]] = {}
    for one in probed:
        places.setdefault(one.place, []).append(one)
    return [Seen(place, _worst(code, found), _measures(found)) for place, found in sorted(places.items())]


def _worst(code: Code, found: Iterable[Probed]) -> str:
    return max((p.outcome for p in found if p.outcome != UNSEEN), key=code.words.index, default=UNSEEN)


def _measures(found: Iterable[Probed]) -> dict[str, float]:
    """See `MEASURES`; none where nothing was measured."""
    measured = [p for p in found if p.outcome != UNSEEN]
    if not measured:
        return {}
    times = [p.probe.rtt_s for p in measured if p.probe.result is Result.OK]
    counts = {"sent": len(measured), "lost": sum(p.outcome != PASS for p in measured)}
    return counts | ({"rtt_s": median(times)} if times else {})


def _unprobed(gathered: Gathered[Parameters, Data], targets: Sequence[Target]) -> Iterator[tuple[str, Aim]]:
    """What jobs that stayed silent were to probe, with the node that was to."""
    silent = {(o.network, o.node) for o in gathered.silent}
    for task in plan(gathered.snapshot, gathered.parameters) if silent else ():
        if (task.network, task.node) in silent:
            yield from ((task.node, aim) for aim in task.request.aims if aim.target in targets)


def _unseen(places: Iterable[Place], seen: Iterable[Seen]) -> list[Seen]:
    return [Seen(place, UNSEEN) for place in sorted(set(places).difference(s.place for s in seen))]


def _evidence(gathered: Gathered[Parameters, Data], probed: Sequence[Probed]) -> list[Text]:
    """How many probes were answered, those that were not, and what the kernel counted meanwhile."""
    measured = [p for p in probed if p.outcome != UNSEEN]
    failed = [p for p in measured if p.outcome != PASS]
    counts = say("{answered} of {total} probes answered", answered=len(measured) - len(failed), total=len(measured))
    rises = (
        say("{node} ({network}): {counter} +{rise}", node=h.node, network=str(h.network), counter=name, rise=rise)
        for h in gathered.heard
        for name, rise in h.data.rises.items()
    )
    return [
        *([counts] if measured else []),
        *shortened(p.line() for p in failed),
        *(shortened(rises) if failed else []),
        *gathered.unheard(),
    ]
