"""The founding incident solved from the page by a real Chromium, on the real cluster, to an assigned address."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.incident.walk import NODE_MS, SECOND_PERSON, Walk
from tests.lab import images
from tests.lab.fixtures import Cluster, Injector
from tests.lab.layout import HOST_ADDRESS, nodes
from tests.playground import Playground

pytestmark = pytest.mark.lab

VERDICT = "VMXNET3 tunnel offload breaks traffic between nodes"
POOL = "10.250.0.100-10.250.0.120"
"""Free in the underlay: nodes have .10 to .12, the gateway .1, the machine itself .254."""
assert not HOST_ADDRESS.endswith(tuple(f".{number}" for number in range(100, 121)))
LABELS = {"app": "web"}
CONTAINER = {"name": "wait", "image": images.PAUSE, "imagePullPolicy": "Never"}
WEB = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"type": "LoadBalancer", "ports": [{"port": 80}], "selector": LABELS},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {
                "selector": {"matchLabels": LABELS},
                "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [CONTAINER]}},
            },
        },
    ],
}
"""A Service that waits for an address, and a pod behind it: nobody announces an address with no endpoint."""


@pytest.fixture
def walk(page: Page, lab: Cluster, own_adapters: None) -> Iterator[Walk]:  # noqa: ARG001 - what it exchanges is put back
    """A Service waits for an address, and whatever the walk makes is taken away after it."""
    lab.kubectl("apply", "-f", "-", stdin=json.dumps(WEB))
    yield Walk(page)
    lab.kubectl("-n", "metallb-system", "delete", "l2advertisement,ipaddresspool", "--all", "--ignore-not-found")
    lab.kubectl("delete", "service,deployment", "web", "--ignore-not-found")
    lab.kubectl("uncordon", *(node.name for node in nodes()))


def diagnosed(walk: Walk, page: Page) -> None:
    """Diagnose, and wait for the verdict's buttons."""
    walk.type("/netcheck diagnose")
    expect(page.get_by_role("button", name="Open an incident")).to_be_visible(timeout=60_000)


def pool_created(walk: Walk, lab: Cluster) -> None:
    """Make the pool in the same incident, and see the address at the Service."""
    walk.type(f"/netcheck fix create-pool addresses={POOL}")
    walk.asks("Create the pool default and its L2Advertisement")
    walk.press("Approve")
    walk.says("Every step is done and verified")
    assert lab.read("get", "service", "web", "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}").startswith(
        "10.250.0.1"
    )


def exported(walk: Walk, slack: Playground, *told: str) -> None:
    """Close the incident; its report is in its thread and tells the story."""
    walk.press("Close the incident")
    walk.says("Closed")
    root = next(m for m in slack.messages("incidents") if "Incident" in m["text"])
    thread = slack.wait_for(lambda: [m for m in slack.thread(root) if "Report" in m["text"]], timeout_s=60)
    report = json.dumps(thread)
    assert [] == [words for words in (VERDICT, *told) if words not in report]


@pytest.mark.usefixtures("bot")
def test_it_is_solved_by_switching_the_offload_off(
    walk: Walk, page: Page, slack: Playground, lab: Cluster, fault: Injector
) -> None:
    """A person does it by hand; what they have not really done is refused; the report tells the story."""
    fault("vmxnet3-tunnel-offload", node="w1")
    diagnosed(walk, page)
    walk.type("/netcheck fix offload-off way=manual")
    walk.asks("Switch both tunnel offloads of eth0 on w1 off")

    walk.press("I have done it")
    walk.says("nic.tunnel-offload at w1: on")
    walk.do("w1", lambda text: text.startswith("ethtool"))
    walk.press("I have done it")
    walk.asks("Make it last on w1")
    walk.press("I have done it")
    walk.asks("Restart eth0 on w1")
    walk.press("I have done it")
    walk.says("Every step is done and verified")

    pool_created(walk, lab)
    exported(walk, slack, "offload-off", "Not verified", "create-pool")


@pytest.mark.usefixtures("bot")
def test_it_is_solved_by_e1000e_on_every_node(
    walk: Walk, page: Page, slack: Playground, lab: Cluster, fault: Injector
) -> None:
    """The operator drains each node, swaps its adapter through vCenter and verifies it; a second person approves."""
    fault("vmxnet3-tunnel-offload", node="w1")
    diagnosed(walk, page)
    walk.type("/netcheck fix vmxnet3-to-e1000e on cp w1 w2 soak_s=0 api_outage=true lose_emptydir=true")

    for number, node in enumerate(("w1", "w2", "cp")):
        if number:
            walk.asks(f"Go on with {node}", NODE_MS)
            walk.press("Go on")
        if node == "cp":
            walk.asks("Back etcd up")
            walk.press("I have done it")
        walk.asks(f"Cordon {node}")
        walk.act_as(SECOND_PERSON)
        walk.press("Approve (a second person)")
        walk.act_as("On-call engineer")
    # The lab's nodes have the offload off from the start, but for the one with the fault.
    for node in ("w2", "cp"):
        walk.asks(f"Remove from {node} what kept the tunnel offload of eth0 off", NODE_MS)
        walk.press("I have done it")
    walk.says("Every step is done and verified", NODE_MS)
    kinds = json.loads(lab.read("get", "nodes", "-o", "json"))
    assert [False] * 3 == [bool(node["spec"].get("unschedulable")) for node in kinds["items"]]

    pool_created(walk, lab)
    exported(walk, slack, "vmxnet3-to-e1000e", "Approved", "a ratio of")


@pytest.mark.usefixtures("bot")
def test_who_started_it_cannot_approve_it(walk: Walk, page: Page, lab: Cluster, fault: Injector) -> None:
    """They are told so, alone, and nothing happens to the node."""
    fault("vmxnet3-tunnel-offload", node="w1")
    diagnosed(walk, page)
    walk.type("/netcheck fix vmxnet3-to-e1000e on w2")
    walk.asks("Cordon w2")
    walk.press("Approve (a second person)")

    expect(page.get_by_text(re.compile("another person|second person", re.IGNORECASE)).last).to_be_visible()
    assert "" == lab.read("get", "node", "w2", "-o", "jsonpath={.spec.unschedulable}")
