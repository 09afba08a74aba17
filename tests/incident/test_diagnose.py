"""`netcheck diagnose --json` on the real cluster: every fault is named first, and healed it is healthy again."""

import json
from typing import Any

import pytest

from tests.lab.fixtures import Cluster, Diagnose, Injector, run_lab

pytestmark = pytest.mark.lab

OFFLOADS_OFF = "ethtool -K eth0 tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off"
W1, W2 = "w1", "w2"
SURE = 0.9
SEVERAL: dict[str, dict[str, dict[str, str]]] = {
    "offload and MTU": {"vmxnet3-tunnel-offload": {"node": W1}, "mtu-mismatch": {"node": W2}},
    "MTU and offload": {"mtu-mismatch": {"node": W1}, "vmxnet3-tunnel-offload": {"node": W2}},
    "firewall and a replica": {"firewall-vxlan": {"node": W1}, "coredns-replica": {"node": W2}},
    "CA and a replica": {"ca-bundle": {}, "coredns-replica": {"node": W2}},
    "no endpoint and MTU": {"no-endpoints": {}, "mtu-mismatch": {"node": W2}},
}
NOT_KNOWN: dict[str, tuple[str, dict[str, object]]] = {
    "a replica that answers otherwise": ("dns-divergence", {}),
}
FAILING = {
    "vmxnet3-tunnel-offload": ("vmxnet3-tunnel-offload", {"D", "F", "G"}, {"A", "C"}),
    "firewall-vxlan": ("firewall-vxlan", {"C", "D", "F", "G"}, {"A", "B"}),
    "mtu-mismatch": ("mtu-mismatch", {"E"}, {"A", "C", "D"}),
    "vxlan-port-conflict": ("vxlan-port-conflict", {"C", "D", "F", "G"}, {"A", "B"}),
    "vmxnet3-lro": ("vmxnet3-lro", {"E"}, {"A", "C", "D"}),
    "webhook-blocked": ("webhook-blocked", {"F", "G"}, {"A", "C", "D", "E"}),
    "kube-proxy": ("kube-proxy", {"G"}, {"A", "C", "D", "F"}),
    "vxlan-tx-checksum": ("vxlan-tx-checksum", {"G"}, {"A", "C", "D", "F"}),
    "apiserver-proxy": ("apiserver-proxy", set(), {"A", "C", "D", "E", "F", "G"}),
    "pod-security": ("pod-security", set(), {"A", "C", "D", "E", "F", "G"}),
    "no-endpoints": ("no-endpoints", {"G"}, {"A", "C", "D"}),
    "coredns-replica": ("coredns-replica", set(), {"A", "C", "D", "E", "F", "G"}),
    "ca-bundle": ("ca-bundle", set(), {"A", "C", "D", "E", "F", "G"}),
    "forwarding": ("forward-reject", {"D", "F"}, {"A", "C"}),
    "underlay-loss": ("underlay-loss", set(), set()),
    "coredns-upstream": ("coredns-upstream", set(), {"A", "C", "D", "E", "F", "G", "H"}),
    "coredns-down": ("coredns-none-ready", {"H"}, {"A", "C", "D", "E", "F", "G"}),
    "kubelet": ("node-not-ready", set(), {"A", "C", "D", "E"}),
}


def letters(document: dict[str, Any], *severities: str) -> set[str]:
    """The letters of the probe matrix whose findings have one of these severities."""
    return {f["probe"] for f in document["findings"] if f.get("probe") and f["severity"] in severities}


def named(document: dict[str, Any]) -> dict[str, set[str]]:
    """The causes that the document holds for shown, each with the nodes it names."""
    return {
        cause["slug"]: {at.get("node", at["name"]) for at in cause["at"] if at["kind"] in ("node", "replica")}
        for cause in document.get("causes", [])
        if cause["probability"] > SURE
    }


def bad(document: dict[str, Any]) -> dict[str, str]:
    """What is not well, for whoever reads why a test failed."""
    return {f["code"]: f["outcome"] for f in document["findings"] if f["severity"] not in ("ok", "advice")}


def test_a_healthy_cluster_is_healthy(diagnose: Diagnose) -> None:
    """Nothing wrong: exit code 0, everything was looked at."""
    code, document = diagnose()

    assert (0, "healthy") == (code, document["verdict"])
    assert [] == [f["code"] for f in document["findings"] if f["severity"] not in ("ok", "advice")]
    assert {"A", "B", "C", "D", "E", "F", "G", "H"} <= letters(document, "ok")


@pytest.mark.parametrize("name", FAILING)
def test_a_fault_is_named_first(name: str, fault: Injector, diagnose: Diagnose) -> None:
    """Each fault is the verdict, exit code 1, with its rows of the probe matrix failing and the others passing."""
    verdict, failing, passing = FAILING[name]
    fault(name)

    code, document = diagnose()

    assert (1, verdict) == (code, document["verdict"]), bad(document)
    assert failing <= letters(document, "failed", "degraded")
    assert passing <= letters(document, "ok")
    assert [] == document.get("also", [])


