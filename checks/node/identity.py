"""Whether the nodes are told apart: addresses, machines, pod subnets. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from checks.cluster.snapshot import Node as NodeObject
from checks.cluster.snapshot import Snapshot
from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import Finding, Severity
from checks.judging.topology import Network, PodRange, pod_ranges
from checks.node.conditions import NO_NODE
from checks.node.flannel import BACKEND, cni_signs
from checks.node.looks import Look, Observed, Words, finding
from checks.place import Node
from checks.text import Text, names, say

ADDRESS = Code(
    name="node.address",
    meaning="Every node has an address of its own",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "it has"),
        Outcome("shared", Severity.FAILED, "another node has the same InternalIP"),
    ),
)
MACHINE = Code(
    name="node.machine",
    meaning="Every node is a machine of its own",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "it is, as far as is told"),
        Outcome("machine-id", Severity.DEGRADED, "another node has the same /etc/machine-id"),
        Outcome("system-uuid", Severity.DEGRADED, "another node has the same product UUID"),
        Outcome("mac", Severity.FAILED, "another node's adapter has the same MAC address"),
    ),
)
POD_CIDR = Code(
    name="node.pod-cidr",
    meaning="Every node has a pod subnet, where the network plugin takes it from the Node object",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "it has"),
        Outcome("not-used", Severity.OK, "the network plugin has subnets of its own"),
        Outcome("missing", Severity.FAILED, "nobody has given it one"),
    ),
)
OVERLAP = Code(
    name="node.pod-cidr-overlap",
    meaning="No two nodes have pod subnets that overlap",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "none overlaps with another node's"),
        Outcome("shared", Severity.FAILED, "it overlaps with another node's"),
    ),
)
CODES = (ADDRESS, MACHINE, POD_CIDR, OVERLAP)

FROM_NODES = frozenset({"Flannel", "Canal", "kube-router"})
"""The network plugins that take pod subnets from Node objects, whatever their settings (flannel-io/flannel
Documentation/kubernetes.md; Canal is made of it; cloudnativelabs/kube-router docs/user-guide.md)."""
NO_MAC = "00:00:00:00:00:00"
"""Of `lo`, which has the node's address where routers are told of it."""
PLACEHOLDERS = frozenset(
    {
        "03000200-0400-0500-0006-000700080009",
        "00020003-0004-0005-0006-000700080009",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    }
)
"""Product UUIDs of boards to which nobody gave one: the first in both byte orders; SMBIOS 3.7, 7.2.1: the others mean
that there is none."""

_ADDRESS = Words(
    well=say("Every node has an address of its own."),
    unread=NO_NODE,
    bad={"shared": say("Nodes with the same InternalIP: {nodes}. Whoever answers last gets the packets of both.")},
)
_MACHINE = Words(
    well=say("Every node is a machine of its own."),
    unread=NO_NODE,
    bad={
        "mac": say("The adapters of {nodes} have the same MAC address: the network sends one what is for the other."),
        "system-uuid": say("{nodes} have the same product UUID: they were cloned."),
        "machine-id": say("{nodes} have the same machine ID: they were cloned, and may get the same address by DHCP."),
    },
)
_POD_CIDR = Words(
    well=say("Every node has a pod subnet, where it has to."),
    unread=NO_NODE,
    bad={"missing": say("Nobody has given {nodes} a pod subnet, so the network plugin does not start there.")},
)
_OVERLAP = Words(
    well=say("No two nodes have pod subnets that overlap."),
    unread=NO_NODE,
    bad={"shared": say("The pod subnets of {nodes} overlap: pods on two nodes get the same address.")},
)


def judge_identity(gathered: Observed) -> list[Finding]:
    """One finding a code, with every node as a place."""
    snapshot = gathered.snapshot
    holders = _holders((node.name, ip) for node in snapshot.nodes for ip in node.internal_ips)
    needed = _needed(snapshot)
    addresses = {node.name: _shared(node.name, holders.get(node.name, {})) for node in snapshot.nodes}
    return [
        finding(ADDRESS, _ADDRESS, addresses),
        finding(MACHINE, _MACHINE, dict(_machines(gathered))),
        finding(POD_CIDR, _POD_CIDR, {node.name: Look(_given(node, needed)) for node in snapshot.nodes}),
        finding(OVERLAP, _OVERLAP, dict(_overlaps(snapshot))),
    ]


