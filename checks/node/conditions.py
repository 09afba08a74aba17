"""What the Node objects say of the nodes: ready, with a network, with room, open for pods. Pure."""

from collections.abc import Iterator
from datetime import datetime

from checks.cluster.snapshot import Node as NodeObject
from checks.cluster.snapshot import NodeCondition, Snapshot
from checks.code import HARDLY_EVER, Code, Outcome, Role
from checks.finding import Finding, Severity
from checks.node.looks import Look, Words, finding
from checks.place import Node
from checks.reading.pods import CNI
from checks.reading.read import read
from checks.text import Moment, Text, say

NOT_TOLD = Outcome("not-told", Severity.OK, "an old recording, which does not tell")
READY = Code(
    name="node.ready",
    meaning="The kubelet of every node is heard of and says that the node is ready",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "it is ready"),
        NOT_TOLD,
        Outcome("not-ready", Severity.FAILED, "its kubelet says that it is not"),
        Outcome("no-network", Severity.FAILED, "its kubelet says that it has no network plugin that is ready (CNI)"),
        Outcome("silent", Severity.FAILED, "its kubelet was not heard of for 40 seconds or more"),
    ),
)
NETWORK = Code(
    name="node.network",
    meaning="Nobody says of a node that its network is not set up (NetworkUnavailable)",
    place=Node,
    leak=HARDLY_EVER,
    outcomes=(
        Outcome("pass", Severity.OK, "nobody does"),
        Outcome("unavailable", Severity.FAILED, "the network plugin or the cloud says so"),
    ),
)
PRESSURE = Code(
    name="node.pressure",
    meaning="The nodes have memory, disk and process numbers left",
    place=Node,
    role=Role.RISK,
    outcomes=(
        Outcome("pass", Severity.OK, "they have"),
        Outcome("short", Severity.DEGRADED, "the kubelet says that one is short, and evicts pods"),
    ),
)
SCHEDULABLE = Code(
    name="node.schedulable",
    meaning="Pods may be scheduled on the nodes",
    place=Node,
    role=Role.CIRCUMSTANCE,
    outcomes=(
        Outcome("pass", Severity.OK, "they may"),
        Outcome("cordoned", Severity.ADVICE, "somebody has cordoned it"),
        Outcome("waits", Severity.DEGRADED, "a taint keeps pods away until something has done its part"),
    ),
)
CODES = (READY, NETWORK, PRESSURE, SCHEDULABLE)

PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")
AWAITED = {
    "node.cloudprovider.kubernetes.io/uninitialized": say(
        "the cloud's controller has to look at the node first: look at the log of the cloud-controller-manager"
    ),
    "node.cilium.io/agent-not-ready": say("Cilium has to start on the node first: look at its pod there"),
    "node.kubernetes.io/network-unavailable": say("the network of the node has to be set up first"),
    "node.kubernetes.io/out-of-service": say("somebody has declared the node out of service"),
}
"""Taints that somebody takes away when their part is done, and keep pods away for good if nobody does (Kubernetes
documentation, Well-Known Labels, Annotations and Taints; Cilium documentation, Taint Effects). Those that follow from
the conditions and from a cordon are told as such."""


def judge_conditions(snapshot: Snapshot) -> list[Finding]:
    """One finding a code, with every node as a place."""
    nodes = snapshot.nodes
    return [
        finding(READY, _READY, {node.name: _ready(node) for node in nodes}),
        finding(NETWORK, _NETWORK, {node.name: _network(node) for node in nodes}),
        finding(PRESSURE, _PRESSURE, {node.name: _pressure(node) for node in nodes}),
        finding(SCHEDULABLE, _SCHEDULABLE, {node.name: _schedulable(node) for node in nodes}),
    ]


NO_NODE = say("There is no node to be seen.")
_NOT_READY = say("Nodes that are not ready: {nodes}.")
_READY = Words(
    well=say("All nodes are ready."),
    unread=NO_NODE,
    bad={
        "silent": say("Nodes whose kubelet is not heard of: {nodes}."),
        "no-network": say("Nodes without a network plugin that is ready: {nodes}."),
        "not-ready": _NOT_READY,
    },
)
_NETWORK = Words(
    well=say("Nobody says that a node's network is not set up."),
    unread=NO_NODE,
    bad={"unavailable": say("The network of {nodes} is not set up, as its own plugin or the cloud says.")},
)
_PRESSURE = Words(
    well=say("The nodes have memory, disk and process numbers left."),
    unread=NO_NODE,
    bad={"short": say("Short of memory, disk or process numbers, so that pods are evicted: {nodes}.")},
)
_SCHEDULABLE = Words(
    well=say("Pods may be scheduled on every node."),
    unread=NO_NODE,
    bad={
        "waits": say("A taint keeps pods away from {nodes} until something has done its part."),
        "cordoned": say("Cordoned, so that nothing new is scheduled there: {nodes}."),
    },
)


def _ready(node: NodeObject) -> Look:
    ready = _condition(node, "Ready")
    if ready is None:
        return Look("not-told")
    outcome = {"True": "pass", "False": "not-ready"}.get(ready.status, "silent")
    if outcome == "pass":
        return Look("pass")
    if outcome == "not-ready" and read(ready.message, (CNI,)).known:
        outcome = "no-network"
    return Look(outcome, [_said(node, ready)])


def _network(node: NodeObject) -> Look:
    told = _condition(node, "NetworkUnavailable")
    if told is None or told.status != "True":
        return Look("pass")
    return Look("unavailable", [_said(node, told)])


def _pressure(node: NodeObject) -> Look:
    short = [c for c in node.status.conditions if c.type in PRESSURES and c.status == "True"]
    return Look("short", [_said(node, condition) for condition in short]) if short else Look("pass")


def _schedulable(node: NodeObject) -> Look:
    waits = list(_awaited(node))
    if waits:
        return Look("waits", waits)
    return Look("cordoned" if node.spec.unschedulable else "pass")


def _awaited(node: NodeObject) -> Iterator[Text]:
    for taint in node.spec.taints:
        if taint.key in AWAITED and taint.effect != "PreferNoSchedule":
            yield say("{node}: {taint}: {meaning}", node=node.name, taint=taint.key, meaning=AWAITED[taint.key])


def _condition(node: NodeObject, kind: str) -> NodeCondition | None:
    return next((c for c in node.status.conditions if c.type == kind), None)


def _said(node: NodeObject, condition: NodeCondition) -> Text:
    """A condition in the words of whoever set it, and since when."""
    values = {"node": node.name, "type": condition.type, "reason": condition.reason, "message": condition.message}
    since = _moment(condition.last_transition_time)
    if since is None:
        return say("{node}: {type}: {reason}: {message}", **values)
    return say("{node}: {type} since {since}: {reason}: {message}", **values, since=since)


def _moment(stamp: str) -> Moment | None:
    """A time of the API's; None where there is none."""
    try:
        return Moment(datetime.fromisoformat(stamp).timestamp())
    except (ValueError, OverflowError):
        return None