@pytest.mark.parametrize("name", SEVERAL)
def test_two_faults_are_named_each_at_its_place(name: str, fault: Injector, diagnose: Diagnose) -> None:
    """Two faults at once: both are shown, each with the node that it is on, and nothing else is."""
    expected = {slug: {str(node) for node in where.values()} for slug, where in SEVERAL[name].items()}
    for slug, where in SEVERAL[name].items():
        fault(slug, **where)

    code, document = diagnose()

    assert (1, expected) == (code, named(document))
    assert set(expected) == {document["verdict"], *document["also"]}


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_a_fault_that_is_not_known_is_not_misnamed(name: str, fault: Injector, diagnose: Diagnose) -> None:
    """A fault for which there is no cause: neither healthy nor given another's name, and what was seen is shown.

    Where so much is lost that not even the answers of the agents come in time, that is said (exit code 3).
    """
    slug, parameters = NOT_KNOWN[name]
    fault(slug, **parameters)

    code, document = diagnose()

    assert ("unknown", {}) == (document.get("verdict", document), named(document))
    told = {f["severity"] for f in document["findings"]}
    assert (code, True) == ((1, bool(told & {"failed", "degraded"})) if code == 1 else (3, "unknown" in told))


def test_the_first_verdict_is_the_last(fault: Injector, diagnose: Diagnose) -> None:
    """A verdict is said while a slow check still runs, and the rest of the evidence does not change it."""
    fault("vmxnet3-tunnel-offload", node=W1)

    document = diagnose()[1]

    assert document["first_verdict_s"] < document["elapsed_s"]
    assert ("vmxnet3-tunnel-offload", "") == (document["verdict"], document["revised"])


def test_a_text_that_is_not_known_is_not_health(diagnose: Diagnose) -> None:
    """An error text of no known kind says that something is wrong, on a cluster where nothing is: unknown."""
    code, document = diagnose("the flux capacitor reports a negative charge")

    assert (3, "unknown") == (code, document["verdict"])


def test_switching_the_offloads_off_cures_it(fault: Injector, diagnose: Diagnose) -> None:
    """The advice works: with both offloads off on the node the cluster is healthy."""
    fault("vmxnet3-tunnel-offload", node="w1")
    assert "vmxnet3-tunnel-offload" == diagnose()[1]["verdict"]

    assert 0 == run_lab("exec", "w1", "--", *OFFLOADS_OFF.split()).returncode

    code, document = diagnose()
    assert (0, "healthy") == (code, document["verdict"])


@pytest.fixture
def controller_beside_the_api_server() -> Any:
    """MetalLB's controller on the API server's own node, for one test."""
    assert 0 == run_lab("place", "metallb-controller", "cp").returncode
    yield
    assert 0 == run_lab("place", "metallb-controller", "w1").returncode


@pytest.mark.usefixtures("controller_beside_the_api_server")
def test_a_passing_dry_run_beside_the_api_server_is_not_health(fault: Injector, diagnose: Diagnose) -> None:
    """The webhook answers without the tunnel; the tunnel is broken all the same, and that is the verdict."""
    fault("vmxnet3-tunnel-offload", node="w2")

    code, document = diagnose()

    assert (1, "vmxnet3-tunnel-offload") == (code, document["verdict"])
    dry_run = next(f for f in document["findings"] if f["code"] == "webhook.dry-run")
    assert ("ok", "pass-local") == (dry_run["severity"], dry_run["outcome"])


def test_the_pasted_error_is_evidence(fault: Injector, diagnose: Diagnose) -> None:
    """The text that people paste is classified and counts."""
    fault("ca-bundle")

    document = diagnose("failed calling webhook: tls: failed to verify certificate: x509: signed by unknown authority")[
        1
    ]

    text = next(f for f in document["findings"] if f["code"] == "texts.webhook")
    assert ("x509", "ca-bundle") == (text["outcome"], document["verdict"])


def test_a_missing_permission_is_unknown_and_names_the_verb(lab: Cluster, diagnose: Diagnose) -> None:
    """Without the right to list EndpointSlices the answer is never "healthy", exit code 3, and says what to allow."""
    rules = json.loads(lab.read("get", "clusterrole", "netcheck-worker", "-o", "json"))["rules"]
    fewer = [r | {"resources": [n for n in r.get("resources", []) if n != "endpointslices"]} for r in rules]
    _set_rules(lab, [rule for rule in fewer if rule["resources"]])
    try:
        code, document = diagnose()
    finally:
        _set_rules(lab, rules)

    access = next(f for f in document["findings"] if f["code"] == "coverage.access")
    assert (3, "unknown", "unknown") == (code, document["verdict"], access["severity"])
    assert "list endpointslices" in access["summary"]


def _set_rules(lab: Cluster, rules: list[Any]) -> None:
    patch = [{"op": "replace", "path": "/rules", "value": rules}]
    lab.read("patch", "clusterrole", "netcheck-worker", "--type=json", "-p", json.dumps(patch))
