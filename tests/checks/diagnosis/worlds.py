"""A healthy cluster as the judges themselves see it, and worlds in which causes are at work.

The healthy findings come from the checks: their plans are made for a small cluster, every question is answered as a
sound cluster answers it, and the judges judge. A cause's example then changes outcomes wherever that cause reaches. So
no table by hand says what health looks like, and a code that a judge adds is in every world by itself.
"""

import importlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from checks.cluster.snapshot import (
    ConfigMap,
    Container,
    CustomObject,
    Endpoint,
    EndpointPort,
    EndpointSlice,
    Metadata,
    Pod,
    Service,
    ServicePort,
    ServiceSpec,
    Snapshot,
    TargetRef,
    WebhookClientConfig,
    WebhookConfiguration,
)
from checks.code import Role
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.declaration import Declaration
from checks.diagnosis.evidence import declared_codes
from checks.diagnosis.reach import shows
from checks.finding import UNSEEN, Finding, Seen
from checks.judgement import judge_run
from checks.observation import Network, Observation, Task
from checks.place import Cluster, Node, Place, Pool, Replica, Workload
from checks.place import Service as ServicePlace
from checks.registry import CHECKS
from checks.text import say
from tests.checks import objects
from tests.checks.dns.askers import CACHE, FORWARDING, LABELS, server
from tests.checks.metallb.objects import balanced, peer
from tests.checks.paths.matrix import Answer as Probed
from tests.checks.paths.matrix import agent, passes


class Said(Cluster, frozen=True, tag="said"):
    """The cluster, once for each thing that a pasted text says of it."""

    outcome: str


NODES = ("cp", "w1", "w2", "w3", "w4")
METRICS = EndpointPort(name="metrics", port=9153)
WEBHOOK_ON = "w1"
REPLICAS = {"coredns-a": "w2", "coredns-b": "w3"}
World = Mapping[tuple[str, Place], str]
"""The outcome of every code at every place."""


def snapshot(names: Sequence[str] = NODES) -> Snapshot:
    """Nodes with both families, agents, CoreDNS on two of them, MetalLB with an announced pool, a webhook by URL."""
    nodes, pods = [], []
    for index, name in enumerate(names):
        addresses = (f"172.30.{index // 200}.{index % 200 + 10}", f"fd30::{index + 10}")
        pods_at = f"10.{244 - index // 250}.{index % 250}"
        networks = (f"{pods_at}.0/24", f"fd00:{index}::/64")
        nodes.append(objects.node(name, *addresses, control_plane=name == "cp", pod_cidrs=networks))
        pod = agent(name, f"{pods_at}.2")
        address = msgspec.structs.replace(pod.status.pod_ips[0], ip=f"fd00:{index}::2")
        pods.append(
            msgspec.structs.replace(
                pod, status=msgspec.structs.replace(pod.status, pod_ips=(*pod.status.pod_ips, address))
            )
        )
    base = objects.cluster()
    return objects.cluster(
        nodes=tuple(nodes),
        pods=(
            *pods,
            *base.pods,
            *_dns_pods(names),
            *(objects.pod(f"speaker-{name}", name, namespace=objects.NAMESPACE) for name in names),
        ),
        workloads=(*base.workloads, server()),
        services=(*map(_selecting, base.services), _kube_dns(), objects.api_service(), balanced("web", "192.0.2.10")),
        endpoint_slices=(
            objects.endpoint_slice("web", objects.endpoint("10.244.1.9", "w1", "web"), namespace="shop", port=80),
            objects.endpoint_slice(objects.SERVICE, objects.endpoint("10.244.1.5", WEBHOOK_ON)),
            _dns_slice("10.244.{}.3"),
            _dns_slice("fd00:{}::3"),
            objects.endpoint_slice("kubernetes", Endpoint(addresses=("172.30.0.10",)), namespace="default", port=6443),
        ),
        config_maps=(
            ConfigMap(metadata=Metadata(name="coredns", namespace="kube-system"), data={"Corefile": FORWARDING}),
            ConfigMap(
                metadata=Metadata(name="kube-flannel-cfg", namespace="kube-flannel"),
                data={"net-conf.json": '{"Backend": {"Type": "vxlan", "Port": 4789}}'},
            ),
        ),
        webhook_configurations=(*base.webhook_configurations, _by_url()),
        metallb=(
            CustomObject(kind="IPAddressPool", metadata=Metadata(name="a"), spec={"addresses": ["192.0.2.0/24"]}),
            CustomObject(kind="L2Advertisement", metadata=Metadata(name="all")),
            peer(),
            CustomObject(
                kind="ServiceL2Status", status={"node": "w1", "serviceName": "web", "serviceNamespace": "shop"}
            ),
        ),
    )


