"""Builders of API objects for tests: a small healthy cluster, of which each test changes what it is about."""

from typing import Any

import msgspec

from checks.cluster.snapshot import (
    Condition,
    DaemonEndpoint,
    DaemonEndpoints,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Metadata,
    Node,
    NodeAddress,
    NodeCondition,
    NodeSpec,
    NodeStatus,
    Pod,
    PodIP,
    PodSpec,
    PodStatus,
    Service,
    ServicePort,
    ServiceReference,
    ServiceSpec,
    Snapshot,
    TargetRef,
    Webhook,
    WebhookClientConfig,
    WebhookConfiguration,
    Workload,
    WorkloadStatus,
)
from tests.checks.certificates import issue

AUTHORITY = issue("authority")
"""Who issues the webhook's certificate."""
PEM_BASE64 = AUTHORITY.ca_bundle
"""The caBundle of the webhook's configuration."""
NAMESPACE = "metallb-system"
SERVICE = "metallb-webhook-service"
HOOK = "ipaddresspoolvalidationwebhook.metallb.io"


def node(name: str, *addresses: str, control_plane: bool = False, pod_cidrs: tuple[str, ...] = ()) -> Node:
    """A node."""
    labels = {"node-role.kubernetes.io/control-plane": ""} if control_plane else {}
    return Node(
        metadata=Metadata(name=name, labels=labels),
        spec=NodeSpec(pod_cidrs=pod_cidrs),
        status=NodeStatus(
            addresses=tuple(NodeAddress(type="InternalIP", address=a) for a in addresses),
            daemon_endpoints=DaemonEndpoints(kubelet=DaemonEndpoint(port=10250)),
        ),
    )


def lose(snapshot: Snapshot, *names: str) -> Snapshot:
    """The cluster in which these nodes are not heard of."""
    silent = (NodeCondition(type="Ready", status="Unknown", reason="NodeStatusUnknown"),)
    nodes = [
        msgspec.structs.replace(n, status=msgspec.structs.replace(n.status, conditions=silent))
        if n.name in names
        else n
        for n in snapshot.nodes
    ]
    return msgspec.structs.replace(snapshot, nodes=tuple(nodes))


def pod(
    name: str, node_name: str, *ips: str, namespace: str = "kube-system", labels: dict[str, str] | None = None
) -> Pod:
    """A ready pod."""
    return Pod(
        metadata=Metadata(name=name, namespace=namespace, labels=labels or {}),
        spec=PodSpec(node_name=node_name),
        status=PodStatus(
            phase="Running",
            pod_ips=tuple(PodIP(ip=ip) for ip in ips),
            conditions=(Condition(type="Ready", status="True"),),
        ),
    )


def endpoint(address: str, node_name: str, pod_name: str = "controller") -> Endpoint:
    """A ready endpoint."""
    return Endpoint(addresses=(address,), node_name=node_name, target_ref=TargetRef(name=pod_name))


def endpoint_slice(service: str, *endpoints: Endpoint, namespace: str = NAMESPACE, port: int = 9443) -> EndpointSlice:
    """The slice of a Service with one unnamed port."""
    return EndpointSlice(
        metadata=Metadata(namespace=namespace, labels={"kubernetes.io/service-name": service}),
        endpoints=endpoints,
        ports=(EndpointPort(port=port),),
    )


def webhook(**changes: Any) -> Webhook:
    """MetalLB's webhook for pools, as its manifest has it."""
    hook = Webhook(
        name=HOOK,
        client_config=WebhookClientConfig(
            service=ServiceReference(name=SERVICE, namespace=NAMESPACE), ca_bundle=PEM_BASE64
        ),
        side_effects="None",
    )
    return msgspec.structs.replace(hook, **changes)


def configuration(*webhooks: Webhook, of_kind: str = "Validating") -> WebhookConfiguration:
    """A ValidatingWebhookConfiguration, or a MutatingWebhookConfiguration of the same name."""
    return WebhookConfiguration(
        kind=f"{of_kind}WebhookConfiguration",
        metadata=Metadata(name="metallb-webhook-configuration"),
        webhooks=webhooks,
    )


def api_service() -> Service:
    """The Service of the API servers."""
    return Service(
        metadata=Metadata(name="kubernetes", namespace="default"),
        spec=ServiceSpec(cluster_ip="10.96.0.1", ports=(ServicePort(name="https", port=443),), ip_families=("IPv4",)),
    )


def cluster(**changes: Any) -> Snapshot:
    """Three nodes, MetalLB's controller on w1, everything well."""
    snapshot = Snapshot(
        cluster="test",
        nodes=(
            node("cp", "172.30.0.10", control_plane=True, pod_cidrs=("10.244.0.0/24",)),
            node("w1", "172.30.0.11", pod_cidrs=("10.244.1.0/24",)),
            node("w2", "172.30.0.12", pod_cidrs=("10.244.2.0/24",)),
        ),
        services=(
            Service(
                metadata=Metadata(name=SERVICE, namespace=NAMESPACE),
                spec=ServiceSpec(cluster_ip="10.96.160.30", ports=(ServicePort(port=443),), ip_families=("IPv4",)),
            ),
        ),
        endpoint_slices=(endpoint_slice(SERVICE, endpoint("10.244.1.5", "w1")),),
        webhook_configurations=(configuration(webhook()),),
        workloads=(
            Workload(
                kind="Deployment",
                metadata=Metadata(name="controller", namespace=NAMESPACE),
                status=WorkloadStatus(replicas=1, ready_replicas=1),
            ),
            Workload(
                kind="DaemonSet",
                metadata=Metadata(name="speaker", namespace=NAMESPACE),
                status=WorkloadStatus(desired_number_scheduled=3, number_ready=3),
            ),
        ),
        pods=tuple(pod(f"speaker-{name}", name, namespace=NAMESPACE) for name in ("cp", "w1", "w2")),
    )
    return msgspec.structs.replace(snapshot, **changes)
