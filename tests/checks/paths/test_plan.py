"""Who probes whom."""

from collections import Counter

import msgspec
import pytest

from checks.cluster.snapshot import Condition, ConfigMap, Metadata, Snapshot
from checks.judging.topology import neighbours
from checks.observation import Network, Task
from checks.paths import CHECK
from checks.paths.model import Aim, Kind, Parameters, Request
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
    for kind in (Kind.PING, Kind.TCP, Kind.BULK, Kind.PATH_MTU):
        assert {a.peer for a in aims(tasks["w1", "pod"], kind)} == {"cp", "w2"}
    assert {(a.address, a.port) for a in aims(tasks["w1", "pod"], Kind.TCP)} == {
        ("10.244.0.2", POD_PORT),
        ("10.244.2.2", POD_PORT),
    }
    assert {(a.address, a.port) for a in aims(tasks["w1", "host"], Kind.HOST_TCP)} == {
        ("172.30.0.10", HOST_PORT),
        ("172.30.0.12", HOST_PORT),
    }


def test_pods_and_hosts_probe_their_own_node() -> None:
    """The host reaches its own pod agent; the pod reaches the CoreDNS of its node, by the port of the slice."""
    tasks = plan(cluster())
    assert [(a.address, a.port) for a in aims(tasks["w1", "host"], Kind.SAME_NODE)] == [("10.244.1.2", POD_PORT)]
    assert [(a.address, a.port, a.name) for a in aims(tasks["w1", "pod"], Kind.SAME_NODE)] == [
        ("10.244.1.3", 5353, "coredns-w1")
    ]
    assert aims(tasks["cp", "pod"], Kind.SAME_NODE) == []


def test_only_the_api_servers_node_greets_webhooks() -> None:
    """F by the endpoint's own port, G by the ClusterIP, both with the name that the certificate has."""
    tasks = plan(cluster())
    name = "metallb-webhook-service.metallb-system.svc"
    assert aims(tasks["cp", "host"], Kind.WEBHOOK_ENDPOINT) == [
        Aim(kind=Kind.WEBHOOK_ENDPOINT, peer="w2", address="10.244.99.5", port=9443, name=name)
    ]
    assert aims(tasks["cp", "host"], Kind.WEBHOOK_SERVICE) == [
        Aim(kind=Kind.WEBHOOK_SERVICE, peer="", address="10.96.160.30", port=443, name=name)
    ]
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
    assert {a.peer for a in aims(tasks["cp", "pod"], Kind.TCP)} == {"w1"}


def test_addresses_of_the_other_family_are_left_out() -> None:
    """In a dual-stack cluster a Service has a slice for each family; F belongs to that of the ClusterIP."""
    six = objects.endpoint_slice(objects.SERVICE, objects.endpoint("fd00::5", "w2"), family="IPv6")
    snapshot = cluster()
    dual = msgspec.structs.replace(snapshot, endpoint_slices=(*snapshot.endpoint_slices, six))
    assert [a.address for a in aims(plan(dual)["cp", "host"], Kind.WEBHOOK_ENDPOINT)] == ["10.244.99.5"]


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
    tasks = plan(msgspec.structs.replace(cluster(), config_maps=(flannel,)))
    assert {(a.address, a.port) for a in aims(tasks["w1", "host"], Kind.TUNNEL)} == (
        {("172.30.0.10", port), ("172.30.0.12", port)} if port else set()
    )
    assert aims(tasks["w1", "pod"], Kind.TUNNEL) == []


@pytest.mark.parametrize("count", [13, 50, 1000])
def test_many_nodes_have_few_neighbours(count: int) -> None:
    """Each node probes eleven others and is probed by about as many; the ring is symmetric."""
    names = [f"n{i:04}" for i in range(count)]
    peers = {name: neighbours(names, name, 10, 3) for name in names}
    assert {len(set(p)) for p in peers.values()} == {11}
    assert not any(name in p for name, p in peers.items())
    assert all(name in peers[peer] for name, p in peers.items() for peer in p[:10])
    assert set(Counter(peer for p in peers.values() for peer in p).values()) == {11}


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
    assert (task.request.timeout_s, task.request.bulk_bytes, task.request.window_s) == (0.5, 8192, 0.1)
    assert msgspec.json.decode(msgspec.json.encode(task.request), type=Request) == task.request


def test_a_request_with_an_unknown_field_is_refused() -> None:
    """Nothing that was not agreed on reaches a probe."""
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"aims": [], "command": "x"}', type=Request)


def test_an_empty_cluster_has_no_plan() -> None:
    """When nothing could be read there is nothing to do, and nothing is raised."""
    assert CHECK.plan(Snapshot(), Parameters()) == []
    assert len(CHECK.judge(Snapshot(), Parameters(), [])) == len(CHECK.findings)
    assert Network.HOST in CHECK.networks
