"""Which address families a cluster uses, as its objects say."""

from collections.abc import Iterable

from checks.cluster.snapshot import Snapshot


def is_ipv6(address: str) -> bool:
    """Whether an address or a network is of IPv6."""
    return ":" in address


def first_ipv6(addresses: Iterable[str]) -> str:
    """The first IPv6 address; empty when there is none."""
    return next((address for address in addresses if is_ipv6(address)), "")


def pod_families_by_node(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """The families of each node's pod network, where they are known: `IPv4`, `IPv6` or both.

    Read from the nodes' podCIDRs; where the CNI keeps its own (Cilium, Calico), from the pods' addresses.
    """
    addresses = {node.name: set(node.spec.pod_cidrs) for node in snapshot.nodes}
    if not any(addresses.values()):
        for pod in snapshot.pods:
            if not pod.spec.host_network:
                addresses.setdefault(pod.spec.node_name, set()).update(pod.ips)
    return {
        node: frozenset("IPv6" if is_ipv6(address) else "IPv4" for address in own)
        for node, own in addresses.items()
        if own
    }


def pod_families(snapshot: Snapshot) -> frozenset[str]:
    """The families of the pod network: `IPv4`, `IPv6` or both."""
    return frozenset().union(*pod_families_by_node(snapshot).values())


def service_families(snapshot: Snapshot) -> frozenset[str]:
    """The families of the cluster's Services."""
    return frozenset(family for service in snapshot.services for family in service.spec.ip_families)


def uses_ipv6(snapshot: Snapshot) -> bool:
    """Whether pods or Services have IPv6 addresses. Nodes may have them without the cluster using any."""
    return "IPv6" in pod_families(snapshot) | service_families(snapshot)
