"""What looks like trouble and is none: the cluster is well with all of it, and whoever diagnoses it has to say so."""

import os
import signal
from functools import partial
from typing import Any

from tests.lab import addons, cgroups
from tests.lab.controlplane import apply, kubectl
from tests.lab.faults.cluster import coredns_processes
from tests.lab.faults.model import Fault, Parameter, Values, delete_table, node_parameter, one_of, within
from tests.lab.layout import W1, W2, LabError, Node, shape, workers
from tests.lab.network import set_tunnel_offloads, switched_on
from tests.lab.process import pid, run
from tests.lab.runtime import wait_for

SHOP = "shop"
"""The namespace of an application that is nobody's network."""
_ACCEPTING = "inet netcheck-lab-accepting"
_TAINT = "netcheck-lab/kept-free"
DAMAGED = 400
"""Datagrams with a wrong checksum, to be counted before anybody looks."""


def _on_nodes(*command: str) -> Any:
    def act(values: Values) -> None:
        for target in switched_on(values["node"]):
            run("ip", "netns", "exec", target.name, *command)

    return act


def _cordon(values: Values) -> None:
    kubectl("cordon", *(target.name for target in values["node"]))


def _uncordon(values: Values) -> None:
    kubectl("uncordon", *(target.name for target in values["node"]))


def _taint(values: Values) -> None:
    for target in values["node"]:
        kubectl("taint", "node", target.name, f"{_TAINT}=yes:NoSchedule", "--overwrite")


def _untaint(values: Values) -> None:
    for target in values["node"]:
        if _TAINT in kubectl("get", "node", target.name, "-o", "jsonpath={.spec.taints[*].key}"):
            kubectl("taint", "node", target.name, f"{_TAINT}-")


def _restart_coredns(values: Values) -> None:
    """End the process once, and wait until its kubelet has started it again."""
    for target in values["node"]:
        before = coredns_processes(target)
        if not before:
            raise LabError(f"no CoreDNS replica runs on {target.name}")
        os.kill(max(before), signal.SIGKILL)
        wait_for("another process", partial(_another_process, target, set(before)))
    addons.wait_for_rollout("kube-system", "deployment/coredns")


def _another_process(target: Node, before: set[int]) -> bool:
    return bool(set(coredns_processes(target)) - before)


def _scale_coredns(values: Values) -> None:
    """No two share a node, so that of more than there are workers some stay pending."""
    kubectl("-n", "kube-system", "scale", "deployment/coredns", f"--replicas={values['replicas']}")
    running = min(values["replicas"], len(workers()))
    wait_for("CoreDNS", lambda: _ready_coredns() == running)


def _ready_coredns() -> int:
    path = "jsonpath={.status.readyReplicas}"
    return int(kubectl("-n", "kube-system", "get", "deployment", "coredns", "-o", path).strip() or 0)


def _usual_coredns(_: Values) -> None:
    _scale_coredns({"replicas": shape().coredns_replicas})


def _offloads(values: Values) -> None:
    for target in values["node"]:
        set_tunnel_offloads(target, "on")


def _no_offloads(values: Values) -> None:
    for target in switched_on(values["node"]):
        set_tunnel_offloads(target, "off")


def _damage_counters(values: Values) -> None:
    """Send a node datagrams with a wrong checksum, by a raw socket of the network below: counted since boot."""
    for target in values["node"]:
        program = (
            "import socket,struct;"
            "s=socket.socket(socket.AF_INET,socket.SOCK_RAW,socket.IPPROTO_UDP);"
            f"[s.sendto(struct.pack('!4H',9,9,12,0xdead)+b'nck!',('{target.address}',0)) for _ in range({DAMAGED})]"
        )
        run("ip", "netns", "exec", "underlay", "python3", "-c", program)


def _nothing(_: Values) -> None:
    """What was counted stays counted."""


def _accept(values: Values) -> None:
    """A packet filter that counts what passes, and drops what nobody sends."""
    rules = f"""
table {_ACCEPTING} {{
  chain input {{
    type filter hook input priority filter;
    udp dport {shape().vxlan_port} counter accept
    tcp dport 31337 counter drop
  }}
  chain forward {{
    type filter hook forward priority filter;
    meta l4proto tcp counter
    tcp dport 31337 counter reject with tcp reset
  }}
}}
"""
    for target in values["node"]:
        run("ip", "netns", "exec", target.name, "nft", "-f", "-", stdin=rules)


def _accept_no_more(values: Values) -> None:
    for target in switched_on(values["node"]):
        run("ip", "netns", "exec", target.name, "nft", "-f", "-", stdin=delete_table(_ACCEPTING))


