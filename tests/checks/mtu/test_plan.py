"""Who measures to whom."""

import msgspec

from checks.cluster.snapshot import Snapshot
from checks.mtu import CHECK
from checks.mtu.model import Aim, Parameters
from checks.observation import Network
from checks.probes.echo import HOST_PORT, POD_PORT
from tests.checks.diagnosis.worlds import snapshot
from tests.checks.paths.matrix import cluster


def plan(snapshot: Snapshot, **parameters: float) -> dict[tuple[str, Network], tuple[Aim, ...]]:
    """The aims by node and network."""
    tasks = CHECK.plan(snapshot, msgspec.convert(parameters, Parameters))
    return {(task.node, task.network): task.request.aims for task in tasks}


def test_pods_measure_to_pods_and_nodes_to_both() -> None:
    """A node's own way to a pod stands in where no pod agent is heard."""
    planned = plan(cluster())
    pods = {("cp", "10.244.0.2", POD_PORT), ("w2", "10.244.2.2", POD_PORT)}
    nodes = {("cp", "172.30.0.10", HOST_PORT), ("w2", "172.30.0.12", HOST_PORT)}
    assert pods == {(a.peer, a.address, a.port) for a in planned["w1", Network.POD]}
    assert pods | nodes == {(a.peer, a.address, a.port) for a in planned["w1", Network.HOST]}


def test_each_family_has_a_path_of_its_own() -> None:
    """The first address of each, in the order in which the API has them; further ones take the same way."""
    planned = plan(snapshot(("cp", "w1")))
    assert ["172.30.0.11", "fd30::11", "10.244.1.2", "fd00:1::2"] == [a.address for a in planned["cp", Network.HOST]]
    many = snapshot(("cp", "w1"))
    status = many.nodes[1].status
    more = msgspec.structs.replace(status, addresses=(*status.addresses, *status.addresses))
    twice = msgspec.structs.replace(many, nodes=(many.nodes[0], msgspec.structs.replace(many.nodes[1], status=more)))
    assert planned == plan(twice)


def test_work_grows_with_the_nodes_and_not_with_their_square() -> None:
    """Each node measures to its neighbours and one more."""
    names = [f"n{i:03}" for i in range(200)]
    planned = plan(cluster("n001", names=names), neighbours=4)
    assert {5} == {len(aims) for (_, network), aims in planned.items() if network is Network.POD}
