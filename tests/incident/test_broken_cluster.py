"""It answers when the cluster is broken: whatever it might lean on is taken away, its workers' own nodes included."""

import time

import pytest

from tests.incident.test_diagnose import named
from tests.lab.fixtures import Diagnose, Injector

pytestmark = pytest.mark.lab

ANSWERED_S = 30.0
ALL = "cp,w1,w2"
TAKEN: dict[str, tuple[str, dict[str, str], dict[str, set[str]]]] = {
    "the link of a worker's node": (
        "underlay-loss",
        {"node": "w1", "share": "100"},
        {"node-unreachable": {"w1"}},
    ),
    "the link of the other worker's node": (
        "underlay-loss",
        {"node": "w2", "share": "100"},
        {"node-unreachable": {"w2"}},
    ),
    "the overlay of all nodes": ("firewall-vxlan", {"node": ALL}, {"firewall-vxlan": {"cp", "w1", "w2"}}),
    "forwarding to the pods of a node": ("forwarding", {"node": "w2", "verdict": "drop"}, {"forward-drop": {"w2"}}),
    "CoreDNS": ("coredns-down", {}, {"coredns-none-ready": set()}),
    "kube-proxy on all nodes": ("kube-proxy", {"node": ALL}, {"kube-proxy": {"cp", "w1", "w2"}}),
}
"""What is taken away, with which fault, and the causes and nodes that are named."""


@pytest.mark.parametrize("what", TAKEN)
def test_it_answers_and_names_what_is_gone(what: str, fault: Injector, diagnose: Diagnose) -> None:
    """Within half a minute, with the cause and its nodes."""
    name, parameters, expected = TAKEN[what]
    fault(name, **parameters)

    began = time.monotonic()
    code, document = diagnose()
    took_s = time.monotonic() - began

    assert (1, expected) == (code, named(document))
    assert took_s < ANSWERED_S
