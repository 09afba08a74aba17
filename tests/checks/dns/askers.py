"""A cluster with CoreDNS, and every question of the plan answered as a test wants it."""

from collections.abc import Callable

import msgspec

from checks.cluster.snapshot import (
    ConfigMap,
    Container,
    EndpointPort,
    EndpointSlice,
    Metadata,
    PodSpec,
    PodTemplate,
    Service,
    ServicePort,
    ServiceSpec,
    Snapshot,
    Workload,
    WorkloadSpec,
    WorkloadStatus,
)
from checks.dns import CHECK, model
from checks.dns.model import SERVICE, Asked, Counted, Data, Parameters, Target
from checks.kernel.resolver import Resolver
from checks.observation import Network, Observation, Task
from checks.probes.dns.counted import Pairs
from tests.checks import objects

Change = Callable[[str, Network, Target, Asked], Asked]
PORTS = (
    EndpointPort(name="dns", port=53, protocol="UDP"),
    EndpointPort(name="metrics", port=9153),
    EndpointPort(name="dns-tcp", port=5300),
)
COREFILE = ".:53 {\n    errors\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n        pods insecure\n    }\n}\n"

FORWARDING = COREFILE.replace("    errors", "    errors\n    forward . /etc/resolv.conf")


CACHE = "169.254.20.10"
"""Where NodeLocal DNSCache listens by default."""
UPSTREAM = "192.0.2.53"
LABELS = {"k8s-app": "kube-dns"}


def server(namespace: str = "kube-system", **changes: object) -> Workload:
    """What makes CoreDNS's replicas."""
    spec = PodSpec(containers=(Container(name="coredns", image="coredns/coredns:v1.12.1"),), dns_policy="Default")
    template = PodTemplate(metadata=Metadata(labels=LABELS), spec=msgspec.structs.replace(spec, **changes))
    return Workload(
        kind="Deployment",
        metadata=Metadata(name="coredns", namespace=namespace, labels=LABELS),
        status=WorkloadStatus(replicas=2, ready_replicas=2),
        spec=WorkloadSpec(template=template),
    )


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
        workloads=(server(),),
        pods=tuple(objects.pod(f"coredns-{name}", name, f"10.244.{i}.3", labels=LABELS) for i, name in enumerate(on)),
    )


def well(target: Target) -> Asked:
    """Answers as a sound server gives them."""
    sent = 48 if target.name not in (SERVICE, model.CACHE) else 16
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
        edns="NOERROR",
    )


def answered(task: Task) -> Data:
    """What an agent in a sound cluster tells: nobody has the name outside the cluster, and somebody says so."""
    in_pod, targets = task.network is Network.POD, task.request.targets
    asks_service = in_pod and any(target.name == SERVICE for target in targets)
    outside = "NXDOMAIN" if task.request.external else ""
    node = Resolver(nameservers=(UPSTREAM,), search=("example.org",))
    pod = Resolver(
        nameservers=("10.96.0.10",), search=("default.svc.cluster.local", "svc.cluster.local", "cluster.local"), ndots=5
    )
    return Data(
        asked=tuple(
            msgspec.structs.replace(well(target), external=outside, external_edns=outside) for target in targets
        ),
        resolver=pod if in_pod else node,
        own_rcode="NOERROR" if asks_service else "",
        pairs=Pairs(sent=32, answered=64) if asks_service else None,
        counted=tuple(
            Counted(name=t.name, node=t.node, read=True, rcodes={"NOERROR": 200, "NXDOMAIN": 20})
            for t in targets
            if t.metrics_port
        ),
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
            data=msgspec.structs.replace(
                answered(task),
                asked=tuple(change(task.node, task.network, t, well(t)) for t in task.request.targets),
            ),
        )
        for task in CHECK.plan(snapshot, parameters or Parameters())
    ]
