"""Judge what the pods' own interfaces take, against other nodes' pods and against the node's adapter. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from checks.code import Code, Outcome, Role
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.topology import ALONE
from checks.mtu.measured import PASS, Path
from checks.observation import Network
from checks.place import Node
from checks.text import Text, Unit, say, size

DIFFERS, NO_ROOM = "differs", "no-room"
INTERFACES = Code(
    name="mtu.pods",
    meaning="The interfaces that pods send through take as much on every node, and no more than the node's own does",
    place=Node,
    outcomes=(
        Outcome(PASS, Severity.OK, "they do"),
        Outcome(DIFFERS, Severity.DEGRADED, "its pods' interfaces do not take what most nodes' pods' take"),
        Outcome(NO_ROOM, Severity.DEGRADED, "its pods' interfaces take more than the node's own"),
    ),
    role=Role.RISK,
    measures={"pods": Unit.BYTES, "node": Unit.BYTES},
)
Sizes = dict[str, int]
"""Bytes by node."""


def judge_interfaces(found: Sequence[Path], coverage: Sequence[Text], *, alone: bool) -> Finding:
    """What was sent through tells what counts: the interface that a pod's packets leave by, not any tunnel's device."""
    pods = _devices(found, Network.POD, between_nodes=False)
    nodes = _devices(found, Network.HOST, between_nodes=True)
    names = list(dict.fromkeys(path.node for path in found))
    if alone and not names:
        return INTERFACES.found(ALONE, outcome=PASS)
    if not pods:
        unread = say("What the pods' interfaces take could not be measured.")
        return INTERFACES.unseen(unread, coverage, map(Node, names))
    usual = Counter(pods.values()).most_common(1)[0][0]
    seen = [_seen(name, pods, nodes, usual) for name in names]
    lines = [
        say("{node}: pods {pods}, node {own}", node=Node(n), pods=size(pods[n]), own=size(nodes[n]))
        if n in nodes
        else say("{node}: pods {pods}", node=Node(n), pods=size(pods[n]))
        for n in names
        if n in pods
    ]
    return INTERFACES.found(_sentence(seen, usual), seen, evidence=[*lines, *coverage])


def _devices(found: Sequence[Path], network: Network, *, between_nodes: bool) -> Sizes:
    """The least that a node's interfaces of this kind take, of those that were sent through."""
    sizes: Sizes = {}
    for path in found:
        device = path.measurement.device
        if device and path.network is network and path.between_nodes is between_nodes:
            sizes[path.node] = min(device, sizes.get(path.node, device))
    return sizes


def _seen(name: str, pods: Mapping[str, int], nodes: Mapping[str, int], usual: int) -> Seen:
    if name not in pods:
        return Seen(Node(name), UNSEEN)
    measures = {"pods": float(pods[name])} | ({"node": float(nodes[name])} if name in nodes else {})
    if name in nodes and pods[name] > nodes[name]:
        return Seen(Node(name), NO_ROOM, measures)
    return Seen(Node(name), DIFFERS if pods[name] != usual else PASS, measures)


def _sentence(seen: Sequence[Seen], usual: int) -> Text:
    outcomes = {each.outcome for each in seen}
    if NO_ROOM in outcomes:
        return say("Pods may send larger packets than the adapters of their nodes take.")
    if DIFFERS in outcomes:
        return say("Pods may not send packets of one size on all nodes: restart those that are older than a change.")
    return say("The interfaces of pods take {mtu} on every node that was seen.", mtu=size(usual))
