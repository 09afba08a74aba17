"""Where kube-proxy should be, and what may be in its place. Pure."""

from checks.cluster.parts import Part, part_of, sign_of
from checks.cluster.snapshot import Snapshot

_CILIUM = "kube-proxy-replacement"
"""The key of Cilium's ConfigMap; `strict` and `probe` are words of releases before 1.14."""
_REPLACED = frozenset({"true", "strict"})
_INSTEAD = frozenset({"Antrea", "Kube-OVN", "OVN-Kubernetes", "OpenShift SDN", "kube-router"})
"""Network plugins that translate Services by themselves, or can: where no kube-proxy is seen beside them, they do."""


def in_place_of(snapshot: Snapshot) -> str:
    """The product that translates Services instead; empty where nothing tells so."""
    for config_map in snapshot.config_maps:
        if config_map.data.get(_CILIUM, "").lower() in _REPLACED:
            return "Cilium"
    if _workloads(snapshot):
        return ""
    products = {sign.product for workload in snapshot.workloads if (sign := sign_of(workload))}
    return min(products & _INSTEAD, default="")


def expected_on(snapshot: Snapshot, node: str) -> bool:
    """Whether something says that kube-proxy should be on a node: its pod there, or its DaemonSet.

    In k3s it is a part of the same process, which may have been told to do without.
    """
    its = (pod for pod in snapshot.pods if pod.spec.node_name == node and part_of(pod) is Part.KUBE_PROXY)
    return any(its) or _workloads(snapshot)


def _workloads(snapshot: Snapshot) -> bool:
    """Whether there is a DaemonSet of it that has a node: Calico's eBPF mode leaves it with none."""
    return any(part_of(workload) is Part.KUBE_PROXY and workload.is_wanted for workload in snapshot.workloads)
