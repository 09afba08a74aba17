"""The cluster's DNS, known by what it is: its Service, who is behind it, the caches on nodes, and its domain. Pure."""

import ipaddress
import itertools
import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from checks.cluster import kubelet
from checks.cluster.corefile import Block, CorefileError, blocks, kubernetes_zones, upstreams
from checks.cluster.parts import Part, part_of
from checks.cluster.pods import Container, Pod, Workload
from checks.cluster.services import Endpoint, EndpointPort, Service
from checks.cluster.snapshot import ConfigMap, Snapshot

PORT = 53
USUAL = ("kube-system", "kube-dns")
USUAL_DOMAIN = "cluster.local"
_TENTH = 9
"""kubeadm, k3s, RKE2, Talos and OpenShift give the DNS Service the tenth address of the Service network, of which the
API servers' own has the first (`kubeadmconstants.GetDNSIP`)."""
_LABELS: tuple[Mapping[str, str], ...] = (
    {"k8s-app": "kube-dns"},
    {"dns.operator.openshift.io/owning-dns": "default"},
)
COREFILE = "Corefile"
_USUAL_PATH = "/etc/coredns/Corefile"

Served: TypeAlias = tuple[Endpoint, tuple[EndpointPort, ...]]
"""An endpoint, and the ports of its slice."""


def serves_dns(service: Service) -> bool:
    """Whether a Service with an address listens where name servers do."""
    return service.spec.cluster_ip not in ("", "None") and any(port.port == PORT for port in service.spec.ports)


def find_service(snapshot: Snapshot) -> Service | None:
    """The Service that pods ask: whose address kubelets give them, or else whatever has most of its signs.

    Its name and namespace are the distribution's affair: `kube-dns`, `rke2-coredns-rke2-coredns`, `dns-default` in
    `openshift-dns`. NodeLocal DNSCache adds one that is labelled the same and that no pod asks.
    """
    given, tenth = _given(snapshot), _tenth(snapshot)
    serving = [service for service in snapshot.services if serves_dns(service)]
    ranked = [(signs, service) for service in serving if any(signs := _signs(service, given, tenth))]
    if ranked:
        return max(ranked, key=lambda pair: (pair[0], pair[1].metadata.name))[1]
    # Last, because whoever makes name servers may have to be looked for among thousands of pods.
    ours = _servers(snapshot) if serving else ()
    return next((s for s in serving if any(n == s.metadata.namespace and _selects(s, made) for n, made in ours)), None)


def _signs(service: Service, given: Collection[str], tenth: str) -> tuple[bool, ...]:
    """What speaks for a Service, the surest first."""
    meta = service.metadata
    return (
        service.spec.cluster_ip in given,
        service.spec.cluster_ip == tenth,
        (meta.namespace, meta.name) == USUAL,
        any(label.items() <= meta.labels.items() for label in _LABELS) and not meta.name.endswith("-upstream"),
    )


def _given(snapshot: Snapshot) -> frozenset[str]:
    """The addresses that kubelets give to pods, where kubeadm's configuration tells."""
    return frozenset(address for text in _kubelets(snapshot) for address in kubelet.cluster_dns(text))


def _kubelets(snapshot: Snapshot) -> Iterator[str]:
    for config_map in snapshot.config_maps:
        if config_map.metadata.name.startswith("kubelet-config"):
            yield from config_map.data.values()


def _tenth(snapshot: Snapshot) -> str:
    first = snapshot.service("default", "kubernetes")
    try:
        return str(ipaddress.ip_address(first.spec.cluster_ip) + _TENTH) if first else ""
    except ValueError:
        return ""


def _servers(snapshot: Snapshot) -> Sequence[tuple[str, Mapping[str, str]]]:
    """Namespace and labels of whatever makes name servers, and of what it made."""
    made = [(w.metadata.namespace, w.makes.metadata.labels) for w in snapshot.workloads if part_of(w) is Part.DNS]
    # Workloads tell for far less than thousands of pods do.
    return made or [(p.metadata.namespace, p.metadata.labels) for p in snapshot.pods if part_of(p) is Part.DNS]


def _selects(service: Service, labels: Mapping[str, str]) -> bool:
    return bool(service.spec.selector) and service.spec.selector.items() <= labels.items()


def ready_endpoints(snapshot: Snapshot) -> list[Served]:
    """The ready endpoints of the DNS Service over all families; of its usual name where no Service can be seen."""
    return endpoints(snapshot, ready=True)


def endpoints(snapshot: Snapshot, *, ready: bool) -> list[Served]:
    """The endpoints of the DNS Service that are ready, or those that are not; see `ready_endpoints`."""
    service = find_service(snapshot)
    namespace, name = (service.metadata.namespace, service.metadata.name) if service else USUAL
    return [(e, ports) for e, ports in snapshot.endpoints(namespace, name) if e.ready is ready and e.addresses]


def tcp_port(ports: Sequence[EndpointPort], otherwise: int = 0) -> int:
    """The port on which an endpoint is asked by TCP; metrics are TCP too and tell themselves by their name."""
    asked = [port for port in ports if port.protocol == "TCP" and "metrics" not in port.name]
    return next((port.port for port in sorted(asked, key=lambda p: "dns" not in p.name)), otherwise)


def udp_port(ports: Sequence[EndpointPort], otherwise: int = PORT) -> int:
    """The port on which an endpoint is asked by UDP."""
    return next((port.port for port in ports if port.protocol == "UDP"), otherwise)