Twins = Mapping[str, list[str]]
"""By what is held in common the other nodes that hold it."""


def _holders(held: Iterable[tuple[str, str]]) -> dict[str, dict[str, list[str]]]:
    """By node what it has in common with others."""
    by_value: dict[str, list[str]] = defaultdict(list)
    for node, value in held:
        if value and node not in by_value[value]:
            by_value[value].append(node)
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for value, nodes in by_value.items():
        for node in nodes if len(nodes) > 1 else ():
            found[node][value] = [other for other in nodes if other != node]
    return found


def _shared(node: str, twins: Twins) -> Look:
    return Look("shared", list(_lines(node, twins))) if twins else Look("pass")


def _lines(node: str, twins: Twins) -> Iterator[Text]:
    for value, others in twins.items():
        yield say("{node}: {value}, as {others}", node=node, value=value, others=names(others))


def _machines(gathered: Observed) -> Iterator[tuple[str, Look]]:
    """Nodes of one kernel are containers of one machine and share its identity by nature: they are no clones."""
    nodes = gathered.snapshot.nodes
    booted = _holders((node.name, node.status.node_info.boot_id) for node in nodes)
    apart = [node for node in nodes if node.name not in booted]
    told = {
        "mac": _holders(
            (heard.node, a.mac) for heard in gathered.heard for a in heard.data.adapters if a.mac != NO_MAC
        ),
        "system-uuid": _holders((node.name, _uuid(node)) for node in apart),
        "machine-id": _holders((node.name, node.status.node_info.machine_id) for node in apart),
    }
    for node in nodes:
        common = {word: twins[node.name] for word, twins in told.items() if node.name in twins}
        lines = [line for twins in common.values() for line in _lines(node.name, twins)]
        yield node.name, Look(next(iter(common), "pass"), lines)


def _uuid(node: NodeObject) -> str:
    uuid = node.status.node_info.system_uuid.lower()
    return "" if uuid in PLACEHOLDERS else uuid


def _given(node: NodeObject, needed: bool) -> str:  # noqa: FBT001 - it is the one thing that decides
    if node.spec.pod_cidrs:
        return "pass"
    return "missing" if needed else "not-used"


def _overlaps(snapshot: Snapshot) -> Iterator[tuple[str, Look]]:
    clashes: dict[str, list[Text]] = defaultdict(list)
    for (one, first), (other, second) in _overlapping(snapshot):
        line = say("{one}: {first}, {other}: {second}", one=one, first=str(first), other=other, second=str(second))
        clashes[one].append(line)
        clashes[other].append(line)
    for node in snapshot.nodes:
        clash = clashes.get(node.name, [])
        yield node.name, Look("shared" if clash else "pass", clash)


def _overlapping(snapshot: Snapshot) -> Iterator[tuple[PodRange, PodRange]]:
    """Every two ranges of different nodes of which one is within the other: two networks never overlap otherwise."""
    open_ranges: list[PodRange] = []
    ranges = sorted(pod_ranges(snapshot), key=lambda r: (r[1].version, r[1].network_address, r[1].prefixlen))
    for node, network in ranges:
        while open_ranges and not _covers(open_ranges[-1][1], network):
            open_ranges.pop()
        yield from (((other, wider), (node, network)) for other, wider in open_ranges if other != node)
        open_ranges.append((node, network))


def _covers(wider: Network, network: Network) -> bool:
    return wider.version == network.version and int(wider.broadcast_address) >= int(network.broadcast_address)


def _needed(snapshot: Snapshot) -> bool:
    """Whether the network plugin takes pod subnets from Node objects. In k3s Flannel is found by what it wrote."""
    signs = cni_signs(snapshot)
    if signs:
        return any(sign.product in FROM_NODES for sign in signs)
    return any(BACKEND in node.metadata.annotations for node in snapshot.nodes)
