"""Who is asked for etcd."""

import msgspec

from checks.check import NoParameters
from checks.cluster.snapshot import Endpoint, EndpointPort, EndpointSlice, Metadata, Node, Snapshot
from checks.etcd import CHECK
from checks.etcd.model import Metrics, Readiness, Request
from checks.observation import Network
from tests.checks import objects


def api_servers(*addresses: str, port: int = 6443) -> EndpointSlice:
    """The slice in which API servers keep their own addresses; its endpoints name no node."""
    return EndpointSlice(
        metadata=Metadata(name="kubernetes", namespace="default", labels={"kubernetes.io/service-name": "kubernetes"}),
        endpoints=tuple(Endpoint(addresses=(address,)) for address in addresses),
        ports=(EndpointPort(name="https", port=port),),
    )


def planned(snapshot: Snapshot) -> list[tuple[Network, str, Request]]:
    """Every job: where, on which node, what."""
    return [(task.network, task.node, task.request) for task in CHECK.plan(snapshot, NoParameters())]


def labelled(name: str, address: str, *roles: str) -> Node:
    """A node with these roles."""
    labels = {f"node-role.kubernetes.io/{role}": "true" for role in roles}
    return msgspec.structs.replace(objects.node(name, address), metadata=Metadata(name=name, labels=labels))


def test_every_api_server_is_asked_at_its_own_address() -> None:
    """Through the Service one would answer for all; one that is on no node of the cluster is asked as well."""
    snapshot = objects.cluster(endpoint_slices=(api_servers("172.30.0.10", "192.0.2.9", "172.30.0.10"),))

    assert [
        (Network.CLUSTER, "", Request(readiness=Readiness(address="172.30.0.10", port=6443, node="cp"))),
        (Network.CLUSTER, "", Request(readiness=Readiness(address="192.0.2.9", port=6443))),
        (Network.HOST, "cp", Request(metrics=Metrics())),
    ] == planned(snapshot)


def test_without_their_addresses_the_usual_one_is_asked() -> None:
    """A bundle that is older, or a namespace that may not be read."""
    assert (Network.CLUSTER, "", Request(readiness=Readiness())) == planned(objects.cluster())[0]


def test_members_are_where_a_distribution_says_so() -> None:
    """RKE2 and k3s have nodes with etcd and no API server, and the other way about."""
    nodes = (labelled("etcd", "10.0.0.1", "etcd"), labelled("cp", "10.0.0.2", "control-plane"))

    assert ["etcd"] == [node for network, node, _ in planned(objects.cluster(nodes=nodes)) if network is Network.HOST]


def test_a_member_of_a_node_with_ipv6_first_listens_there() -> None:
    """On its own loopback address, whichever family that is."""
    nodes = (objects.node("cp", "fd00::1", "10.0.0.1", control_plane=True),)

    assert Request(metrics=Metrics(address="::1")) == planned(objects.cluster(nodes=nodes))[-1][2]
