"""A cluster with CoreDNS, and every question of the plan answered as a test wants it."""

from collections.abc import Callable

import msgspec

from checks.cluster.snapshot import (
    ConfigMap,
    EndpointPort,
    EndpointSlice,
    Metadata,
    Service,
    ServicePort,
    ServiceSpec,
    Snapshot,
)
from checks.dns import CHECK
from checks.dns.model import SERVICE, Asked, Data, Parameters, Target
from checks.observation import Network, Observation
from tests.checks import objects

Change = Callable[[str, Network, Target, Asked], Asked]
PORTS = (
    EndpointPort(name="dns", port=53, protocol="UDP"),
    EndpointPort(name="metrics", port=9153),
    EndpointPort(name="dns-tcp", port=5300),
)
COREFILE = ".:53 {\n    errors\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n        pods insecure\n    }\n}\n"


def cluster(*on: str, nodes: tuple[str, ...] = ("cp", "w1", "w2"), corefile: str = COREFILE) -> Snapshot:
    """Nodes, and a CoreDNS replica on each of those given (by default w1 and w2)."""
    on = on or ("w1", "w2")
    replicas = [objects.endpoint(f"10.244.{i}.3", name, f"coredns-{name}") for i, name in enumerate(on)]
    dns = Service(
        metadata=Metadata(name="kube-dns", namespace="kube-system", labels={"k8s-app": "kube-dns"}),
        spec=ServiceSpec(
            cluster_ip="10.96.0.10",
            ports=(
                ServicePort(name="dns", port=53, protocol="UDP"),
                ServicePort(name="dns-tcp", port=53),
                ServicePort(name="metrics", port=9153),
            ),
        ),
    )
    return objects.cluster(
        nodes=tuple(objects.node(name, f"172.30.0.{i + 10}") for i, name in enumerate(nodes)),
        services=(dns,),
        endpoint_slices=(
            EndpointSlice(
                metadata=Metadata(namespace="kube-system", labels={"kubernetes.io/service-name": "kube-dns"}),
                endpoints=tuple(replicas),
                ports=PORTS,
            ),
        ),
        config_maps=(
            ConfigMap(metadata=Metadata(name="coredns", namespace="kube-system"), data={"Corefile": corefile}),
        ),
    )


def well(target: Target) -> Asked:
    """Answers as a sound server gives them."""
    sent = 16 if target.name == SERVICE else 48
    return Asked(
        name=target.name,
        node=target.node,
        address=target.address,
        sent=sent,
        answered=sent,
        rcodes={"NOERROR": sent - sent // 8},
        nx_rcodes={"NXDOMAIN": sent // 8},
        addresses=("10.96.0.1",),
        p50_s=0.0005,
        p99_s=0.002,
        tcp_s=0.001,
    )


def lose(asked: Asked, share: float) -> Asked:
    """The same, but a share of the datagrams was lost."""
    lost = round(asked.sent * share)
    answered = asked.sent - lost
    return msgspec.structs.replace(
        asked,
        answered=answered,
        rcodes={"NOERROR": answered} if answered else {},
        nx_rcodes={},
        addresses=asked.addresses if answered else (),
    )


def observe(
    snapshot: Snapshot, change: Change = lambda *a: a[3], parameters: Parameters | None = None
) -> list[Observation]:
    """The observations of every task of the plan."""
    return [
        Observation(
            check="dns",
            network=task.network,
            node=task.node,
            data=Data(asked=tuple(change(task.node, task.network, t, well(t)) for t in task.request.targets)),
        )
        for task in CHECK.plan(snapshot, parameters or Parameters())
    ]
