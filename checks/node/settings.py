"""What the nodes' kernels are set to do with pods' packets. Pure."""

import ipaddress
from collections.abc import Sequence

from checks.cluster.snapshot import Snapshot
from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import UNSEEN, Finding, Severity
from checks.node.flannel import cni_signs
from checks.node.looks import Look, Observed, Words, of_agents
from checks.node.model import Data
from checks.place import Node
from checks.text import Unit, names, say, seconds

FORWARDING = Code(
    name="node.forwarding",
    meaning="The nodes' kernels forward packets to and from pods",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome("not-used", Severity.OK, "the network plugin forwards past the kernel's own way (Cilium)"),
        Outcome("off", Severity.FAILED, "`ip_forward` is 0 for a family that the cluster uses"),
    ),
)
REVERSE_PATH = Code(
    name="node.reverse-path",
    meaning="The nodes do not drop what comes in another way than its answer would go out (`rp_filter`)",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "they dropped nothing while it was watched"),
        Outcome("dropping", Severity.DEGRADED, "they dropped some packets while it was watched"),
    ),
    measures={"dropped": Unit.COUNT},
)
BRIDGE_FILTER = Code(
    name="node.bridge-filter",
    meaning="What pods of one node send each other through a Linux bridge passes iptables (`bridge-nf-call-iptables`)",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "it does"),
        Outcome("not-used", Severity.OK, "pods hang on no Linux bridge"),
        Outcome("off", Severity.DEGRADED, "it does not: a Service's answer from a pod of the same node may get lost"),
    ),
)
CODES = (FORWARDING, REVERSE_PATH, BRIDGE_FILTER)

PAST_THE_KERNEL = frozenset({"Cilium"})
"""Network plugins that may forward by eBPF alone, before the kernel looks at its own settings (Cilium documentation,
eBPF Host-Routing)."""
STRAY = 5
"""Packets in the window that are no fault: broadcasts of neighbours in other networks are dropped by the filter too."""

_FORWARDING = Words(
    well=say("The nodes' kernels forward packets to and from pods."),
    unread=say("No node told whether its kernel forwards packets."),
    bad={"off": say("The kernel of {nodes} does not forward: its pods reach nothing beyond the node.")},
)
_REVERSE_PATH = Words(
    well=say("No node drops packets for the way that they came in."),
    unread=say("No node told what its filter of reverse paths drops."),
    bad={"dropping": say("{nodes}: packets that come in another way than their answer would go out are dropped.")},
)
_BRIDGE_FILTER = Words(
    well=say("What pods of one node send each other passes iptables, where it has to."),
    unread=say("No node told whether packets on bridges pass iptables."),
    bad={"off": say("On {nodes} iptables does not see the pods' bridge: same-node Service answers may get lost.")},
)


def judge_settings(gathered: Observed) -> list[Finding]:
    """One finding a code."""
    families = _families(gathered.snapshot)
    past = any(sign.product in PAST_THE_KERNEL for sign in cni_signs(gathered.snapshot))
    subnets = {node.name: node.spec.pod_cidrs for node in gathered.snapshot.nodes}

    def forwarding(node: str, data: Data) -> Look:
        told = {family: data.forwards[family] for family in sorted(families) if family in data.forwards}
        if past:
            return Look("not-used")
        if not told:
            return Look(UNSEEN)
        off = [family for family, on in told.items() if not on]
        lines = [say("{node}: forwarding of IPv{family} is off", node=node, family=family) for family in off]
        return Look("off" if off else "pass", lines)

    def bridge_filter(node: str, data: Data) -> Look:
        return _bridge_filter(node, data, subnets.get(node, ()))

    return [
        of_agents(FORWARDING, _FORWARDING, gathered, forwarding),
        of_agents(REVERSE_PATH, _REVERSE_PATH, gathered, _reverse_path),
        of_agents(BRIDGE_FILTER, _BRIDGE_FILTER, gathered, bridge_filter),
    ]


def _families(snapshot: Snapshot) -> set[str]:
    """The families of the pods' addresses; IPv4 where nothing tells: a node may have an IPv6 address for itself."""
    addresses = [cidr for node in snapshot.nodes for cidr in node.spec.pod_cidrs]
    addresses += [ip for agent in snapshot.agents() for ip in agent.ips]
    return {"6" if ":" in address else "4" for address in addresses} or {"4"}


def _reverse_path(node: str, data: Data) -> Look:
    if not data.strict:
        return Look("pass")
    if data.strict_drops is None or not data.window_s:
        return Look(UNSEEN)
    line = say(
        "{node}: {dropped} packets dropped in {window}; the filter is strict on {interfaces}",
        node=node,
        dropped=data.strict_drops,
        window=seconds(data.window_s),
        interfaces=names(data.strict),
    )
    return Look("dropping" if data.strict_drops > STRAY else "pass", [line], {"dropped": float(data.strict_drops)})


def _bridge_filter(node: str, data: Data, subnets: Sequence[str]) -> Look:
    """Other bridges, of virtual machines and containers of the node's own, are nobody's business."""
    bridges = [bridge.name for bridge in data.bridges if any(_within(bridge.address, subnet) for subnet in subnets)]
    if not bridges:
        return Look("not-used")
    if data.bridge_filter:
        return Look("pass")
    state = say("the module br_netfilter is not loaded") if data.bridge_filter is None else say("it is 0")
    return Look("off", [say("{node}: {bridges}: {state}", node=node, bridges=names(bridges), state=state)])


def _within(address: str, subnet: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(subnet)
    except ValueError:
        return False
