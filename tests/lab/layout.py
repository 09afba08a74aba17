"""Where things are and what they are called: names, addresses and folders of the lab, and what is chosen of it."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parent
REPOSITORY = SOURCE.parent.parent
CACHE = REPOSITORY / ".cache" / "lab"
"""Built programs and images; ignored by git, safe to delete."""
RUN = Path("/var/lib/netcheck-lab")
"""Everything about the running lab: keys, sockets, logs, containers.

Short, because socket paths are limited to 107 bytes; not below /run, because container images would fill a tmpfs.
"""
LOGS = RUN / "logs"
KUBECONFIG = RUN / "kubeconfig"
LOCK = Path("/run/netcheck-lab.lock")
CGROUP = "netcheck-lab"
"""Every process of the lab, pods included, lives below this cgroup; `down` finds them by it."""

UNDERLAY = "underlay"
"""The namespace that is the network below the nodes: a bridge, one port a node and one to the machine itself."""
BRIDGE = "br0"
HOST_LINK = "netcheck-lab"
"""The machine's own interface into the underlay."""
GATEWAY = "10.250.0.1"
GATEWAY6 = "fd00:250::1"
GATEWAY_MAC = "02:00:00:00:00:01"
HOST_ADDRESS = "10.250.0.254"
HOST_ADDRESS6 = "fd00:250::fe"
POD_CIDR = "10.244.0.0/16"
POD_CIDR6 = "fd00:10:244::/48"
SERVICE_CIDR = "10.96.0.0/16"
SERVICE_CIDR6 = "fd00:10:96::/112"
DNS_SERVICE = "10.96.0.10"
API_SERVICE = "10.96.0.1"
VXLAN_OVERHEAD = {4: 50, 6: 70}
"""Bytes of outer headers by outer IP version."""
UNDERLAY_MTU = 1500


_SHAPE = RUN / "shape.json"
MOST_NODES = 9
"""More than a machine for tests has room for; the addresses would last for a hundred."""
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,58}[a-z0-9])?")
"""Shorter than Kubernetes allows: a path of a socket, with the node's name in it, has 107 bytes at most."""
VXLAN, HOST_GW = "vxlan", "host-gw"
BACKENDS = (VXLAN, HOST_GW)
"""Of flannel: a tunnel, and plain routes by the other nodes' addresses."""
_RESERVED = ("underlay", "control-plane", "upstream", "vcenter", "pids", "pki", "logs", "etcd", "faults", "helm")
"""Names that the lab's own folders and cgroups have beside the nodes'."""


class LabError(Exception):
    """Something went wrong that the person at the terminal can do something about; the message says what."""


@dataclass(frozen=True)
class Shape:
    """What may be chosen when a lab is started."""

    names: tuple[str, ...] = ("cp", "w1", "w2")
    """Of its nodes, the control plane's first."""
    dual_stack: bool = False
    """Whether there is IPv6 beside IPv4."""
    metallb: str = "metallb-system"
    """The namespace of MetalLB."""
    vxlan_port: int = 4789
    """The UDP port of the tunnel."""
    flanneld: str = ""
    """The backend with which flannel's own daemon connects the nodes; empty where the lab itself does what it would."""

    def check(self) -> None:
        """Refuse what no lab can be.

        Raises:
            LabError: a name cannot be a node's or a namespace's, is there twice, or there are too many nodes.
        """
        if not 1 <= len(self.names) <= MOST_NODES:
            raise LabError(f"{len(self.names)} nodes: a lab has 1 to {MOST_NODES}")
        for name in (*self.names, self.metallb):
            if not _NAME.fullmatch(name) or name in _RESERVED:
                raise LabError(
                    f"{name!r} cannot be a name: up to 60 of a-z, 0-9, `-` and `.`, not {', '.join(_RESERVED)}"
                )
        if len(set(self.names)) < len(self.names):
            raise LabError(f"two nodes of one name: {', '.join(self.names)}")
        if "." in self.metallb:
            raise LabError(f"{self.metallb!r}: a namespace's name has no dot")
        if self.flanneld and (self.flanneld not in BACKENDS or self.dual_stack):
            raise LabError(f"flanneld here knows IPv4 alone, with one of {', '.join(BACKENDS)}")
        if not 1024 <= self.vxlan_port <= 65535:
            raise LabError(f"port {self.vxlan_port}: 1024 to 65535")

    @property
    def options(self) -> list[str]:
        """The words after `up` that choose it."""
        words = ["--names", ",".join(self.names), "--metallb", self.metallb, "--vxlan-port", str(self.vxlan_port)]
        words += ["--dual-stack"] * self.dual_stack
        return [*words, "--flanneld", self.flanneld] if self.flanneld else words

    @property
    def coredns_replicas(self) -> int:
        """Two, no two of which share a node, as far as there are nodes that take them."""
        return min(2, max(1, len(self.names) - 1))


def shape() -> Shape:
    """What was chosen for the lab that there is; the usual where there is none."""
    try:
        chosen = json.loads(_SHAPE.read_text())
    except FileNotFoundError:
        return Shape()
    return Shape(**{**chosen, "names": tuple(chosen["names"])})


def choose(chosen: Shape) -> None:
    """Remember what was chosen; RUN exists."""
    _SHAPE.write_text(json.dumps(asdict(chosen)) + "\n")


@dataclass(frozen=True)
class Node:
    """One node: a network namespace, and a mount namespace in which kubelet and containerd run."""

    index: int

    @property
    def name(self) -> str:
        """What it is called."""
        return shape().names[self.index]

    @property
    def port(self) -> str:
        """Its port on the bridge: names of interfaces are shorter than those of nodes may be."""
        return f"port{self.index}"

    @property
    def address(self) -> str:
        """The node's IPv4 address on the underlay."""
        return f"10.250.0.{10 + self.index}"

    @property
    def address6(self) -> str:
        """The node's IPv6 address on the underlay."""
        return f"fd00:250::{10 + self.index}"

    @property
    def mac(self) -> str:
        """The MAC address of eth0, with VMware's own prefix for hand-assigned addresses."""
        return f"00:50:56:00:00:{10 + self.index:02x}"

    @property
    def vtep_mac(self) -> str:
        """The MAC address of flannel.1."""
        return f"7a:00:00:00:00:{10 + self.index:02x}"

    @property
    def pod_subnet(self) -> str:
        """The node's share of the pod network, IPv4."""
        return f"10.244.{self.index}.0/24"

    @property
    def pod_subnet6(self) -> str:
        """The node's share of the pod network, IPv6."""
        return f"fd00:10:244:{self.index}::/64"

    @property
    def vtep(self) -> str:
        """The address of flannel.1, IPv4."""
        return f"10.244.{self.index}.0"

    @property
    def vtep6(self) -> str:
        """The address of flannel-v6.1."""
        return f"fd00:10:244:{self.index}::"

    @property
    def run(self) -> Path:
        """The node's folder below RUN."""
        return RUN / self.name


CONTROL_PLANE = Node(0)
W1, W2 = Node(1), Node(2)
"""The first and the second worker, which a small lab may not have."""


def nodes() -> list[Node]:
    """All of them, the control plane's first."""
    return list(map(Node, range(len(shape().names))))


def workers() -> list[Node]:
    """Those that take everybody's pods: all but the control plane's, unless it is alone."""
    return nodes()[1:] or nodes()


def node(name: str) -> Node:
    """Return the node called `name`.

    Raises:
        LabError: there is no such node.
    """
    for candidate in nodes():
        if candidate.name == name:
            return candidate
    raise LabError(f"no node {name!r}: the nodes are {', '.join(shape().names)}")
