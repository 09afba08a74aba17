"""Each report gets its true cause first; the sources are public threads, the values are others."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from checks.cluster.admission import ServiceReference
from checks.cluster.snapshot import (
    Metadata,
    NodeCondition,
    NodeInfo,
    Service,
    ServicePort,
    ServiceSpec,
    Snapshot,
    WebhookClientConfig,
)
from checks.diagnosis.model import HEALTHY, UNKNOWN
from checks.observation import Network, Observation
from checks.paths.model import Aim, Kind
from checks.probes.outcome import Result
from tests.checks import objects
from tests.checks.diagnosis.recordings import names
from tests.checks.field.reports import Report, answer, drops, hears_no_dns, on_vmware, refused_dry_run, rejects
from tests.checks.words import words

EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers"
CALL = 'failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io": failed to call webhook: Post '
URL = '"https://metallb-webhook-service.metallb-system.svc:443/validate?timeout=10s": '


def every_node(**fields: Any) -> Callable[[Snapshot], Snapshot]:
    """Change a part of every Node: `metadata`, `spec` or `status`."""

    def change(snapshot: Snapshot) -> Snapshot:
        nodes = []
        for node in snapshot.nodes:
            parts = {name: msgspec.structs.replace(getattr(node, name), **each) for name, each in fields.items()}
            nodes.append(msgspec.structs.replace(node, **parts))
        return msgspec.structs.replace(snapshot, nodes=tuple(nodes))

    return change


def two_nodes(*names: str, **fields: Any) -> Callable[[Snapshot], Snapshot]:
    """The same of some nodes."""

    def change(snapshot: Snapshot) -> Snapshot:
        changed = every_node(**fields)(snapshot)
        pairs = zip(snapshot.nodes, changed.nodes, strict=True)
        nodes = tuple(new if old.name in names else old for old, new in pairs)
        return msgspec.structs.replace(snapshot, nodes=nodes)

    return change


def without_advertisement(snapshot: Snapshot) -> Snapshot:
    """MetalLB's pool is there and nobody announces it."""
    left = tuple(o for o in snapshot.metallb if not o.kind.startswith(("L2", "ServiceL2")))
    return msgspec.structs.replace(snapshot, metallb=left)


def nobody_announces(snapshot: Snapshot) -> Snapshot:
    """A label keeps every node out of load balancers, so that no speaker tells of any Service."""
    excluded = every_node(metadata={"labels": {EXCLUDED: ""}})(snapshot)
    left = tuple(o for o in excluded.metallb if not o.kind.startswith("ServiceL2"))
    return msgspec.structs.replace(excluded, metallb=left)


def another_products_webhook(snapshot: Snapshot) -> Snapshot:
    """A policy engine's webhook, whose pods are down."""
    service = Service(
        metadata=Metadata(name="policy-svc", namespace="policy"),
        spec=ServiceSpec(
            cluster_ip="10.96.7.7", ports=(ServicePort(name="https", port=443),), selector={"app": "policy"}
        ),
    )
    config = WebhookClientConfig(
        service=ServiceReference(namespace="policy", name="policy-svc", port=443), ca_bundle=objects.PEM_BASE64
    )
    hook = objects.configuration(objects.webhook(name="mutate.policy.example.org", client_config=config))
    hook = msgspec.structs.replace(hook, metadata=Metadata(name="policy"))
    return msgspec.structs.replace(
        snapshot,
        services=(*snapshot.services, service),
        webhook_configurations=(*snapshot.webhook_configurations, hook),
    )


def _one_socket_loses(_seen: Observation) -> Mapping[str, Any]:
    return {"pairs": {"sent": 60, "one_lost": 9, "two_lost": 0, "answered": 111}}


def _upstream_silent(seen: Observation) -> Mapping[str, Any]:
    return {"asked": [{**asked, "external": "timeout"} for asked in seen.data.get("asked", ())]}


