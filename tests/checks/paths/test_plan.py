"""Who probes whom."""

import sys
from collections import Counter
from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Condition, ConfigMap, Metadata, Snapshot
from checks.judging.topology import neighbours
from checks.observation import Network, Task
from checks.paths import CHECK
from checks.paths.model import Aim, Kind, Parameters, Request
from checks.paths.plan import vxlan_port
from checks.probes.echo import HOST_PORT, POD_PORT
from tests.checks import objects
from tests.checks.paths.matrix import cluster


def plan(snapshot: Snapshot, **parameters: float) -> dict[tuple[str, str], Task]:
    """The tasks by node and network."""
    values = msgspec.convert(parameters, Parameters)
    return {(task.node, task.network.value): task for task in CHECK.plan(snapshot, values)}


def aims(task: Task, kind: Kind) -> list[Aim]:
    """What a task probes in one way."""
    return [aim for aim in task.request.aims if aim.kind is kind]


def test_every_node_probes_every_other_one_in_a_small_cluster() -> None:
    """Three nodes, two networks: six jobs, and each pair in each direction once for every kind."""
    tasks = plan(cluster())
    assert set(tasks) == {(n, k) for n in ("cp", "w1", "w2") for k in ("host", "pod")}
    for kind in (Kind.PING, Kind.TCP, Kind.BULK):
        assert {"cp", "w2"} == {a.peer for a in aims(tasks["w1", "pod"], kind)}
    assert {
        ("10.244.0.2", POD_PORT),
        ("10.244.2.2", POD_PORT),
    } == {(a.address, a.port) for a in aims(tasks["w1", "pod"], Kind.TCP)}
    assert {
        ("172.30.0.10", HOST_PORT),
        ("172.30.0.12", HOST_PORT),
    } == {(a.address, a.port) for a in aims(tasks["w1", "host"], Kind.HOST_TCP)}


def test_pods_and_hosts_probe_their_own_node() -> None:
    """The host reaches its own pod agent; the pod reaches the CoreDNS of its node, by the port of the slice."""
    tasks = plan(cluster())
    assert [("10.244.1.2", POD_PORT)] == [(a.address, a.port) for a in aims(tasks["w1", "host"], Kind.SAME_NODE)]
    assert [("10.244.1.3", 5353, "coredns-w1")] == [
        (a.address, a.port, a.name) for a in aims(tasks["w1", "pod"], Kind.SAME_NODE)
    ]
    assert [] == aims(tasks["cp", "pod"], Kind.SAME_NODE)


def test_only_the_api_servers_node_greets_webhooks() -> None:
    """F by the endpoint's own port, G by the ClusterIP, with the name that the certificate has; and its own node."""
    tasks = plan(cluster())
    name = "metallb-webhook-service.metallb-system.svc"
    assert [Aim(kind=Kind.WEBHOOK_ENDPOINT, peer="w2", address="10.244.99.5", port=9443, name=name)] == aims(
        tasks["cp", "host"], Kind.WEBHOOK_ENDPOINT
    )
    assert [Aim(kind=Kind.WEBHOOK_SERVICE, peer="", address="10.96.160.30", port=443, name=name)] == aims(
        tasks["cp", "host"], Kind.WEBHOOK_SERVICE
    )
    assert [Aim(kind=Kind.WEBHOOK_LOCAL, peer="w2", address="10.244.99.5", port=9443, name=name)] == aims(
        tasks["w2", "host"], Kind.WEBHOOK_LOCAL
    )
    others = [aim for key, task in tasks.items() if key != ("cp", "host") for aim in task.request.aims]
    assert not {Kind.WEBHOOK_ENDPOINT, Kind.WEBHOOK_SERVICE} & {aim.kind for aim in others}


def test_a_hidden_control_plane_is_stood_in_for() -> None:
    """Where no node is labelled, nodes greet the webhooks themselves."""
    managed = cluster("b", names=("a", "b"))
    assert aims(plan(managed)["a", "host"], Kind.WEBHOOK_SERVICE)


def test_an_agent_that_is_not_ready_is_no_peer() -> None:
    """A dead peer would accuse the network."""
    snapshot = cluster()
    not_ready = (Condition(type="Ready", status="False"),)
    pods = [
        msgspec.structs.replace(p, status=msgspec.structs.replace(p.status, conditions=not_ready))
        if p.spec.node_name == "w2"
        else p
        for p in snapshot.pods
    ]
    tasks = plan(msgspec.structs.replace(snapshot, pods=tuple(pods)))
    assert {"w1"} == {a.peer for a in aims(tasks["cp", "pod"], Kind.TCP)}


def test_addresses_of_the_other_family_are_left_out() -> None:
    """In a dual-stack cluster a Service has a slice for each family; F belongs to that of the ClusterIP."""
    six = objects.endpoint_slice(objects.SERVICE, objects.endpoint("fd00::5", "w2"))
    snapshot = cluster()
    dual = msgspec.structs.replace(snapshot, endpoint_slices=(*snapshot.endpoint_slices, six))
    assert ["10.244.99.5"] == [a.address for a in aims(plan(dual)["cp", "host"], Kind.WEBHOOK_ENDPOINT)]