def metrics_port(snapshot: Snapshot, ports: Sequence[EndpointPort]) -> int:
    """Where a replica tells its counters: as its slice or its container names it; 0 where neither does."""
    named = next((port.port for port in ports if port.protocol == "TCP" and "metrics" in port.name), 0)
    server = workload(snapshot)
    containers = server.makes.spec.containers if server else ()
    return named or next((p.container_port for c in containers for p in c.ports if p.name == "metrics"), 0)


def workload(snapshot: Snapshot) -> Workload | None:
    """What makes the replicas behind the DNS Service."""
    service = find_service(snapshot)
    servers = [w for w in snapshot.workloads if part_of(w) is Part.DNS]
    if service is not None:
        namespace = service.metadata.namespace
        behind = [
            w for w in servers if w.metadata.namespace == namespace and _selects(service, w.makes.metadata.labels)
        ]
        servers = behind or [w for w in servers if w.metadata.namespace == namespace]
    return next(iter(servers), None)


def server_pods(snapshot: Snapshot) -> list[Pod]:
    """The pods of the cluster's DNS, ready or not; none where they cannot be read."""
    made_by, service = workload(snapshot), find_service(snapshot)
    namespace = made_by.metadata.namespace if made_by else service.metadata.namespace if service else ""
    return [p for p in snapshot.pods if p.metadata.namespace == namespace and part_of(p) is Part.DNS]


def caches(snapshot: Snapshot) -> dict[str, str]:
    """By node the address of its node-local DNS cache, where there is one.

    NodeLocal DNSCache listens where its `-localip` says: on an address of its own, and mostly on the ClusterIP too.
    """
    service = find_service(snapshot)
    known = service.spec.cluster_ip if service else ""
    found: dict[str, str] = {}
    for pod in snapshot.pods:
        if part_of(pod) is Part.DNS_CACHE:
            addresses = [a for c in pod.spec.containers for a in _local(c) if a != known]
            if addresses and pod.spec.node_name:
                found[pod.spec.node_name] = addresses[0]
    return found


def _local(container: Container) -> Iterator[str]:
    """The addresses on which a cache listens, as its arguments have them (cmd/node-cache of kubernetes/dns)."""
    for address in _option(container, "localip").split(","):
        try:
            yield str(ipaddress.ip_address(address.strip()))
        except ValueError:
            continue


def domain_of(snapshot: Snapshot) -> str:
    """The zone that the cluster's DNS serves from the API: of several the one that kubelets give to pods.

    Where no Corefile tells, it is what kubelets say, and `cluster.local` where they say nothing either.
    """
    given = next(filter(None, map(kubelet.cluster_domain, _kubelets(snapshot))), "")
    zones = served_zones(snapshot)
    if given in zones or not zones:
        return given or USUAL_DOMAIN
    return zones[0]


def served_zones(snapshot: Snapshot) -> tuple[str, ...]:
    """The zones that the cluster's DNS serves from the API, as its Corefile says, in its order."""
    return tuple(zone for zone in kubernetes_zones(server_blocks(snapshot)) if zone)


def has_upstream(snapshot: Snapshot) -> bool:
    """Whether the cluster's DNS asks other servers for names outside the cluster, as its Corefile says."""
    return bool(upstreams(server_blocks(snapshot)))


def server_blocks(snapshot: Snapshot) -> tuple[Block, ...]:
    """The Corefile of the cluster's DNS: the likeliest one that serves a zone from the API; none where none is read."""
    for files, start, variables in _corefiles(snapshot):
        try:
            found = blocks(files, start, variables)
        except CorefileError:
            continue
        if kubernetes_zones(found):
            return found
    return ()


def _corefiles(snapshot: Snapshot) -> Iterator[tuple[Mapping[str, str], str, Mapping[str, str]]]:
    """The files of the DNS servers with the path of the Corefile and the variables; the likelier ones first."""
    server = workload(snapshot)
    namespace = server.metadata.namespace if server else ""
    if server:
        for container in server.makes.spec.containers:
            files = mounted(snapshot, server, container)
            start = _conf(container)
            if start in files:
                yield files, start, {e.name: e.value for e in container.env}
    # Recordings from before volumes were read, and clusters whose workloads may not be.
    others = [c for c in snapshot.config_maps if COREFILE in c.data]
    for config_map in sorted(others, key=lambda c: (c.metadata.namespace != namespace, "local" in c.metadata.name)):
        folder = posixpath.dirname(_USUAL_PATH)
        yield {f"{folder}/{key}": text for key, text in config_map.data.items()}, _USUAL_PATH, {}


def mounted(snapshot: Snapshot, server: Workload, container: Container) -> dict[str, str]:
    """The files that a container sees of ConfigMaps, by their absolute path."""
    config_maps: dict[str, ConfigMap] = {
        c.metadata.name: c for c in snapshot.config_maps if c.metadata.namespace == server.metadata.namespace
    }
    volumes = {v.name: v.config_map for v in server.makes.spec.volumes if v.config_map}
    files: dict[str, str] = {}
    for mount in container.volume_mounts:
        volume = volumes.get(mount.name)
        if volume is None or volume.name not in config_maps:
            continue
        data = config_maps[volume.name].data
        shown = {item.path: item.key for item in volume.items} or {key: key for key in data}
        files |= {posixpath.join(mount.mount_path, path): data[key] for path, key in shown.items() if key in data}
    return files


def _conf(container: Container) -> str:
    """The path of the Corefile: the argument `-conf`, or the one that all manifests have."""
    return _option(container, "conf") or _USUAL_PATH


def _option(container: Container, name: str) -> str:
    """The value of an argument of Go's package `flag`, `-name=value` or `-name value`; empty where it is not given."""
    words = [*container.command, *container.args]
    for word, following in itertools.zip_longest(words, words[1:], fillvalue=""):
        key, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-") and key == name:
            return value if equals else following
    return ""
