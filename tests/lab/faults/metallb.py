"""Faults of MetalLB: its pools and advertisements, its speakers, and the ways between them."""

import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.lab.addons import in_metallb
from tests.lab.controlplane import apply, kubectl
from tests.lab.faults.cluster import pod_processes
from tests.lab.faults.model import VERDICTS, Values, delete_table
from tests.lab.layout import RUN, LabError, Node, nodes, shape
from tests.lab.network import switched_on
from tests.lab.process import pid, run, start
from tests.lab.runtime import wait_for

MEMBERLIST_PORT = 7946
EXCLUDED_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
RANGE = "198.51.100"
"""Of RFC 5737: nobody has such addresses, nor does netcheck's dry run or the lab's own pool take them."""
_MARK = "netcheck-lab-fault"
"""The label of every object that a fault makes, with the fault's name."""
_KINDS = "ipaddresspools.metallb.io,l2advertisements.metallb.io"
_SPEAKER = ("rollout", "status", "daemonset/speaker", "--timeout=60s")
_SPEAKERS = "component=speaker"
_CONTROLLER = ("rollout", "status", "deployment/controller", "--timeout=120s")
_CONTROLLERS = "component=controller"
_GOSSIP = "inet netcheck-lab-gossip"
_OLD_S = 31
"""Seconds after which netcheck no longer takes a pool for one that was made just now."""
_SQUATTER = f"""
import socket, time
def taken(kind):
    while True:
        one = socket.socket(socket.AF_INET, kind)
        # What is left of the speaker's connections keeps nobody out then, and a speaker that listens still does.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind is socket.SOCK_STREAM)
        try:
            one.bind(("0.0.0.0", {MEMBERLIST_PORT}))
            return one
        except OSError:
            one.close()
            time.sleep(0.002)
stream, datagrams = taken(socket.SOCK_STREAM), taken(socket.SOCK_DGRAM)
stream.listen()
while True:
    stream.accept()[0].close()
"""
"""Another program that wants the speakers' port, and takes it the moment that it is free."""


def service_name(text: str) -> tuple[str, str]:
    """Return namespace and name of a Service, written with a slash between them."""
    match = re.fullmatch(r"([a-z0-9-]{1,40})/([a-z0-9-]{1,40})", text)
    if match is None:
        raise ValueError(text)
    return match[1], match[2]


def inject_exhausted(values: Values) -> None:
    """Make a pool of some addresses, give all of them away, and let one more Service ask."""
    fault, (namespace, name), size = "pool-exhausted", values["service"], values["size"]
    apply(_namespace(fault, namespace), _pool(fault, f"{RANGE}.1-{RANGE}.{size}"), _advertisement(fault))
    holders = [f"{name}-{number}" for number in range(size)]
    apply(*(_service(fault, namespace, each) for each in holders))
    for each in holders:
        kubectl("-n", namespace, "wait", "--for=jsonpath={.status.loadBalancer.ingress}", f"service/{each}")
    apply(_service(fault, namespace, name))
    wait_for("the refusal", lambda: "AllocationFailed" in _events(namespace, name))


def _events(namespace: str, name: str) -> str:
    selector = f"--field-selector=involvedObject.kind=Service,involvedObject.name={name}"
    return kubectl("-n", namespace, "get", "events", selector, "-o", "jsonpath={.items[*].reason}")


def undo_exhausted(values: Values) -> None:
    """Delete the Services with their namespace, and then the pool."""
    kubectl("delete", "namespace", values["service"][0], "--ignore-not-found", "--timeout=60s")
    _delete("pool-exhausted")


def inject_overlap(values: Values) -> None:
    """Make a pool that gives nodes' own addresses, though to nobody who does not ask for one."""
    fault = "pool-overlap"
    addresses = [f"{target.address}/32" for target in values["node"]]
    apply(_pool(fault, *addresses, automatic=False), _advertisement(fault))


def undo_overlap(_: Values) -> None:
    """Delete the pool."""
    _delete("pool-overlap")


def inject_not_announced(_: Values) -> None:
    """Make a pool that no advertisement is for, and wait until it is no new one."""
    apply(_pool("pool-not-announced", f"{RANGE}.64/28"))
    _wait_until_old("pool-not-announced")


def undo_not_announced(_: Values) -> None:
    """Delete the pool."""
    _delete("pool-not-announced")


def remember_excluded() -> Values:
    """Read which nodes have the label already."""
    names = kubectl("get", "nodes", "-l", EXCLUDED_LABEL, "-o", "jsonpath={.items[*].metadata.name}")
    return {"excluded": names.split()}


def inject_excluded(_: Values) -> None:
    """Make a pool that is announced, and give every node the label that keeps it from announcing."""
    fault = "excluded-nodes"
    apply(_pool(fault, f"{RANGE}.96/28"), _advertisement(fault))
    kubectl("label", "--overwrite", "nodes", "--all", f"{EXCLUDED_LABEL}=")


def undo_excluded(values: Values) -> None:
    """Take the label from those that had it not, and delete the pool."""
    for target in nodes():
        if target.name not in values["excluded"]:
            kubectl("label", "node", target.name, f"{EXCLUDED_LABEL}-")
    _delete("excluded-nodes")