DEVICES = {
    # As Cilium and Open vSwitch make them: the tunnel's key comes with each packet, and the MTU says nothing.
    "cilium_vxlan": ("mtu 1500 type vxlan external dstport 8473", "up"),
    "vxlan_sys_8472": ("mtu 65000 type vxlan external dstport 8472", "up"),
    # Left by a network plugin that is gone.
    "vxlan.calico": ("mtu 1410 type vxlan id 4096 dstport 8474", "down"),
    "storage0": ("mtu 9000 type bridge", "up"),
}


def _add_device(values: Values) -> None:
    options, state = DEVICES[values["device"]]
    for target in values["node"]:
        lines = f"link add {values['device']} {options}\nlink set {values['device']} {state}\n"
        run("ip", "-n", target.name, "-batch", "-", stdin=lines)


def _remove_device(values: Values) -> None:
    for target in switched_on(values["node"]):
        if values["device"] in run("ip", "-n", target.name, "-o", "link", "show"):
            run("ip", "-n", target.name, "link", "delete", values["device"])


def _starve(values: Values) -> None:
    """Give the agents of the nodes hardly any of a processor."""
    _quota(values["node"], values["percent"])


def _feed(values: Values) -> None:
    _quota(switched_on(values["node"]), -1)


def _quota(nodes: list[Node], percent: int) -> None:
    for target in nodes:
        selector = ("-l", "app.kubernetes.io/name=netcheck", f"--field-selector=spec.nodeName={target.name}")
        uids = kubectl("-n", "netcheck", "get", "pods", *selector, "-o", "jsonpath={.items[*].metadata.uid}").split()
        for uid in uids:
            for root in cgroups.folders(f"{target.name}/kubepods"):
                for period in root.rglob(f"pod{uid}/*/cpu.cfs_period_us"):
                    quota = percent * int(period.read_text()) // 100 if percent > 0 else -1
                    period.with_name("cpu.cfs_quota_us").write_text(str(quota))


def _service(name: str, **spec: object) -> dict[str, object]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": SHOP},
        "spec": {"ports": [{"name": "http", "port": 80}], **spec},
    }


def _deployment(name: str, image: str, replicas: int) -> dict[str, object]:
    labels = {"app": name}
    pod = {
        "containers": [{"name": name, "image": image, "imagePullPolicy": "Never"}],
        "terminationGracePeriodSeconds": 1,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": SHOP},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


APPLICATIONS: dict[str, list[dict[str, object]]] = {
    "scaled-to-zero": [_deployment("web", "shop/web:1", 0), _service("web", selector={"app": "web"})],
    "no-image": [_deployment("web", "shop/web:missing", 1), _service("web", selector={"app": "web"})],
    "selectorless": [_service("legacy")],
    "external-name": [_service("partner", type="ExternalName", externalName="api.example.org")],
    "headless": [_service("peers", clusterIP="None", selector={"app": "peers"})],
    "other-load-balancer": [
        _service("public", type="LoadBalancer", loadBalancerClass="example.org/cloud", selector={"app": "web"})
    ],
    "node-port": [_service("door", type="NodePort", selector={"app": "web"})],
    "policy": [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "closed", "namespace": SHOP},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        }
    ],
}


def _apply_application(values: Values) -> None:
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP}}, *APPLICATIONS[values["what"]])


def _delete_shop(_: Values) -> None:
    kubectl("delete", "namespace", SHOP, "--ignore-not-found", "--timeout=60s")


def _pool(name: str, addresses: str, **spec: object) -> dict[str, object]:
    return {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"name": name},
        "spec": {"addresses": [addresses], **spec},
    }


_ADVERTISEMENT: dict[str, object] = {
    "apiVersion": "metallb.io/v1beta1",
    "kind": "L2Advertisement",
    "metadata": {"name": "shop"},
    "spec": {},
}
POOLS: dict[str, list[dict[str, object]]] = {
    "used": [
        _pool("shop", "10.250.0.200-10.250.0.209"),
        _ADVERTISEMENT,
        _service("public", type="LoadBalancer", selector={"k8s-app": "kube-dns"}),
    ],
    "unused": [_pool("shop", "10.250.0.200/30"), _ADVERTISEMENT],
    "by-hand": [_pool("shop", "10.250.0.200-10.250.0.209", autoAssign=False), _ADVERTISEMENT],
    "two": [
        _pool("shop", "10.250.0.200-10.250.0.209"),
        _pool("office", "10.250.0.220-10.250.0.229", avoidBuggyIPs=True),
        _ADVERTISEMENT,
    ],
}


def _apply_pools(values: Values) -> None:
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP}})
    apply(*map(_placed, POOLS[values["what"]]))
    if values["what"] == "used":
        wait_for("the address", _has_address)


def _placed(made: dict[str, Any]) -> dict[str, Any]:
    """An object of MetalLB in its namespace, and every other one where it is."""
    return {**made, "metadata": {"namespace": shape().metallb, **made["metadata"]}}


