"""Judge whether the cluster uses IPv6, and all of its nodes then too: from its objects alone. Pure."""

from checks.code import Code, Outcome, Role
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.ipv6.families import first_ipv6, pod_families, pod_families_by_node, service_families
from checks.ipv6.model import Data, Parameters
from checks.place import Cluster, Node
from checks.text import Item, listed, names, say, say_many

IN_USE = Code(
    name="ipv6.in-use",
    meaning="Whether pods and Services have IPv6 addresses",
    place=Cluster,
    outcomes=(
        Outcome("not-used", Severity.OK, "IPv4 alone"),
        Outcome("dual-stack", Severity.OK, "both families"),
        Outcome("ipv6-only", Severity.OK, "IPv6 alone"),
    ),
    role=Role.CIRCUMSTANCE,
)
POD_NETWORKS = Code(
    name="ipv6.pod-networks",
    meaning="Every node has an IPv6 network for its pods, where any has",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "it has one"),
        Outcome("not-used", Severity.OK, "no node has one"),
        Outcome("missing", Severity.DEGRADED, "it has none, although others do"),
    ),
    role=Role.RISK,
)
SERVICE_FAMILIES = Code(
    name="ipv6.service-families",
    meaning="Services have addresses of families that pods have too",
    place=Cluster,
    outcomes=(
        Outcome("pass", Severity.OK, "they have"),
        Outcome("not-used", Severity.OK, "the cluster has no IPv6"),
        Outcome("without-pods", Severity.DEGRADED, "they have addresses of a family that no pod has"),
    ),
    role=Role.RISK,
)
READ = ("nodes", "pods", "services")
"""Where the families stand."""


def judge_in_use(gathered: Gathered[Parameters, Data]) -> Finding:
    """The families of the cluster's pods and Services. Nodes may have IPv6 addresses without the cluster using any."""
    snapshot = gathered.snapshot
    pods, services = pod_families(snapshot), service_families(snapshot)
    if not pods | services:
        text = say("Neither pod networks nor Services could be read.")
        return IN_USE.unseen(text, gathered.gaps(READ), [Cluster()])
    evidence = [
        say("pods: {families}", families=_families(pods)),
        say("Services: {families}", families=_families(services)),
        say_many(
            "{having} of {count} node has an IPv6 InternalIP",
            "{having} of {count} nodes have an IPv6 InternalIP",
            len(snapshot.nodes),
            having=sum(1 for node in snapshot.nodes if first_ipv6(node.internal_ips)),
        ),
        *gathered.gaps(READ),
    ]
    outcome, text = "dual-stack", say("The cluster uses IPv4 and IPv6.")
    if "IPv6" not in pods | services:
        outcome, text = "not-used", say("The cluster does not use IPv6.")
    elif "IPv4" not in pods | services:
        outcome, text = "ipv6-only", say("The cluster uses IPv6 alone.")
    return IN_USE.found(text, [Seen(Cluster(), outcome)], evidence=evidence)


def _families(families: frozenset[str]) -> list[Item]:
    return names(sorted(families)) or [say("not known")]


def judge_pod_networks(gathered: Gathered[Parameters, Data]) -> Finding:
    """Which nodes of a cluster with IPv6 have no IPv6 for their pods; open where a node's pods are not seen."""
    known = pod_families_by_node(gathered.snapshot)
    if not known:
        return POD_NETWORKS.unseen(say("The pod networks could not be read."), gathered.gaps(READ))
    if "IPv6" not in pod_families(gathered.snapshot):
        return POD_NETWORKS.found(say("No pod network is of IPv6."), outcome="not-used")
    seen = [
        Seen(Node(node.name), _network(known.get(node.name, frozenset())))
        for node in sorted(gathered.snapshot.nodes, key=lambda node: node.name)
    ]
    missing = [s.place for s in seen if s.outcome == "missing"]
    text = say("Every node whose pod network is known has one of IPv6.")
    if missing:
        text = say_many(
            "{nodes} has no IPv6 network for its pods, although others do.",
            "{nodes} have no IPv6 networks for their pods, although others do.",
            len(missing),
            nodes=listed(missing),
        )
    return POD_NETWORKS.found(text, seen, evidence=gathered.gaps(READ))


def _network(families: frozenset[str]) -> str:
    if not families:
        return UNSEEN
    return "pass" if "IPv6" in families else "missing"


def judge_service_families(gathered: Gathered[Parameters, Data]) -> Finding:
    """Of Services the families that pods have too: others get an address that no endpoint can answer."""
    pods, services = pod_families(gathered.snapshot), service_families(gathered.snapshot)
    if not pods or not services:
        text = say("The families of pods and Services could not both be read.")
        return SERVICE_FAMILIES.unseen(text, gathered.gaps(READ), [Cluster()])
    missing = services - pods
    if not missing:
        text = say("Services have addresses of no other families than pods.")
        return SERVICE_FAMILIES.found(text, [Seen(Cluster(), "pass")])
    text = say(
        "Services have addresses of {families}, and pods have none: nothing answers there.", families=_families(missing)
    )
    return SERVICE_FAMILIES.found(text, [Seen(Cluster(), "without-pods")], evidence=gathered.gaps(READ))