def inject_hung(values: Values) -> None:
    """Stop the speakers' processes where they are; kubelet kills one that fails its probe for half a minute."""
    for target in values["node"]:
        processes = _processes(target)
        if not processes:
            raise LabError(f"no speaker runs on {target.name}")
        for process in processes:
            os.kill(process, signal.SIGSTOP)


def undo_hung(values: Values) -> None:
    """Let them go on, and wait until all are ready; some may have been replaced."""
    for target in switched_on(values["node"]):
        for process in _processes(target):
            os.kill(process, signal.SIGCONT)
    kubectl(*in_metallb(), *_SPEAKER)


def inject_webhook_hangs(_: Values) -> None:
    """Stop the controller's process where it is; kubelet kills one that fails its probe for half a minute."""
    processes = [process for node in nodes() for process in pod_processes(node, shape().metallb, _CONTROLLERS)]
    if not processes:
        raise LabError("no controller of MetalLB runs")
    for process in processes:
        os.kill(process, signal.SIGSTOP)


def undo_webhook_hangs(_: Values) -> None:
    """Let it go on, and wait until it is ready; it may have been replaced."""
    for node in switched_on(nodes()):
        for process in pod_processes(node, shape().metallb, _CONTROLLERS):
            os.kill(process, signal.SIGCONT)
    kubectl(*in_metallb(), *_CONTROLLER)


def inject_port_taken(values: Values) -> None:
    """Let another program take the port on the nodes as their speakers end, so that these cannot start again."""
    for target in values["node"]:
        squatter = ["nsenter", f"--net=/run/netns/{target.name}", sys.executable, "-c", _SQUATTER]
        start(f"squatter-{target.name}", f"{target.name}/system", squatter)
        for process in _processes(target):
            os.kill(process, signal.SIGKILL)
    for target in values["node"]:
        wait_for(f"the speaker's end on {target.name}", _is_not_ready(target))


def _is_not_ready(target: Node) -> Callable[[], bool]:
    selector = ("-l", _SPEAKERS, f"--field-selector=spec.nodeName={target.name}")
    ready = "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"
    return lambda: "False" in kubectl(*in_metallb(), "get", "pods", *selector, "-o", ready)


def undo_port_taken(values: Values) -> None:
    """End the other program and delete the pods: kubelet would wait longer each time before it starts one again."""
    for target in switched_on(values["node"]):
        with contextlib.suppress(LabError, ProcessLookupError):
            os.kill(pid(f"squatter-{target.name}"), signal.SIGKILL)
        (RUN / "pids" / f"squatter-{target.name}").unlink(missing_ok=True)
        selector = ("-l", _SPEAKERS, f"--field-selector=spec.nodeName={target.name}")
        kubectl(*in_metallb(), "delete", "pods", *selector, "--grace-period=1")
    kubectl(*in_metallb(), *_SPEAKER)


def inject_memberlist_blocked(values: Values) -> None:
    """Drop or reject what arrives for the memberlist in the nodes' own firewalls, TCP and UDP."""
    rules = f"""
table {_GOSSIP} {{
  chain input {{
    type filter hook input priority filter;
    iifname "lo" accept
    meta l4proto {{ tcp, udp }} th dport {MEMBERLIST_PORT} {VERDICTS[values["verdict"]]}
  }}
}}
"""
    for target in values["node"]:
        run("ip", "netns", "exec", target.name, "nft", "-f", "-", stdin=rules)


def undo_memberlist_blocked(values: Values) -> None:
    """Remove the rule."""
    for target in switched_on(values["node"]):
        run("ip", "netns", "exec", target.name, "nft", "-f", "-", stdin=delete_table(_GOSSIP))


def _processes(target: Node) -> list[int]:
    """Return the process ids of the node's speaker, without the one that holds its pod."""
    found = []
    for process in pod_processes(target, shape().metallb, _SPEAKERS):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{process}/comm").read_text().strip() == "speaker":
                found.append(process)
    return found


def _wait_until_old(fault: str) -> None:
    """Return when a pool of that name is old enough to be judged."""
    made_at = time.monotonic()
    wait_for(f"the age of the pool {fault}", lambda: time.monotonic() - made_at > _OLD_S, deadline=2 * _OLD_S)


def _delete(fault: str) -> None:
    kubectl(*in_metallb(), "delete", _KINDS, "-l", f"{_MARK}={fault}", "--ignore-not-found")


def _meta(fault: str, name: str, namespace: str = "") -> dict[str, object]:
    where: dict[str, object] = {"namespace": namespace} if namespace else {}
    return {"name": name, "labels": {_MARK: fault}, **where}


def _namespace(fault: str, name: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": _meta(fault, name)}


def _pool(fault: str, *addresses: str, automatic: bool = True) -> dict[str, object]:
    return {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": _meta(fault, fault, shape().metallb),
        "spec": {"addresses": list(addresses), "autoAssign": automatic},
    }


def _advertisement(fault: str) -> dict[str, object]:
    return {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "L2Advertisement",
        "metadata": _meta(fault, fault, shape().metallb),
        "spec": {"ipAddressPools": [fault]},
    }


def _service(fault: str, namespace: str, name: str) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**_meta(fault, name, namespace), "annotations": {"metallb.io/address-pool": fault}},
        "spec": {"type": "LoadBalancer", "selector": {"app": name}, "ports": [{"port": 80}]},
    }
