"""Which NetworkPolicies leave the API server no way to a webhook's pods."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import CustomObject, Gap, Metadata, Snapshot
from checks.finding import UNSEEN, Finding, Severity
from checks.place import Service
from checks.webhook import CHECK
from tests.checks.objects import NAMESPACE, SERVICE, cluster
from tests.checks.words import words

LABELS = {"component": "controller"}
PLANE = "172.30.0.10"
"""The address of the only node of the control plane."""


def policy(namespace: str = NAMESPACE, name: str = "guard", **spec: Any) -> CustomObject:
    """A NetworkPolicy."""
    return CustomObject(kind="NetworkPolicy", metadata=Metadata(name=name, namespace=namespace), spec=spec)


def guarded(*policies: CustomObject) -> Snapshot:
    """The cluster, whose webhook's Service selects its pods, with these policies."""
    base = cluster()
    services = tuple(
        msgspec.structs.replace(s, spec=msgspec.structs.replace(s.spec, selector=LABELS))
        if s.metadata.name == SERVICE
        else s
        for s in base.services
    )
    return msgspec.structs.replace(base, services=services, network_policies=policies)


def found(snapshot: Snapshot) -> Finding:
    """What is said of policies."""
    return next(f for f in CHECK.judge(CHECK.gather(snapshot, {}, ())) if f.code == "webhook.policies")


ALL: dict[str, Any] = {"podSelector": {}}
FROM_PODS: list[dict[str, Any]] = [{"podSelector": {}}]


@pytest.mark.parametrize(
    ("policies", "outcome"),
    [
        pytest.param((), "pass", id="none"),
        pytest.param((policy(**ALL),), "closed", id="all pods, nobody in"),
        pytest.param((policy(podSelector={"matchLabels": LABELS}),), "closed", id="its pods, nobody in"),
        pytest.param((policy(podSelector={"matchLabels": {"component": "speaker"}}),), "pass", id="other pods"),
        pytest.param((policy(namespace="shop", **ALL),), "pass", id="another namespace"),
        pytest.param((policy(**ALL, policyTypes=["Egress"]),), "pass", id="only what goes out"),
        pytest.param((policy(**ALL, policyTypes=["Egress", "Ingress"]),), "closed", id="both ways"),
        pytest.param((policy(**ALL, ingress=[{}]),), "pass", id="everybody"),
        pytest.param((policy(**ALL, ingress=[{"from": FROM_PODS}]),), "closed", id="pods alone"),
        pytest.param((policy(**ALL, ingress=[{"from": [{"namespaceSelector": {}}]}]),), "closed", id="namespaces"),
        pytest.param(
            (policy(**ALL, ingress=[{"from": [{"ipBlock": {"cidr": "172.30.0.0/24"}}]}]),), "pass", id="the nodes"
        ),
        pytest.param(
            (policy(**ALL, ingress=[{"from": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [f"{PLANE}/32"]}}]}]),),
            "closed",
            id="all but the control plane",
        ),
        pytest.param(
            (policy(**ALL, ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]),), "closed", id="another block"
        ),
        pytest.param((policy(**ALL, ingress=[{"ports": [{"port": 9443}]}]),), "pass", id="its port"),
        pytest.param((policy(**ALL, ingress=[{"ports": [{"port": 9000, "endPort": 9500}]}]),), "pass", id="a range"),
        pytest.param((policy(**ALL, ingress=[{"ports": [{"port": 7472}]}]),), "closed", id="another port"),
        pytest.param((policy(**ALL, ingress=[{"ports": [{"protocol": "UDP"}]}]),), "closed", id="UDP"),
        pytest.param((policy(**ALL), policy(name="open", **ALL, ingress=[{}])), "pass", id="another one opens it"),
        pytest.param((policy(podSelector="all", ingress="any"),), "pass", id="no selector"),
        pytest.param((policy(**ALL, ingress=[{"from": [{"ipBlock": {"cidr": "no block"}}]}]),), "closed", id="no CIDR"),
    ],
)
def test_who_lets_a_node_in(policies: tuple[CustomObject, ...], outcome: str) -> None:
    """A rule without `from`, or with a block that has the control plane's address; policies add up."""
    finding = found(guarded(*policies))

    assert outcome == finding.outcome
    assert [(Service(NAMESPACE, SERVICE), outcome)] == [(s.place, s.outcome) for s in finding.seen]


def test_it_is_worth_knowing_and_no_fault() -> None:
    """Whether anybody enforces it is not known; the policies are named."""
    finding = found(guarded(policy(**ALL), policy(name="second", **ALL)))

    assert Severity.ADVICE == finding.severity
    assert ["metallb-system/metallb-webhook-service: NetworkPolicy guard, second"] == [
        words(line) for line in finding.evidence
    ]


def test_what_may_not_be_read_is_unknown() -> None:
    """The right that is missing is named."""
    gap = Gap(verb="list networkpolicies.networking.k8s.io", reason="forbidden")
    finding = found(msgspec.structs.replace(guarded(), gaps=(gap,)))

    assert UNSEEN == finding.seen[0].outcome
    assert "cannot list networkpolicies.networking.k8s.io: forbidden" in map(words, finding.evidence)