def _has_address() -> bool:
    got = kubectl("-n", SHOP, "get", "service", "public", "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}")
    return bool(got.strip())


def _delete_pools(values: Values) -> None:
    _delete_shop(values)
    for kind in ("l2advertisement", "ipaddresspool"):
        kubectl(*addons.in_metallb(), "delete", kind, "--all", "--timeout=60s")


_CLOSED: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "closed"},
    "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
}


def _close(_: Values) -> None:
    apply(_placed(_CLOSED))


def _close_no_more(_: Values) -> None:
    kubectl(*addons.in_metallb(), "delete", "networkpolicy", "closed", "--ignore-not-found")


def _place(values: Values) -> None:
    addons.place_metallb_controller(values["node"][0])


def _place_back(_: Values) -> None:
    addons.place_metallb_controller(workers()[0])


def _hold_connections(values: Values) -> None:
    """Let a node's connection tracking know many connections, by datagrams from many ports to where nobody listens."""
    for target in values["node"]:
        program = (
            "import socket\n"
            "for port in range(20000, 24000):\n"
            "    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:\n"
            "        s.bind(('10.250.0.1', port))\n"
            f"        s.sendto(b'x', ('{target.address}', 9))\n"
        )
        run("ip", "netns", "exec", "underlay", "python3", "-c", program)


def _stop_scheduler(_: Values) -> None:
    os.kill(pid("kube-scheduler"), signal.SIGSTOP)


def _go_on_scheduler(_: Values) -> None:
    os.kill(pid("kube-scheduler"), signal.SIGCONT)


_NODE = {"node": node_parameter(W1)}

HARMLESS = (
    Fault("cordoned", "the node takes no new pods", _cordon, _uncordon, _NODE, in_cluster=True),
    Fault("tainted", "the node is kept free for something", _taint, _untaint, _NODE, in_cluster=True),
    Fault(
        "restarted-coredns",
        "the node's CoreDNS replica was started again",
        _restart_coredns,
        _nothing,
        {"node": node_parameter(W2)},
        in_cluster=True,
    ),
    Fault(
        "coredns-replicas",
        "CoreDNS has another number of replicas",
        _scale_coredns,
        _usual_coredns,
        {"replicas": Parameter("3", within(1, 4), "1 to 4")},
        in_cluster=True,
    ),
    Fault("harmless-offload", "the tunnel offloads are on, and do no harm", _offloads, _no_offloads, _NODE),
    Fault("damaged-once", "damaged datagrams were counted before", _damage_counters, _nothing, _NODE),
    Fault("accepting-filter", "the node's packet filter counts and lets pass", _accept, _accept_no_more, _NODE),
    Fault(
        "other-device",
        "the node has a further device",
        _add_device,
        _remove_device,
        {**_NODE, "device": Parameter("cilium_vxlan", one_of(*DEVICES), f"one of {', '.join(DEVICES)}")},
    ),
    Fault(
        "second-address",
        "the node's eth0 has a second address",
        _on_nodes("ip", "address", "add", "10.251.0.9/24", "dev", "eth0"),
        _on_nodes("ip", "address", "flush", "dev", "eth0", "to", "10.251.0.0/24"),
        _NODE,
    ),
    Fault(
        "no-ipv6",
        "the node has no IPv6 at all",
        _on_nodes("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1"),
        _on_nodes("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=0"),
        _NODE,
    ),
    Fault(
        "starved-agents",
        "netcheck's agents on the node get hardly any CPU",
        _starve,
        _feed,
        {**_NODE, "percent": Parameter("5", within(1, 50), "of a processor, 1 to 50")},
        in_cluster=True,
    ),
    Fault(
        "application",
        "an application that is none of the network's affairs",
        _apply_application,
        _delete_shop,
        {"what": Parameter("scaled-to-zero", one_of(*APPLICATIONS), f"one of {', '.join(APPLICATIONS)}")},
        in_cluster=True,
    ),
    Fault(
        "pools",
        "MetalLB has pools and gives addresses",
        _apply_pools,
        _delete_pools,
        {"what": Parameter("used", one_of(*POOLS), f"one of {', '.join(POOLS)}")},
        in_cluster=True,
    ),
    Fault("controller-on", "MetalLB's controller runs on the node", _place, _place_back, _NODE, in_cluster=True),
    Fault(
        "policy",
        "a NetworkPolicy lets nobody in to MetalLB's pods, and nobody enforces it",
        _close,
        _close_no_more,
        in_cluster=True,
    ),
    Fault("many-connections", "the node tracks thousands of connections", _hold_connections, _nothing, _NODE),
    Fault("no-scheduler", "the scheduler hangs: new pods wait", _stop_scheduler, _go_on_scheduler),
)
"""Switched on and off as faults are."""
