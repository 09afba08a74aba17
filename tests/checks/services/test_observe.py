"""Connections are made to real sockets, and asked for where they tell something."""

import socket

from checks.cluster.snapshot import Snapshot
from checks.observation import Context, Network
from checks.probes.outcome import Result
from checks.services import CHECK
from checks.services.model import Aim, Data, Kind, Parameters, Request
from checks.services.plan import ENDPOINTS
from tests.checks.paths.matrix import agent
from tests.checks.services.clusters import ASKED, aggregated, cluster, endpoint, endpoints, service


def test_a_listener_takes_a_connection_and_a_closed_port_refuses() -> None:
    """One measurement an aim, in their order."""
    with socket.create_server(("127.0.0.1", 0)) as open_port, socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        ports = (open_port.getsockname()[1], bound.getsockname()[1])
        aims = tuple(
            Aim(kind=Kind.OWN, namespace="prod", service="shop", address="127.0.0.1", port=port) for port in ports
        )
        data = CHECK.observe(Request(aims=aims), Context(network=Network.HOST))

    assert isinstance(data, Data)
    assert [(ports[0], Result.OK), (ports[1], Result.REFUSED)] == [(m.aim.port, m.result) for m in data.measurements]


def planned(snapshot: Snapshot, parameters: Parameters | None = None) -> list[tuple[str, str, str, str]]:
    """Who connects to what."""
    return [
        (str(task.network), task.node, str(aim.kind), f"{aim.address}:{aim.port}")
        for task in CHECK.plan(snapshot, parameters or Parameters())
        for aim in task.request.aims
    ]


def test_other_peoples_services_are_left_alone() -> None:
    """A diagnosis connects to what the cluster itself depends on, and to nothing else."""
    assert [] == planned(cluster())


def test_another_api_server_is_asked_on_its_node_and_from_the_api_servers() -> None:
    """By its endpoint where it is, by its address where the API server asks."""
    assert [
        ("host", "cp", "address", "10.96.0.80:80"),
        ("host", "w1", "own", "10.244.1.5:8080"),
    ] == planned(cluster(api_services=(aggregated(),)))


def test_the_service_that_was_asked_for_is_asked_from_pods_too() -> None:
    """That is where its clients are."""
    asked = planned(cluster(pods=(agent("w2", "10.244.2.2"),)), ASKED)

    assert [("endpoint", "10.244.1.5:8080"), ("address", "10.96.0.80:80")] == [
        (kind, to) for network, node, kind, to in asked if (network, node) == ("pod", "w2")
    ]


def test_of_many_endpoints_some_of_each_workload_are_asked() -> None:
    """One stranger among hundreds is looked at as well."""
    many = endpoints(*(endpoint(number) for number in range(2, 250)), endpoint(250, owner="report"))
    asked = [to for _, _, kind, to in planned(cluster(many), ASKED) if kind == "own"]

    assert (ENDPOINTS, True) == (len(asked), "10.244.1.250:8080" in asked)


def test_udp_is_not_connected_to() -> None:
    """Nobody would answer, and that would say nothing."""
    port = service().spec.ports[0]
    udp = service(ports=(type(port)(name="dns", port=53, protocol="UDP"),))

    assert [] == planned(cluster(endpoints(endpoint(5)), of=udp), ASKED)
