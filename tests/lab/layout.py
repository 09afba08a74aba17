"""Where things are and what they are called: names, addresses and folders of the lab."""

from dataclasses import dataclass
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
HOST_ADDRESS = "10.250.0.254"
HOST_ADDRESS6 = "fd00:250::fe"
POD_CIDR = "10.244.0.0/16"
POD_CIDR6 = "fd00:10:244::/48"
SERVICE_CIDR = "10.96.0.0/16"
SERVICE_CIDR6 = "fd00:10:96::/112"
DNS_SERVICE = "10.96.0.10"
API_SERVICE = "10.96.0.1"
VXLAN_PORT = 4789
VXLAN_OVERHEAD = {4: 50, 6: 70}
"""Bytes of outer headers by outer IP version."""
UNDERLAY_MTU = 1500


@dataclass(frozen=True)
class Node:
    """One node: a network namespace, and a mount namespace in which kubelet and containerd run."""

    name: str
    index: int

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


CONTROL_PLANE = Node("cp", 0)
NODES = (CONTROL_PLANE, Node("w1", 1), Node("w2", 2))
WORKERS = NODES[1:]


def node(name: str) -> Node:
    """Return the node called `name`.

    Raises:
        LabError: there is no such node.
    """
    for candidate in NODES:
        if candidate.name == name:
            return candidate
    raise LabError(f"no node {name!r}: the nodes are {', '.join(each.name for each in NODES)}")


class LabError(Exception):
    """Something went wrong that the person at the terminal can do something about; the message says what."""
