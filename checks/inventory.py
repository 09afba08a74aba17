"""What the cluster is made of, as runbooks need it to fill in their commands. Pure.

A snapshot and its observations are large and kept for an hour; this is the small part of both that a plan names: nodes,
the adapter of each, CoreDNS's replicas, MetalLB.
"""

from collections.abc import Sequence

import msgspec

from checks.cluster import dns
from checks.cluster.metallb import find_metallb
from checks.cluster.owner import Owner, owner_of
from checks.cluster.parts import Part, part_of
from checks.cluster.snapshot import Node as NodeObject
from checks.cluster.snapshot import Snapshot
from checks.dns.plan import find_replicas
from checks.etcd.plan import members
from checks.nic.adapters import TUNNEL_OFFLOADS
from checks.nic.model import Data, Interface, Role
from checks.nic.nodes import adapters
from checks.observation import Observation
from checks.registry import CHECKS

_TALOS = "Talos"


class Adapter(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The interface that carries a node's traffic to other nodes."""

    name: str
    driver: str = ""
    pci_id: str = ""
    mac: str = ""
    mtu: int = 0
    """Bytes; 0 when it could not be read."""
    offloads: dict[str, bool] = {}
    """Which tunnel offloads are on; what the kernel does not tell is not there."""

    @property
    def vmxnet3(self) -> bool:
        """Whether it is a VMXNET3 adapter."""
        return self.driver == "vmxnet3" or self.pci_id == "15ad:07b0"


class Machine(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One node, and the virtual machine that it is."""

    name: str
    address: str = ""
    """Its first InternalIP."""
    control_plane: bool = False
    etcd: bool = False
    """Whether it should have a member of etcd."""
    ready: bool = False
    cordoned: bool = False
    system_uuid: str = ""
    """As the kernel has it: vSphere may show the first three groups in another byte order."""
    provider_id: str = ""
    os_image: str = ""
    owner: Owner | None = None
    """What made the machine; None where the node does not tell."""
    adapters: tuple[Adapter, ...] = ()
    """The adapters that carry the traffic between nodes; none where no agent told."""
    tunnels: tuple[str, ...] = ()
    """Its VXLAN devices."""

    @property
    def talos(self) -> bool:
        """Whether it runs Talos Linux, which has no shell."""
        return self.os_image.startswith(_TALOS)


class DnsReplica(msgspec.Struct, frozen=True):
    """A ready replica of CoreDNS."""

    pod: str
    node: str


class Inventory(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The part of a cluster that plans name."""

    machines: tuple[Machine, ...] = ()
    dns_namespace: str = "kube-system"
    dns_workload: str = ""
    """What makes the replicas of CoreDNS, in kubectl's words: `deployment coredns`; empty where it was not found."""
    kube_proxy: tuple[str, str] = ("", "")
    """Namespace and label of kube-proxy's pods; empty where it has none, as on k3s."""
    dns_replicas: tuple[DnsReplica, ...] = ()
    metallb_namespace: str = ""
    """Empty when MetalLB's controller was not found."""
    metallb_controller: str = ""
    metallb_speaker: str = ""
    pools: dict[str, tuple[str, ...]] = {}
    """The address ranges of each pool, as they are written."""
    services: tuple[str, ...] = ()
    """The cluster IPs in use: the service network is around them."""
    pod_networks: tuple[str, ...] = ()
    """The nodes' podCIDRs."""

    def machine(self, name: str) -> Machine | None:
        """The node of that name."""
        return next((machine for machine in self.machines if machine.name == name), None)


def take_inventory(snapshot: Snapshot, observations: Sequence[Observation]) -> Inventory:
    """What the snapshot and the agents' observations of `nic` say."""
    seen = {heard.node: heard.data for heard in CHECKS["nic"].gather(snapshot, {}, observations).heard}
    service = dns.find_service(snapshot)
    etcd = {node.name for node in members(snapshot)}
    metallb, server = find_metallb(snapshot), dns.workload(snapshot)
    return Inventory(
        machines=tuple(_machine(node, seen.get(node.name), etcd=node.name in etcd) for node in snapshot.nodes),
        dns_namespace=service.metadata.namespace if service else "kube-system",
        dns_workload=f"{server.kind.lower()} {server.metadata.name}" if server else "",
        kube_proxy=_kube_proxy(snapshot),
        dns_replicas=tuple(DnsReplica(t.name, t.node) for t in find_replicas(snapshot)),
        metallb_namespace=metallb.namespace,
        metallb_controller=metallb.controller.metadata.name if metallb.controller else "",
        metallb_speaker=metallb.speaker.metadata.name if metallb.speaker else "",
        pools={
            pool.metadata.name: tuple(map(str, addresses))
            for pool in snapshot.metallb
            if pool.kind == "IPAddressPool" and isinstance(addresses := pool.spec.get("addresses"), list)
        },
        services=tuple(s.spec.cluster_ip for s in snapshot.services if s.spec.cluster_ip not in ("", "None")),
        pod_networks=tuple(dict.fromkeys(network for node in snapshot.nodes for network in node.spec.pod_cidrs)),
    )


def _machine(node: NodeObject, data: Data | None, *, etcd: bool) -> Machine:
    return Machine(
        name=node.name,
        address=next(iter(node.internal_ips), ""),
        control_plane=node.control_plane,
        etcd=etcd,
        ready=node.ready,
        cordoned=node.spec.unschedulable,
        system_uuid=node.status.node_info.system_uuid,
        provider_id=node.spec.provider_id,
        os_image=node.status.node_info.os_image,
        owner=owner_of(node.metadata.labels, node.metadata.annotations),
        adapters=tuple(_adapter(interface) for interface in adapters(data)) if data else (),
        tunnels=tuple(i.name for i in data.interfaces if i.role is Role.TUNNEL and not i.wireguard) if data else (),
    )


def _adapter(interface: Interface) -> Adapter:
    offloads = {name: feature.on for name in TUNNEL_OFFLOADS if (feature := interface.feature(name)) is not None}
    return Adapter(
        name=interface.name,
        driver=interface.driver,
        pci_id=interface.pci_id,
        mac=interface.mac,
        mtu=interface.mtu,
        offloads=offloads,
    )


def _kube_proxy(snapshot: Snapshot) -> tuple[str, str]:
    """Namespace of kube-proxy's pods, and a label that is theirs alone."""
    for pod in snapshot.pods:
        if part_of(pod) is Part.KUBE_PROXY:
            labels = pod.metadata.labels
            key = next((key for key in ("k8s-app", "component", "app") if key in labels), "")
            return pod.metadata.namespace, f"{key}={labels[key]}" if key else ""
    return "", ""