def _ignores_its_router(seen: Observation) -> Mapping[str, Any]:
    """Forwarding is on and `accept_ra` is 1, so that the default route that the router gave has run out."""
    if seen.network is not Network.HOST:
        return {}
    addresses = [{**address, "leased": True} for address in seen.data["addresses"]]
    return {"addresses": addresses, "default_routes": [], "ignores_advertisements": ["eth0"]}


def _webhook_is_closed(_source: str, _network: Network, aim: Aim) -> Result:
    """A NetworkPolicy lets nobody reach the webhook's pod, and all else passes."""
    return Result.TIMEOUT if aim.kind in (Kind.WEBHOOK_ENDPOINT, Kind.WEBHOOK_SERVICE) else Result.OK


REPORTS: dict[str, tuple[Report, str, set[str]]] = {
    "kubeadm #139: a REJECT in the FORWARD chain, offload on": (
        Report(source="kubernetes/kubeadm #139", probe=rejects("w4"), tells={"nic": on_vmware}),
        "forward-reject",
        {"w4"},
    ),
    "microk8s #316: the same without VMware, with its text": (
        Report(
            source="canonical/microk8s #316",
            probe=rejects("w4"),
            text="dial tcp 10.244.3.9:8080: connect: no route to host",
        ),
        "forward-reject",
        {"w4"},
    ),
    "flannel #799: the FORWARD policy is DROP": (
        Report(source="flannel-io/flannel #799", probe=drops("w4"), tells={"dns": hears_no_dns("w4")}),
        "forward-drop",
        {"w4"},
    ),
    "flannel #799 on VMware: ping is dead, so it is no offload": (
        Report(
            source="flannel-io/flannel #799",
            probe=drops("w4"),
            tells={"nic": on_vmware, "dns": hears_no_dns("w4")},
        ),
        "forward-drop",
        {"w4"},
    ),
    "talos #10002: CoreDNS gets no answer from the host's DNS": (
        Report(
            source="siderolabs/talos #10002",
            tells={"dns": _upstream_silent},
            text=("[ERROR] plugin/errors: 2 example.org. A: read udp 10.244.2.3:40211->10.96.0.9:53: i/o timeout"),
        ),
        "coredns-upstream",
        {"cluster"},
    ),
    "cert-manager #7385: a proxy refused CONNECT": (
        Report(
            source="cert-manager/cert-manager #7385",
            tells={"webhook": refused_dry_run(CALL + URL + "Forbidden")},
            text=CALL + URL + "Forbidden",
        ),
        "apiserver-proxy",
        {"cluster"},
    ),
    "metallb #1612: the same with another status": (
        Report(
            source="metallb/metallb #1612",
            tells={"webhook": refused_dry_run(CALL + URL + "Service Unavailable")},
            text=CALL + URL + "Service Unavailable",
        ),
        "apiserver-proxy",
        {"cluster"},
    ),
    "metallb-operator #490, metallb #2676, talos #8506: every node is excluded": (
        Report(source="metallb/metallb-operator #490", objects=nobody_announces),
        "excluded-nodes",
        {"a"},
    ),
    "metallb #1561: no advertisement": (
        Report(source="metallb/metallb #1561", objects=without_advertisement),
        "pool-not-announced",
        {"a"},
    ),
    "kubernetes #56903: A and AAAA race in conntrack": (
        Report(source="kubernetes/kubernetes #56903", tells={"dns": _one_socket_loses}),
        "conntrack-race",
        {"cluster"},
    ),
    "flannel #1549: one podCIDR on every node": (
        Report(
            source="flannel-io/flannel #1549", objects=every_node(spec={"pod_cidrs": ("10.244.0.0/24", "fd00::/64")})
        ),
        "duplicate-pod-cidr",
        {"cp", "w1", "w2", "w3", "w4"},
    ),
    "calico #1628: the network plugin is not up on a node": (
        Report(
            source="projectcalico/calico #1628",
            objects=two_nodes(
                "w3",
                status={
                    "conditions": (
                        NodeCondition(
                            type="Ready",
                            status="False",
                            reason="KubeletNotReady",
                            message=(
                                "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                                "message:Network plugin returns error: cni plugin not initialized"
                            ),
                        ),
                    )
                },
            ),
        ),
        "cni-not-ready",
        {"w3"},
    ),
    "ingress-nginx #11255: the webhook itself is slow": (
        Report(
            source="kubernetes/ingress-nginx #11255",
            text=(
                'failed calling webhook "validate.nginx.ingress.kubernetes.io": failed to call webhook: Post '
                '"https://ingress-nginx-controller-admission.ingress-nginx.svc:443/networking/v1/ingresses": '
                "net/http: request canceled (Client.Timeout exceeded while awaiting headers)"
            ),
        ),
        "webhook-slow",
        {"cluster"},
    ),
    "weave #3438: machines were cloned": (
        Report(
            source="weaveworks/weave #3438",
            objects=two_nodes("w2", "w4", status={"node_info": NodeInfo(system_uuid="4202C0DE-0000")}),
        ),
        "duplicate-machine",
        {"w2", "w4"},
    ),
    "cilium #21819: IPv6 default routes are gone on all nodes": (
        Report(source="cilium/cilium #21819", tells={"ipv6": _ignores_its_router}),
        "ipv6-advertisements",
        {"cp", "w1", "w2", "w3", "w4"},
    ),
    "bitnami #15094: a NetworkPolicy, told by an egress proxy": (
        Report(
            source="bitnami/charts #15094",
            probe=_webhook_is_closed,
            tells={"webhook": refused_dry_run(CALL + URL + "context deadline exceeded")},
            text=CALL + URL + "proxy error from 127.0.0.1:6443 while dialing 10.42.3.16:9443, code 503: 503 Service "
            "Unavailable",
        ),
        "webhook-blocked",
        {"metallb-system/metallb-webhook-service"},
    ),
    "kyverno #3232: another product's webhook has no pods": (
        Report(source="kyverno/kyverno #3232", objects=another_products_webhook),
        "no-endpoints",
        {"policy/policy-svc"},
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_the_true_cause_is_the_verdict(name: str) -> None:
    """At its place, and nothing else is named."""
    report, slug, places = REPORTS[name]

    diagnosis = answer(report)

    assert (slug, places, ()) == (
        diagnosis.verdict,
        {str(place) for place in diagnosis.causes[0].at} if diagnosis.causes else set(),
        diagnosis.also,
    )


SEEN_IN_THE_LAB = {
    "coredns #2795: plugin/loop, all replicas crash": "coredns-loop",
    "metallb #581: another program has port 7946": "speaker-port-taken",
    "CoreDNS's upstream is silent": "coredns-upstream",
    "5 % and 30 % of the packets are lost below": "underlay-loss",
    "a wrong FDB entry, a missing route": "overlay-state",
    "dual stack: the IPv6 tunnel of a node": "ipv6-tunnel",
    "the webhook's targetPort points nowhere": "wrong-target-port",
    "the webhook's process is stopped": "webhook-hangs",
    "a pool that covers node addresses": "pool-overlap",
    "a pool that is exhausted": "pool-exhausted",
    "a speaker that hangs": "speaker-hung",
    "offload on w1": "vmxnet3-tunnel-offload",
}
"""Rows of which the lab has a fault, and so a recording; the lab's own tests stage them with further parameters."""


def test_what_the_lab_can_stage_is_recorded() -> None:
    """`tests.checks.diagnosis.test_recordings` replays each of them to its verdict."""
    assert set(SEEN_IN_THE_LAB.values()) <= set(names())


def test_the_fix_is_for_the_product_that_is_broken() -> None:
    """Not MetalLB's."""
    diagnosis = answer(REPORTS["kyverno #3232: another product's webhook has no pods"][0])

    assert diagnosis.causes[0].fix is not None
    assert ("policy" in words(diagnosis.causes[0].fix), "metallb" in words(diagnosis.causes[0].fix)) == (True, False)


def test_a_text_of_no_known_kind_is_not_health() -> None:
    """Somebody suffers from something, and nobody knows from what; what means nothing for the network is said to."""
    assert UNKNOWN == answer(Report(source="any", text="the flux capacitor reports a negative charge")).verdict
    assert HEALTHY == answer(Report(source="any")).verdict
