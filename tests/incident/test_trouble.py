"""What goes wrong in the middle of a plan on the lab stops it, is named, and can be put right or taken back."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from bot.language import ENGLISH
from bot.runbooks.execution import Execution
from bot.runbooks.machine import State
from tests.incident.walker import Walker, came_to, other_worker
from tests.lab import images, vcenter
from tests.lab.fixtures import Cluster
from tests.lab.layout import Node
from tests.lab.vcenter_link import POWERED_ON, read

pytestmark = [pytest.mark.lab, pytest.mark.timeout(500, func_only=True)]

NAMESPACE, NAME = "trouble", "held"
OTHER_MAC = "00:50:56:00:00:99"
SWAP = "/netcheck fix vmxnet3-to-e1000e soak_s=0 lose_emptydir=true on"


@pytest.fixture
def node(lab: Cluster) -> Node:
    """The node whose adapter is exchanged."""
    return other_worker(lab)


@pytest.fixture
def held(lab: Cluster, node: Node) -> Iterator[None]:
    """A pod on that node that a disruption budget never lets go."""
    labels = {"app": NAME}
    container = {"name": "wait", "image": images.PAUSE, "imagePullPolicy": "Never"}
    pod = {"containers": [container], "nodeSelector": {"kubernetes.io/hostname": node.name}}
    items = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": NAME, "namespace": NAMESPACE},
            "spec": {"minAvailable": 1, "selector": {"matchLabels": labels}},
        },
    ]
    lab.kubectl("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    lab.read("-n", NAMESPACE, "rollout", "status", f"deployment/{NAME}", "--timeout=60s")
    yield
    lab.read("delete", "namespace", NAMESPACE)


def goes_wrong(kind: str, **fields: Any) -> None:
    """Make vCenter's next reconfiguration go wrong."""
    body = json.dumps({"kind": kind, "method": "ReconfigVM_Task", **fields}).encode()
    with urllib.request.urlopen(f"{vcenter.CONTROL}/faults", data=body):
        pass


def said(execution: Execution) -> str:
    """Why it is where it is."""
    return " ".join(ENGLISH.words(note) for note in execution.notes)


@pytest.mark.usefixtures("held")
def test_what_is_put_right_goes_on(walker: Walker, lab: Cluster, node: Node) -> None:
    """A budget that never gives way and a task of vCenter's that fails: each is named, and one approval is enough."""
    told: list[str] = []

    def put_right(execution: Execution) -> str:
        told.append(f"{execution.step.name if execution.step else ''}: {said(execution)}")
        lab.kubectl("-n", NAMESPACE, "delete", "poddisruptionbudget", NAME)
        return "retry"

    goes_wrong("task", fault="GenericVmConfigFault")
    walker.unverified = put_right
    walker.begin(f"{SWAP} {node.name}")
    execution = walker.to_the_end()

    assert (State.DONE, {"done"}) == (execution.state, set(came_to(execution).values())), came_to(execution)
    assert ["drain", "exchange"] == [words.partition(":")[0] for words in told], told
    assert f"{NAMESPACE}/{NAME}" in told[0]
    assert "was powered on again" in told[1]
    assert 1 == sum(words.startswith("approve") for words in walker.words)


def test_another_mac_calls_a_person(walker: Walker, lab: Cluster, node: Node) -> None:
    """VCenter gives the new adapter another address: the machine stays off, both addresses are named, nothing goes on.

    The operator does not go back by itself: a machine whose address is not the node's may be another one.
    """
    told: list[str] = []

    def back(execution: Execution) -> str:
        told.append(said(execution))
        return "back"

    def over(execution: Execution) -> str:
        told.append(said(execution))
        return "stop"

    walker.unverified, walker.stuck = back, over
    goes_wrong("mac", mac=OTHER_MAC)
    walker.begin(f"{SWAP} {node.name}")
    execution = walker.to_the_end()

    assert (State.STOPPED, 2) == (execution.state, len(told)), told
    assert [True, True] == [OTHER_MAC in words and node.mac in words for words in told], told
    assert POWERED_ON != read(vcenter.CONTROL).vms[node.name].power
    others = lab.read("get", "nodes", "-o", "jsonpath={.items[?(@.spec.unschedulable)].metadata.name}")
    assert node.name == others
