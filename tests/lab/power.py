"""Switches nodes off and on as a hypervisor does, and changes the adapter of one that is off."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab import cgroups, controlplane, hardware, network, runtime
from tests.lab.controlplane import kubectl
from tests.lab.faults import switch
from tests.lab.layout import CONTROL_PLANE, RUN, LabError, Node, nodes
from tests.lab.process import daemons

_BOOT_DEADLINE = 90.0
"""Seconds; 3 to 20 were measured."""


@dataclass(frozen=True)
class _Life:
    """What the API server knows of a node that only kubelet writes."""

    heartbeat: str
    """When kubelet last renewed the node's lease: RFC 3339 in UTC with six decimals, so later is greater."""
    restarts: dict[tuple[str, str], int]
    """How often each container of its pods was started again, by the pod's UID and the container's name."""
    ready: bool


def is_on(node: Node) -> bool:
    """Tell whether a node is switched on: plugged in, and its kubelet runs."""
    return network.switched_on([node]) == [node] and daemons().get(f"kubelet-{node.name}", False)


def power_off(node: Node) -> None:
    """Switch a node off as if its plug was pulled, whatever state it is in.

    Nothing of it is told to anybody: the cluster calls it NotReady after some 45 s.
    """
    _end(node)
    switch.follow_power(node)


def _end(node: Node) -> None:
    # First, or the dying processes would still close their connections, which a machine without power does not.
    network.unplug(node)
    groups = _cgroups(node)
    for group in groups:
        cgroups.kill(group)
    network.remove_node(node)
    for group in groups:
        cgroups.remove(group)
    for path in _pid_files(node):
        path.unlink(missing_ok=True)


def power_on(node: Node) -> None:
    """Switch a node on and wait until it has truly booted; one that is on already stays so.

    Its pods' own readiness comes 10 to 20 s later. While the API server is off there is nobody to wait for.

    Raises:
        LabError: it does not boot.
    """
    if is_on(node):
        return
    # What is left where somebody was cut short.
    _end(node)
    network.create_node(node)
    if node == CONTROL_PLANE:
        controlplane.start_api()
        controlplane.start_controllers()
    runtime.start_container_runtime(node)
    switch.follow_power(node)
    # A node off for a few seconds was never missed, and "Ready" is then said of its last life.
    before = _life(node) if is_on(CONTROL_PLANE) else None
    runtime.start_kubelet(node)
    runtime.start_kube_proxy(node)
    if before:
        runtime.wait_for(f"{node.name} after its boot", lambda: _has_booted(before, _life(node)), _BOOT_DEADLINE)


def set_adapter(node: Node, kind: str) -> None:
    """Give a node that is off an adapter of another kind.

    Raises:
        LabError: there is no such kind, or the node is on.
    """
    if is_on(node):
        raise LabError(f"{node.name} is on: adapters are changed with the power off, `power off {node.name}` first")
    hardware.keep_adapter(node, kind)


def restore() -> None:
    """Have every node on, with the adapter that it had when the lab was started."""
    for node in nodes():
        if hardware.adapter(node) != hardware.VMXNET3:
            power_off(node)
            set_adapter(node, hardware.VMXNET3)
        power_on(node)


def _cgroups(node: Node) -> list[str]:
    return [node.name, *([controlplane.CGROUP] if node == CONTROL_PLANE else [])]


def _pid_files(node: Node) -> list[Path]:
    pids = RUN / "pids"
    own = list(pids.glob(f"*-{node.name}"))
    return own + ([pids / name for name in controlplane.DAEMONS] if node == CONTROL_PLANE else [])


def _life(node: Node) -> _Life:
    lease = ("-n", "kube-node-lease", "get", "lease", node.name, "-o", "jsonpath={.spec.renewTime}")
    ready = ("get", "node", node.name, "-o", 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')
    pods = json.loads(
        kubectl("get", "pods", "--all-namespaces", f"--field-selector=spec.nodeName={node.name}", "-o", "json")
    )
    return _Life(kubectl(*lease), _restarts(pods["items"]), kubectl(*ready) == "True")


def _restarts(pods: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """Of what runs for good; what is being deleted or has ended is not started again."""
    return {
        (pod["metadata"]["uid"], container["name"]): container["restartCount"]
        for pod in pods
        if pod["spec"]["restartPolicy"] == "Always" and "deletionTimestamp" not in pod["metadata"]
        for container in pod["status"].get("containerStatuses", [])
    }


def _has_booted(before: _Life, now: _Life) -> bool:
    restarted = all(now.restarts.get(each, count + 1) > count for each, count in before.restarts.items())
    return now.heartbeat > before.heartbeat and restarted and now.ready
