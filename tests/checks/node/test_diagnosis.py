"""What is read of the nodes becomes a cause at its node, whatever else suffers from it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Node, NodeCondition, NodeInfo, Snapshot
from checks.diagnosis import diagnose
from checks.diagnosis.model import HEALTHY
from checks.judgement import judge_run
from checks.node.flannel import leases
from checks.node.model import Device, Way
from checks.observation import Network
from checks.paths.model import Aim, Kind
from checks.probes.outcome import Result
from checks.registry import CHECKS
from tests.checks.diagnosis import worlds
from tests.checks.paths.matrix import Answer, passes


def changed(cluster: Snapshot, **fields: Mapping[str, Any]) -> Snapshot:
    """The cluster with fields of `spec` and `status` of its nodes w3 and w4 changed."""

    def with_fields(node: Node) -> Node:
        if node.name not in ("w3", "w4"):
            return node
        parts = {name: msgspec.structs.replace(getattr(node, name), **each) for name, each in fields.items()}
        return msgspec.structs.replace(node, **parts)

    return msgspec.structs.replace(cluster, nodes=tuple(map(with_fields, cluster.nodes)))


def verdict(cluster: Snapshot, told: Mapping[str, Any], probe: Answer = passes) -> tuple[str, set[str]]:
    """The cause that is named and where, when the agents of w3 and w4 tell this beside what a sound node tells."""
    observations = [
        msgspec.structs.replace(o, data={**o.data, **told}) if o.check == "node" and o.node in ("w3", "w4") else o
        for o in worlds.observed(cluster, probe)
    ]
    diagnosis = diagnose(judge_run(cluster, tuple(CHECKS), {}, observations))
    assert () == diagnosis.also
    return diagnosis.verdict, {str(place) for cause in diagnosis.causes[:1] for place in cause.at}


UNAVAILABLE = (NodeCondition(type="NetworkUnavailable", status="True", reason="NoRouteCreated"),)


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"spec": {"pod_cidrs": ("10.244.9.0/24",)}}, "duplicate-pod-cidr"),
        ({"status": {"node_info": NodeInfo(machine_id="m", boot_id="")}}, "duplicate-machine"),
        ({"status": {"node_info": NodeInfo(system_uuid="4202c0de")}}, "duplicate-machine"),
        ({"status": {"conditions": UNAVAILABLE}}, "network-unavailable"),
    ],
)
def test_what_node_objects_say(fields: Mapping[str, Any], cause: str) -> None:
    """Both nodes are named; nothing else has to be wrong."""
    assert (cause, {"w3", "w4"}) == verdict(changed(worlds.snapshot(), **fields), {})


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"strict_drops": 40}, "reverse-path-filter"),
        ({"clock_s": 3600.0}, "clock-skew"),
        ({"connections": {"count": 9999, "limit": 10_000, "dropped": 7}}, "conntrack-full"),
        ({"neighbours": [{"family": 4, "count": 1000, "limit": 1024, "overflows": 3}]}, "neighbour-table"),
        ({"adapters": [{"name": "eth0", "mac": "00:50:56:00:00:99"}]}, "duplicate-machine"),
    ],
)
def test_what_agents_tell(told: Mapping[str, Any], cause: str) -> None:
    """The same of the kernels."""
    assert (cause, {"w3", "w4"}) == verdict(worlds.snapshot(), told)


def test_lost_packets_are_explained_by_what_is_read() -> None:
    """A table that is full explains what is lost to and from its nodes."""
    full = {"connections": {"count": 9999, "limit": 10_000, "dropped": 7}}

    def probe(source: str, _network: Network, aim: Aim) -> Result:
        crossing = aim.kind in (Kind.TCP, Kind.BULK) and {"w3", "w4"} & {source, aim.peer}
        return Result.TIMEOUT if crossing else Result.OK

    assert ("conntrack-full", {"w3", "w4"}) == verdict(worlds.snapshot(), full, probe)


def test_a_kernel_that_does_not_forward() -> None:
    """Its pods reach nothing beyond the node and nobody reaches them; the node's own network does."""

    def probe(source: str, network: Network, aim: Aim) -> Result:
        inside = aim.kind in (Kind.PING, Kind.TCP, Kind.BULK)
        forwarded = aim.peer in ("w3", "w4") or (source in ("w3", "w4") and network is Network.POD)
        return Result.TIMEOUT if inside and forwarded else Result.OK

    off = {"forwards": {"4": False, "6": True}}
    assert ("ip-forward-off", {"w3", "w4"}) == verdict(worlds.snapshot(), off, probe)


def _with_flannel(cluster: Snapshot) -> Snapshot:
    """The cluster with what Flannel writes on its Nodes."""

    def annotated(number: int, node: Node) -> Node:
        prefix = "flannel.alpha.coreos.com/"
        said = {
            f"{prefix}backend-type": "vxlan",
            f"{prefix}backend-data": f'{{"VNI": 1, "VtepMAC": "7a:00:00:00:00:{number:02x}"}}',
            f"{prefix}public-ip": node.internal_ips[0],
        }
        return msgspec.structs.replace(node, metadata=msgspec.structs.replace(node.metadata, annotations=said))

    nodes = tuple(annotated(number, node) for number, node in enumerate(cluster.nodes))
    return msgspec.structs.replace(cluster, nodes=nodes)


def _ways(cluster: Snapshot, own: str) -> dict[str, Any]:
    """What a node tells of its overlay that is as Flannel says."""
    every = {lease.node: lease for each in leases(cluster).values() for lease in each}
    ways = [
        Way(
            subnet=peer.subnet,
            network=peer.subnet,
            gateway=peer.gateway,
            interface=peer.device,
            neighbour=peer.mac,
            machines=(peer.address,),
        )
        for peer in every.values()
        if peer.node != own
    ]
    device = Device(name=every[own].device, mac=every[own].mac)
    return {"devices": msgspec.to_builtins([device]), "ways": msgspec.to_builtins(ways)}


def test_one_wrong_entry_is_the_nodes_own_overlay() -> None:
    """The pair of nodes that it stops loses packets both ways; a firewall or the network below has no part in it."""
    cluster = _with_flannel(worlds.snapshot())

    def probe(source: str, _network: Network, aim: Aim) -> Result:
        inside = aim.kind in (Kind.PING, Kind.TCP, Kind.BULK)
        return Result.TIMEOUT if inside and {source, aim.peer} == {"w3", "w4"} else Result.OK

    observations = [
        msgspec.structs.replace(o, data={**o.data, **_ways(cluster, o.node)}) if o.check == "node" else o
        for o in worlds.observed(cluster, probe)
    ]
    spoiled = next(o for o in observations if (o.check, o.node) == ("node", "w3"))
    next(way for way in spoiled.data["ways"] if way["subnet"] == "10.244.4.0/24")["machines"] = ["172.30.0.250"]
    diagnosis = diagnose(judge_run(cluster, tuple(CHECKS), {}, observations))
    assert ("overlay-state", ()) == (diagnosis.verdict, diagnosis.also)
    assert ["w3"] == [str(place) for place in diagnosis.causes[0].at]


def test_nothing_read_is_nothing_wrong() -> None:
    """The sound cluster stays healthy."""
    assert (HEALTHY, set()) == verdict(worlds.snapshot(), {})
