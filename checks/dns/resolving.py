"""Judge look-ups as pods make them: the zone that they are told, and both families from one socket. Pure."""

from checks.cluster.dns import served_zones
from checks.cluster.snapshot import Snapshot
from checks.code import HARDLY_EVER, Code, Outcome, Role
from checks.dns.model import Data, Parameters
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered
from checks.judging.statistics import exceeds
from checks.kernel.resolver import Resolver
from checks.observation import Network
from checks.place import Cluster
from checks.text import Unit, names, say, share, shortened

CHANCE = 0.001
"""How seldom chance alone may make so much of a difference."""
ZONE = Code(
    name="dns.zone",
    meaning="CoreDNS knows the zone that pods are told to search",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "it does"),
        Outcome("no-such-name", Severity.FAILED, "it serves that zone, and knows no name of it"),
        Outcome("other", Severity.FAILED, "it serves another, so that no short name is found"),
    ),
    leak=HARDLY_EVER,
)
ONE_SOCKET = Code(
    name="dns.one-socket",
    meaning="A and AAAA asked at once from one socket are answered as often as from two",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "they are"),
        Outcome("loses", Severity.DEGRADED, "one of the two is lost, and from two sockets none is"),
    ),
    leak=CHANCE,
    measures={"one": Unit.SHARE, "two": Unit.SHARE},
)
SEARCH = Code(
    name="dns.search",
    meaning="No domain that pods search besides the cluster's has an address for every name",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "none has, or they search no other"),
        Outcome("wildcard", Severity.DEGRADED, "one has: names of few dots outside the cluster end there"),
    ),
    role=Role.RISK,
    leak=HARDLY_EVER,
    measures={"questions": Unit.COUNT},
)
_KNOWN = ("NOERROR",)
_STRANGE = "NOERROR, with another address"
_UNKNOWN = ("NXDOMAIN", "REFUSED", _STRANGE)


def judge_zone(gathered: Gathered[Parameters, Data]) -> Finding:
    """By what the ClusterIP says of the name that pods would make of `kubernetes.default`."""
    told = {
        heard.node: (heard.data.resolver.zone, _said(heard.data, gathered.snapshot))
        for heard in gathered.on(Network.POD)
        if heard.data.resolver and heard.data.own_rcode in (*_KNOWN, *_UNKNOWN)
    }
    coverage = gathered.unheard(Network.POD)
    if not told:
        text = say("No pod's search list could be tried.")
        return ZONE.unseen(text, coverage, [Cluster()])
    zones = sorted({zone for zone, _ in told.values()})
    unknown = {zone for zone, rcode in told.values() if rcode in _UNKNOWN}
    unknown -= {zone for zone, rcode in told.values() if rcode in _KNOWN}
    if not unknown:
        text = say("Pods search {zones}, which CoreDNS serves.", zones=names(zones))
        return ZONE.found(text, [Seen(Cluster(), "pass")], evidence=coverage)
    served = served_zones(gathered.snapshot)
    outcome = "no-such-name" if unknown <= set(served) else "other"
    text = say("Pods are told to search {zones}, and CoreDNS knows no name there.", zones=names(sorted(unknown)))
    if served and outcome == "other":
        text = say(
            "Pods are told to search {zones}, and CoreDNS serves {served}.",
            zones=names(sorted(unknown)),
            served=names(served),
        )
    lines = (
        say("{node}: kubernetes.default.svc.{zone} {rcode}", node=node, zone=zone, rcode=rcode)
        for node, (zone, rcode) in sorted(told.items())
        if zone in unknown
    )
    return ZONE.found(text, [Seen(Cluster(), outcome)], evidence=[*shortened(lines), *coverage])


def _said(data: Data, snapshot: Snapshot) -> str:
    """The rcode; NOERROR with a stranger's address is as good as none: some upstreams have one for every name."""
    service = snapshot.service("default", "kubernetes")
    if service and data.own_addresses and service.spec.cluster_ip not in data.own_addresses:
        return _STRANGE
    return data.own_rcode


def judge_search(gathered: Gathered[Parameters, Data]) -> Finding:
    """By a made-up name in each domain; and how many questions a name such as `example.org` takes."""
    told = {h.node: h.data for h in gathered.on(Network.POD) if h.data.resolver and h.data.resolver.zone}
    coverage = gathered.unheard(Network.POD)
    if not told:
        return SEARCH.unseen(say("No pod's search list could be read."), coverage, [Cluster()])
    questions = max(_questions(data.resolver) for data in told.values() if data.resolver)
    wildcards = {domain: node for node, data in sorted(told.items()) for domain in data.wildcards}
    measures = {"questions": float(questions)}
    if wildcards:
        text = say(
            "Pods search {domains}, where every name has an address, so that names outside the cluster end there. "
            "Take it out of the nodes' resolv.conf.",
            domains=names(sorted(wildcards)),
        )
        return SEARCH.found(text, [Seen(Cluster(), "wildcard", measures)], evidence=coverage)
    text = say("To a pod, a name such as example.org is {count} questions (search list and ndots).", count=questions)
    return SEARCH.found(text, [Seen(Cluster(), "pass", measures)], evidence=coverage)


def _questions(resolver: Resolver) -> int:
    """A and AAAA of a name with one dot: in every domain first, where ndots asks for more dots."""
    return 2 * (1 + (len(resolver.search) if resolver.ndots > 1 else 0))


def judge_one_socket(gathered: Gathered[Parameters, Data]) -> Finding:
    """All pods' pairs together: what loses packets anyway takes from both sorts alike."""
    measured = {h.node: h.data.pairs for h in gathered.on(Network.POD) if h.data.pairs and h.data.pairs.answered}
    sent = sum(pairs.sent for pairs in measured.values())
    coverage = gathered.unheard(Network.POD)
    if not sent:
        text = say("No pair of questions was answered.")
        return ONE_SOCKET.unseen(text, coverage, [Cluster()])
    one, two = sum(p.one_lost for p in measured.values()), sum(p.two_lost for p in measured.values())
    values = {"one": one / sent, "two": two / sent}
    lines = (
        say(
            "{node}: from one socket {one} of {sent}, from two {two}",
            node=n,
            one=p.one_lost,
            two=p.two_lost,
            sent=p.sent,
        )
        for n, p in sorted(measured.items())
        if p.one_lost or p.two_lost
    )
    evidence = [*shortened(lines), *coverage]
    if exceeds(one, two, sent, CHANCE):
        text = say(
            "Asked for A and AAAA at once from one socket, pods miss one of the answers in {one} of cases; "
            "from two sockets in {two}.",
            one=share(values["one"]),
            two=share(values["two"]),
        )
        return ONE_SOCKET.found(text, [Seen(Cluster(), "loses", values)], evidence=evidence)
    text = say("A and AAAA from one socket are answered as those from two are.")
    return ONE_SOCKET.found(text, [Seen(Cluster(), "pass", values)], evidence=evidence)
