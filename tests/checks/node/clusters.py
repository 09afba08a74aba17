"""Clusters whose nodes say what the tests of `node` are about, and what their agents tell."""

import json
from typing import Any

import msgspec

from checks.cluster.snapshot import Metadata, Node, NodeInfo, Snapshot
from checks.finding import Finding
from checks.node import CHECK
from checks.node.judge import OF_OBJECTS
from checks.node.model import Connections, Data, Device, Neighbours, Way
from checks.observation import Network, Observation, State
from tests.checks import objects

LOST = Observation(check="node", network=Network.HOST, node="w2", state=State.NO_ANSWER, message="no agent")
TAKEN_AT = 1_700_000_000.0


def node(number: int, **parts: Any) -> Node:
    """The node `wN`, with other `metadata`, `spec` or `status` fields (`spec={"taints": …}`)."""
    base = objects.node(f"w{number}", f"172.30.0.1{number}", pod_cidrs=(f"10.244.{number}.0/24",))
    for name, fields in parts.items():
        base = msgspec.structs.replace(base, **{name: msgspec.structs.replace(getattr(base, name), **fields)})
    return base


def with_info(number: int, **info: str) -> Node:
    """The node with these fields of `status.nodeInfo`."""
    return node(number, status={"node_info": NodeInfo(**info)})


def flannel(number: int, backend: str = "vxlan", **annotations: str) -> Node:
    """The node with what Flannel writes on it."""
    prefix = "flannel.alpha.coreos.com/"
    said = {
        f"{prefix}backend-type": backend,
        f"{prefix}backend-data": json.dumps({"VNI": 1, "VtepMAC": mac(number)}),
        f"{prefix}public-ip": f"172.30.0.1{number}",
    }
    said |= {prefix + name.replace("_", "-"): value for name, value in annotations.items()}
    return msgspec.structs.replace(node(number), metadata=Metadata(name=f"w{number}", annotations=said))


def mac(number: int) -> str:
    """The MAC of the tunnel's device of node `wN`."""
    return f"7a:00:00:00:00:0{number}"


def device(number: int, **changes: Any) -> Device:
    """The tunnel's device of node `wN`."""
    return msgspec.structs.replace(Device(name="flannel.1", mac=mac(number)), **changes)


def way(number: int, **changes: Any) -> Way:
    """The way to the pods of node `wN`, as Flannel makes it."""
    subnet = f"10.244.{number}.0"
    right = Way(
        subnet=f"{subnet}/24",
        network=f"{subnet}/24",
        gateway=subnet,
        interface="flannel.1",
        neighbour=mac(number),
        machines=(f"172.30.0.1{number}",),
    )
    return msgspec.structs.replace(right, **changes)


def told(number: int, **changes: Any) -> Observation:
    """What the agent of node `wN` tells, of a sound node but for the changes."""
    data = Data(
        clock_s=TAKEN_AT + 1,
        forwards={"4": True, "6": True},
        strict_drops=0,
        connections=Connections(count=900, limit=10_000, dropped=0),
        neighbours=(Neighbours(family=4, count=20, limit=1000, overflows=0),),
        ways=(),
        window_s=2.0,
    )
    data = msgspec.structs.replace(data, **changes)
    return Observation(check="node", network=Network.HOST, node=f"w{number}", data=msgspec.to_builtins(data))


def findings(nodes: tuple[Node, ...], *observations: Observation, **fields: Any) -> dict[str, Finding]:
    """The findings by code without `node.`: all of them, each once."""
    snapshot = Snapshot(nodes=nodes, taken_at=TAKEN_AT, **fields)
    found = CHECK.judge(CHECK.gather(snapshot, {}, observations))
    expected = CHECK.codes if observations or not nodes else OF_OBJECTS
    assert sorted(code.name for code in expected) == sorted(f.code for f in found)
    return {f.code.removeprefix("node."): f for f in found}


def outcomes(finding: Finding) -> dict[str, str]:
    """The outcome at each node."""
    return {str(s.place): s.outcome for s in finding.seen}
