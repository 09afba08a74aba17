"""Every fault of MetalLB has its real effect, seen with plain tools."""

import json

import pytest

from tests.lab.faults.metallb import MEMBERLIST_PORT
from tests.lab.fixtures import Cluster, Injector
from tests.lab.layout import W1, W2
from tests.lab.plain_tools import eventually, tcp
from tests.lab.process import on_node

pytestmark = pytest.mark.lab


def test_the_last_service_gets_no_address(lab: Cluster, fault: Injector) -> None:
    """The others have one each of the pool's, and it waits."""
    fault("pool-exhausted", service="lab-shop/web", size=3)
    services = json.loads(lab.read("-n", "lab-shop", "get", "services", "-o", "json"))["items"]
    given = {each["metadata"]["name"]: each["status"]["loadBalancer"].get("ingress") for each in services}
    assert (4, None) == (len(given), given.pop("web"))
    assert all(given.values())


def test_a_pool_has_a_nodes_address(lab: Cluster, fault: Injector) -> None:
    """MetalLB takes it."""
    fault("pool-overlap", node="w2")
    read = ("-n", "metallb-system", "get", "ipaddresspool", "pool-overlap", "-o", "jsonpath={.spec.addresses[0]}")
    assert f"{W2.address}/32" == lab.read(*read)


def test_a_stopped_speaker_answers_nobody(lab: Cluster, fault: Injector) -> None:
    """Its port takes a connection, and nothing comes back."""
    assert lab
    fault("speaker-hung", node="w1")
    assert tcp(W1, W1.address, MEMBERLIST_PORT)
    asked = f"timeout 2 curl -s http://{W1.address}:7472/metrics || true"
    assert "metallb" not in on_node(W1, "sh", "-c", asked)


def test_a_taken_port_keeps_a_speaker_from_starting(lab: Cluster, fault: Injector) -> None:
    """It says so, and somebody else listens there."""
    fault("speaker-port-taken", node="w1")
    pods = ("-n", "metallb-system", "logs", "-l", "component=speaker", "--tail=50", "--prefix")
    assert eventually(lambda: "address already in use" in lab.read(*pods), 20.0)
    assert tcp(W1, W1.address, MEMBERLIST_PORT)


def test_a_blocked_memberlist_is_closed_to_others_alone(lab: Cluster, fault: Injector) -> None:
    """The node itself reaches it, and it reaches others."""
    assert lab
    fault("memberlist-blocked", node="w1")
    assert not tcp(W2, W1.address, MEMBERLIST_PORT)
    assert tcp(W1, W2.address, MEMBERLIST_PORT)
    assert tcp(W1, W1.address, MEMBERLIST_PORT)