def _selecting(service: Service) -> Service:
    spec = msgspec.structs.replace(service.spec, selector={"component": "controller"})
    return msgspec.structs.replace(service, spec=spec)


def _dns_pods(names: Sequence[str]) -> list[Pod]:
    """CoreDNS's replicas, and a cache on every node."""
    replicas = [objects.pod(name, node, labels=LABELS) for name, node in REPLICAS.items()]
    cache = Container(image="registry.k8s.io/dns/k8s-dns-node-cache:1.25.0", args=("-localip", CACHE))
    pods = [objects.pod(f"node-local-dns-{node}", node, labels={"k8s-app": "node-local-dns"}) for node in names]
    return [
        *replicas,
        *(msgspec.structs.replace(p, spec=msgspec.structs.replace(p.spec, containers=(cache,))) for p in pods),
    ]


def _by_url() -> WebhookConfiguration:
    config = WebhookClientConfig(url="https://hook.example.org", ca_bundle=objects.PEM_BASE64)
    hook = objects.configuration(objects.webhook(name="hook.example.org", client_config=config))
    return msgspec.structs.replace(hook, metadata=Metadata(name="by-url"))


def _kube_dns() -> Service:
    ports = (ServicePort(name="dns", port=53, protocol="UDP"), ServicePort(name="dns-tcp", port=53))
    return Service(
        metadata=Metadata(name="kube-dns", namespace="kube-system", labels={"k8s-app": "kube-dns"}),
        spec=ServiceSpec(cluster_ip="10.96.0.10", ports=ports, ip_families=("IPv4", "IPv6")),
    )


def _dns_slice(address: str) -> EndpointSlice:
    return EndpointSlice(
        metadata=Metadata(namespace="kube-system", labels={"kubernetes.io/service-name": "kube-dns"}),
        endpoints=tuple(
            Endpoint(
                addresses=(address.format(NODES.index(node)),),
                node_name=node,
                target_ref=TargetRef(name=name),
            )
            for name, node in REPLICAS.items()
        ),
        ports=(EndpointPort(name="dns", port=53, protocol="UDP"), EndpointPort(name="dns-tcp", port=53), METRICS),
    )


def observed(cluster: Snapshot, probe: Probed = passes) -> list[Observation]:
    """What a run of all checks observes in a sound cluster, but for what becomes of the probes of `paths`."""
    first = [
        _seen(name, task, probe) for name, check in CHECKS.items() for task in check.plan(cluster, check.parameters())
    ]
    further = [
        (name, task) for name, check in CHECKS.items() for task in check.follow(check.gather(cluster, {}, first))
    ]
    return [*first, *(_seen(name, task, probe) for name, task in further)]


def _seen(check: str, task: Task, probe: Probed) -> Observation:
    data = msgspec.to_builtins(_answer(check, task, probe))
    return Observation(check=check, network=task.network, node=task.node, name=task.name, data=data)


def _answer(check: str, task: Task, probe: Probed) -> Any:
    """What a sound cluster answers to a job; every check that makes jobs brings its own answers."""
    sound = importlib.import_module(f"tests.checks.{CHECKS[check].folder}.sound").sound
    return sound(task, probe) if check == "paths" else sound(task)


@cache
def healthy_findings() -> tuple[Finding, ...]:
    """What the judges find in a healthy cluster."""
    cluster = snapshot()
    return tuple(judge_run(cluster, tuple(CHECKS), {}, observed(cluster)))


