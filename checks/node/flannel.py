"""What Flannel wrote on the Nodes about its overlay: who has which subnet, behind which address and MAC. Pure.

Each flanneld writes its own Node's annotations, and makes of those of the others its routes, neighbours and entries of
the VXLAN device (flannel-io/flannel v0.28, `pkg/subnet/kube/annotations.go`, `pkg/backend/vxlan/vxlan_network.go`,
`pkg/backend/hostgw/hostgw.go`).
"""

import dataclasses
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from checks.cluster.parts import Part, Sign, sign_of
from checks.cluster.snapshot import Node, Snapshot

_PREFIX = "flannel.alpha.coreos.com/"
BACKEND = _PREFIX + "backend-type"
VXLAN, HOST_GW = "vxlan", "host-gw"
_DATA = {4: _PREFIX + "backend-data", 6: _PREFIX + "backend-v6-data"}
_ADDRESS = {4: _PREFIX + "public-ip", 6: _PREFIX + "public-ipv6"}
_DEVICE = {4: "flannel.{vni}", 6: "flannel-v6.{vni}"}
_PRODUCTS = frozenset({"Flannel", "Canal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One node's pod subnet of one family, and how others reach it."""

    node: str
    version: int
    backend: str
    subnet: str
    address: str
    """Where the tunnel's packets for the node are sent, or the gateway where there is no tunnel."""
    device: str = ""
    """The VXLAN device; empty where there is no tunnel."""
    mac: str = ""
    """Of that device."""

    @property
    def gateway(self) -> str:
        """The next hop inside the tunnel: the subnet's first address, which the peer's device has."""
        return str(ipaddress.ip_network(self.subnet).network_address)


def cni_signs(snapshot: Snapshot) -> list[Sign]:
    """The network plugins that are found; none in k3s, whose Flannel is a part of it."""
    return [sign for workload in snapshot.workloads if (sign := sign_of(workload)) and sign.part is Part.CNI]


def leases(snapshot: Snapshot) -> Mapping[str, tuple[Lease, ...]]:
    """The leases by node; none where another network plugin is found: annotations outlive the plugin."""
    signs = cni_signs(snapshot)
    if signs and not any(sign.product in _PRODUCTS for sign in signs):
        return {}
    found = {node.name: tuple(_leases(node)) for node in snapshot.nodes}
    return {name: each for name, each in found.items() if each}


def _leases(node: Node) -> Iterator[Lease]:
    said = node.metadata.annotations
    backend = said.get(BACKEND, "")
    for subnet in node.spec.pod_cidrs:
        version = _version(subnet)
        address = said.get(_ADDRESS.get(version, ""), "")
        if not version or _version(address) != version or backend not in (VXLAN, HOST_GW):
            continue
        lease = Lease(node=node.name, version=version, backend=backend, subnet=subnet, address=address)
        if backend == HOST_GW:
            yield lease
        elif data := _vtep(said.get(_DATA[version], "")):
            device = _DEVICE[version].format(vni=data.vni)
            yield dataclasses.replace(lease, device=device, mac=data.mac.lower())


class _Vtep(msgspec.Struct):
    mac: str = msgspec.field(name="VtepMAC")
    vni: int = msgspec.field(name="VNI", default=1)


def _vtep(data: str) -> _Vtep | None:
    try:
        return msgspec.json.decode(data, type=_Vtep)
    except (msgspec.MsgspecError, RecursionError, ValueError):  # nested without end; no UTF-8
        return None


def _version(text: str) -> int:
    """4 or 6 of an address or a subnet; 0 of anything else."""
    try:
        return ipaddress.ip_network(text).version
    except ValueError:
        return 0
