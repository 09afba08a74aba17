"""The ways between nodes and API servers: by their Service, by their own addresses, and back to the kubelets."""

import msgspec
import pytest

from checks.cluster.snapshot import DaemonEndpoints, Endpoint, Snapshot
from checks.finding import UNSEEN
from checks.observation import Network
from checks.paths import CHECK
from checks.paths.model import Aim, Kind, Parameters
from checks.place import Pair, ServicePath
from checks.probes.outcome import Result
from tests.checks import objects
from tests.checks.paths.matrix import NODES, at, cluster, judged, lines, observe, outcomes
from tests.checks.words import words

ANSWERS = {Result.OK: "pass", Result.TIMEOUT: "timeout", Result.REFUSED: "refused", Result.UNREACHABLE: "refused"}


def with_api() -> Snapshot:
    """The cluster with the Service of its API server, which is on cp."""
    endpoints = objects.endpoint_slice(
        "kubernetes", Endpoint(addresses=("172.30.0.10",)), namespace="default", port=6443
    )
    found = cluster()
    return msgspec.structs.replace(
        found,
        services=(*found.services, objects.api_service()),
        endpoint_slices=(*found.endpoint_slices, endpoints),
    )


def test_who_asks_whom() -> None:
    """Every node and pod asks the API server itself; the API server's node asks the kubelets of the others."""
    tasks = CHECK.plan(with_api(), Parameters())
    asked = {
        (t.node, t.network, a.kind, a.peer, a.address, a.port)
        for t in tasks
        for a in t.request.aims
        if a.kind in (Kind.API_SERVER, Kind.KUBELET)
    }
    servers = {(n, k, Kind.API_SERVER, "cp", "172.30.0.10", 6443) for n in NODES for k in (Network.HOST, Network.POD)}
    kubelets = {
        ("cp", Network.HOST, Kind.KUBELET, node, address, 10250)
        for node, address in (("w1", "172.30.0.11"), ("w2", "172.30.0.12"))
    }
    assert servers | kubelets == asked


@pytest.mark.parametrize(("result", "outcome"), ANSWERS.items())
def test_an_api_server_that_a_node_does_not_reach(result: Result, outcome: str) -> None:
    """The worse of what the node and its pod met, on the way from the node to the server's own."""

    def answer(node: str, network: Network, aim: Aim) -> Result:
        return result if (node, network, aim.kind) == ("w1", Network.POD, Kind.API_SERVER) else Result.OK

    found = judged(with_api(), observe(with_api(), answer))
    assert ServicePath("w1", "default", "kubernetes", ends=("cp",)) in at(found["api-server"], outcome)
    assert {"pass"} == {outcomes(found)["api-service"], outcomes(found)["kubelet"]}


@pytest.mark.parametrize(("result", "outcome"), ANSWERS.items())
def test_a_kubelet_that_is_not_reached(result: Result, outcome: str) -> None:
    """Whoever listens there, a refusal counts: a kubelet listens."""

    def answer(_node: str, _network: Network, aim: Aim) -> Result:
        return result if (aim.kind, aim.peer) == (Kind.KUBELET, "w2") else Result.OK

    found = judged(with_api(), observe(with_api(), answer))["kubelet"]
    assert Pair("cp", "w2") in at(found, outcome)
    assert Pair("cp", "w1") in at(found, "pass")
    if outcome != "pass":
        assert "The kubelets: 1 of 2 ways does not connect." == words(found.text)
        assert any("172.30.0.12:10250" in line for line in lines(found))


def test_a_kubelet_beyond_a_way_on_which_nothing_passes() -> None:
    """Nothing is said of its port; where another node's kubelet alone is not reached, that is said."""

    def asks(node: str, _network: Network, aim: Aim) -> Result:
        if aim.kind is Kind.KUBELET:
            return Result.TIMEOUT
        return Result.TIMEOUT if (node, aim.kind, aim.peer) == ("cp", Kind.HOST_TCP, "w1") else Result.OK

    found = judged(with_api(), observe(with_api(), asks))["kubelet"]

    assert {Pair("cp", "w1"): UNSEEN, Pair("cp", "w2"): "timeout"} == {s.place: s.outcome for s in found.seen}


def test_what_nobody_tells_is_not_asked() -> None:
    """A node without a kubelet's port, a cluster whose API server has no known address."""
    silent = cluster()
    nodes = tuple(
        msgspec.structs.replace(n, status=msgspec.structs.replace(n.status, daemon_endpoints=DaemonEndpoints()))
        for n in silent.nodes
    )
    silent = msgspec.structs.replace(silent, nodes=nodes)
    found = outcomes(judged(silent, observe(silent)))
    assert {"api-service": "not-asked", "api-server": "not-asked", "kubelet": "not-asked"}.items() <= found.items()