@cache
def healthy() -> World:
    """The outcome of every code at every place of a healthy cluster."""
    return {(f.code, s.place): s.outcome for f in healthy_findings() for s in f.seen}


def home(cause: Declaration, place: int = 0) -> Place:
    """A place for a cause; a second number gives another one, where there is more than one of the kind.

    Causes at nodes get ones that neither ask the webhook nor serve it, so that what two causes do stays apart; but
    for causes that only show on ways that begin at the control plane, or where CoreDNS runs.
    """
    kind = cause.at[0]
    if kind is Node:
        asked_from = any(effect.reach.name == "ASKED_FROM" for effect in cause.effects)
        shown = next(iter(cause.example))
        there = {node for code, at in healthy() if code == shown for node in at.nodes}
        nodes = ("w3", "w2") if there and "w4" not in there else ("w4", "w2")
        return Node("cp") if asked_from else Node(nodes[place])
    if kind is Replica:
        return Replica("coredns-b", REPLICAS["coredns-b"])
    if kind is ServicePlace:
        return _service_of(cause)
    if kind is Pool:
        return Pool("a")
    return Workload(objects.NAMESPACE, "speaker") if kind is Workload else Cluster()


def _service_of(cause: Declaration) -> Place:
    """The webhook's Service, or where the first of what the cause shows is seen."""
    webhook = ServicePlace(objects.NAMESPACE, objects.SERVICE)
    shown = next(iter(cause.example))
    at = [place for code, place in healthy() if code == shown and isinstance(place, ServicePlace)]
    return webhook if webhook in at or not at else at[0]


def with_cause(world: World, cause: Declaration, place: Place) -> World:
    """The world with a cause in it. Where two causes show in one fact, the worse outcome is seen."""
    changed = dict(world)
    for code, outcome in cause.example.items():
        declared = declared_codes()[code]
        if code.startswith("texts."):
            changed[code, Said(outcome)] = outcome
            continue
        for (name, at), former in world.items():
            if name != code or not _reaches(cause, code, place, at):
                continue
            if UNSEEN in (outcome, former):
                changed[name, at] = UNSEEN
            elif declared.role is Role.CIRCUMSTANCE:
                changed[name, at] = outcome
            else:
                changed[name, at] = max(former, outcome, key=declared.words.index)
    return changed


def _reaches(cause: Declaration, code: str, place: Place, at: Place) -> bool:
    effects = [effect for effect in cause.effects if effect.code == code]
    if effects:
        return any(shows(effect, place, at) for effect in effects)
    return isinstance(at, Cluster) or place.identity <= at.involves


def findings(world: World, hidden: Collection[str] = ()) -> list[Finding]:
    """The world as findings; hidden codes could not be looked at."""
    texts = {f.code: f.text for f in healthy_findings()}
    by_code: dict[str, list[Seen]] = {code: [] for code in texts}
    for (code, place), outcome in world.items():
        by_code.setdefault(code, []).append(Seen(place, outcome))
    made = []
    for code, seen in by_code.items():
        declared = declared_codes()[code]
        if code in hidden or (seen and all(s.outcome == UNSEEN for s in seen)):
            made.append(declared.unseen(texts.get(code, say("x"))))
        elif seen:
            made.append(declared.found(texts.get(code, say("x")), seen))
        else:
            made.append(next(f for f in healthy_findings() if f.code == code))
    return made


def codes_of(world: World) -> list[str]:
    """The codes that say something about causes, in a fixed order."""
    return sorted({code for code, _ in world if not code.startswith("coverage.")})


def of_role(world: World, role: Role) -> Iterable[tuple[str, Place]]:
    """The codes and places of a role."""
    return ((code, place) for code, place in world if declared_codes()[code].role is role)


ALL = tuple(CAUSES.values())
"""Every declared cause."""
__all__ = ["ALL", "NODES", "REPLICAS", "Network", "World", "codes_of", "findings", "healthy", "home", "with_cause"]