@pytest.mark.parametrize(
    ("backend", "config_maps", "port"), [("vxlan", False, 8472), ("vxlan", True, 4789), ("", False, 0)]
)
def test_without_flannels_configuration_its_annotation_tells(backend: str, port: int, *, config_maps: bool) -> None:
    """As in k3s, of which Flannel is a part; what is configured counts first."""
    snapshot = cluster()
    metadata = Metadata(name="w1", annotations={"flannel.alpha.coreos.com/backend-type": backend})
    nodes = tuple(msgspec.structs.replace(node, metadata=metadata) for node in snapshot.nodes[:1])
    kept = snapshot.config_maps if config_maps else ()
    assert port == vxlan_port(msgspec.structs.replace(snapshot, nodes=nodes, config_maps=kept))


@pytest.mark.parametrize(
    ("configuration", "port"),
    [
        ('{"Backend": {"Type": "vxlan", "Port": 4789}}', 4789),
        ('{"Backend": {"Type": "vxlan"}}', 8472),
        ('{"Backend": {"Type": "host-gw"}}', 0),
        ('{"Backend": {"Type": "vxlan", "Port": 99999}}', 0),
        ("{", 0),
        ("{}", 0),
    ],
)
def test_the_tunnels_port_is_flannels(configuration: str, port: int) -> None:
    """As its ConfigMap has it, with Flannel's own default; what cannot be read is no VXLAN."""
    flannel = ConfigMap(metadata=Metadata(name="kube-flannel-cfg"), data={"net-conf.json": configuration})
    assert port == vxlan_port(msgspec.structs.replace(cluster(), config_maps=(flannel,)))


@pytest.mark.parametrize("count", [13, 50, 1000])
def test_many_nodes_have_few_neighbours(count: int) -> None:
    """Each node probes eleven others and is probed by about as many; the ring is symmetric."""
    names = [f"n{i:04}" for i in range(count)]
    peers = {name: neighbours(names, name, 10, 3) for name in names}
    assert {11} == {len(set(p)) for p in peers.values()}
    assert not any(name in p for name, p in peers.items())
    assert all(name in peers[peer] for name, p in peers.items() for peer in p[:10])
    assert {11} == set(Counter(peer for p in peers.values() for peer in p).values())


def test_a_plan_grows_with_the_nodes_and_not_with_their_square() -> None:
    """What is read of a snapshot is read once, so ten times the nodes cost ten times the steps, not a hundred times."""
    steps = [counted_steps(cluster("n001", names=[f"n{i:05}" for i in range(count)])) for count in (200, 2000)]
    assert steps[1] < 12 * steps[0]


def counted_steps(snapshot: Snapshot) -> int:
    """How many lines and calls of Python a plan takes: what a clock would tell without its noise."""
    steps = 0

    def step(*_: Any) -> Any:
        nonlocal steps
        steps += 1
        return step

    sys.settrace(step)
    try:
        CHECK.plan(snapshot, Parameters())
    finally:
        sys.settrace(None)
    return steps


def test_the_rotating_peer_meets_every_pair_in_time() -> None:
    """Over as many turns as there are others, nobody is left out."""
    names = [f"n{i:02}" for i in range(20)]
    met = {peer for turn in range(20) for peer in neighbours(names, "n07", 10, turn)}
    assert met == set(names) - {"n07"}


def test_the_turn_is_the_minute_of_the_snapshot() -> None:
    """The plan is pure: the same snapshot gives the same plan, a later one another."""
    snapshot = cluster("n001", names=tuple(f"n{i:03}" for i in range(30)))
    later = msgspec.structs.replace(snapshot, taken_at=60.0)
    assert plan(snapshot) == plan(snapshot)
    assert plan(snapshot)["n000", "pod"] != plan(later)["n000", "pod"]


def test_parameters_travel_with_the_job() -> None:
    """And a request survives the wire as it is."""
    task = plan(cluster(), timeout_s=0.5, bulk_bytes=8192, window_s=0.1)["w1", "pod"]
    assert (0.5, 8192, 0.1) == (task.request.timeout_s, task.request.bulk_bytes, task.request.window_s)
    assert task.request == msgspec.json.decode(msgspec.json.encode(task.request), type=Request)


def test_a_request_with_an_unknown_field_is_refused() -> None:
    """Nothing that was not agreed on reaches a probe."""
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"aims": [], "command": "x"}', type=Request)


def test_an_empty_cluster_has_no_plan() -> None:
    """When nothing could be read there is nothing to do, and nothing is raised."""
    assert [] == CHECK.plan(Snapshot(), Parameters())
    assert len(CHECK.codes) == len(CHECK.judge(CHECK.gather(Snapshot(), {}, [])))
    assert Network.HOST in CHECK.networks
