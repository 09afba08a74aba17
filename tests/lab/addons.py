"""What runs in the cluster before there is a product: node objects, flannel's configuration, CoreDNS and MetalLB."""

import json

import yaml

from tests.lab import build, cgroups, images
from tests.lab.build import binary
from tests.lab.controlplane import apply, kubectl
from tests.lab.layout import (
    CONTROL_PLANE,
    GATEWAY,
    NODES,
    POD_CIDR,
    POD_CIDR6,
    RUN,
    SOURCE,
    UNDERLAY,
    VXLAN_PORT,
    WORKERS,
    LabError,
    Node,
)
from tests.lab.process import run, start
from tests.lab.runtime import wait_for

_ROLLOUT_DEADLINE = "80s"
_CONTROL_PLANE_LABEL = "node-role.kubernetes.io/control-plane"
_UPSTREAM_COREFILE = """
.:53 {
    bind %s
    template IN A {
        answer "{{ .Name }} 60 IN A 192.0.2.80"
    }
    template ANY ANY {
        rcode NOERROR
    }
}
"""
DRY_RUN_POOL = {
    "apiVersion": "metallb.io/v1beta1",
    "kind": "IPAddressPool",
    "metadata": {"name": "lab-dry-run", "namespace": "metallb-system"},
    "spec": {"addresses": ["192.0.2.100-192.0.2.110"]},
}


def start_upstream_resolver() -> None:
    """Start the resolver outside of the cluster that CoreDNS forwards to: every name has the same address."""
    cgroups.create("upstream")
    corefile = RUN / "upstream.Corefile"
    corefile.write_text(_UPSTREAM_COREFILE % GATEWAY)
    start(
        "upstream-resolver",
        "upstream",
        ["nsenter", f"--net=/run/netns/{UNDERLAY}", str(binary("coredns")), "-conf", str(corefile)],
    )


def create_nodes(*, dual_stack: bool) -> None:
    """Create the Node objects, with the pod subnets and the annotations that flannel gives them."""
    apply(*(_node_object(node, dual_stack=dual_stack) for node in NODES))


def install(*, dual_stack: bool) -> None:
    """Install flannel's configuration, CoreDNS and MetalLB."""
    apply(*_flannel_configuration(dual_stack=dual_stack))
    kubectl("apply", "--server-side", "-f", str(SOURCE / "manifests" / "coredns.yaml"))
    apply(*_metallb())


def wait_until_ready() -> None:
    """Wait until all nodes, CoreDNS and MetalLB are ready and MetalLB's webhook answers a dry run.

    Raises:
        LabError: one of them is not in time.
    """
    wait_for_rollout("kube-flannel", "daemonset/kube-flannel-ds")
    wait_for_rollout("kube-system", "deployment/coredns")
    wait_for_rollout("metallb-system", "deployment/controller")
    wait_for_rollout("metallb-system", "daemonset/speaker")
    wait_for("MetalLB's webhook", dry_run_passes)


def wait_for_rollout(namespace: str, resource: str) -> None:
    """Wait until a rollout is complete.

    Raises:
        LabError: it is not in time; the message has the state of its pods.
    """
    try:
        kubectl("-n", namespace, "rollout", "status", resource, f"--timeout={_ROLLOUT_DEADLINE}")
    except LabError as error:
        pods = kubectl("-n", namespace, "get", "pods", "-o", "wide")
        raise LabError(f"{error}\n{pods}") from None


def dry_run_passes() -> bool:
    """Tell whether the API server accepts a dry-run create of an IPAddressPool."""
    try:
        kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(DRY_RUN_POOL))
    except LabError:
        return False
    return True


def place_metallb_controller(node: Node) -> None:
    """Move MetalLB's controller to a node and wait until it serves there."""
    patch = {"spec": {"template": {"spec": _placement(node)}}}
    kubectl("-n", "metallb-system", "patch", "deployment", "controller", "-p", json.dumps(patch))
    wait_for_rollout("metallb-system", "deployment/controller")
    cut_webhook_connections()
    wait_for("MetalLB's webhook", dry_run_passes)


def cut_webhook_connections() -> None:
    """Have the API server connect to MetalLB's webhook anew: it keeps its connection, to a pod that is gone too."""
    service = ("-n", "metallb-system", "get", "service", "metallb-webhook-service", "-o", "jsonpath={.spec.clusterIP}")
    run("ip", "netns", "exec", CONTROL_PLANE.name, "ss", "--kill", "dst", kubectl(*service))


def _placement(node: Node) -> dict[str, object]:
    return {
        "nodeSelector": {"kubernetes.io/hostname": node.name},
        "tolerations": [{"key": _CONTROL_PLANE_LABEL, "operator": "Exists"}],
    }


def _node_object(node: Node, *, dual_stack: bool) -> dict[str, object]:
    role = {_CONTROL_PLANE_LABEL: ""} if node == CONTROL_PLANE else {}
    taints = [{"key": _CONTROL_PLANE_LABEL, "effect": "NoSchedule"}] if node == CONTROL_PLANE else []
    subnets = [node.pod_subnet, node.pod_subnet6] if dual_stack else [node.pod_subnet]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "labels": {"kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux", **role},
            "annotations": {
                "flannel.alpha.coreos.com/backend-type": "vxlan",
                "flannel.alpha.coreos.com/backend-data": json.dumps({"VNI": 1, "VtepMAC": node.vtep_mac}),
                "flannel.alpha.coreos.com/kube-subnet-manager": "true",
                "flannel.alpha.coreos.com/public-ip": node.address,
            },
        },
        "spec": {"podCIDR": subnets[0], "podCIDRs": subnets, "taints": taints},
    }


def _flannel_configuration(*, dual_stack: bool) -> list[dict[str, object]]:
    network: dict[str, object] = {
        "Network": POD_CIDR,
        "EnableNFTables": True,
        "Backend": {"Type": "vxlan", "Port": VXLAN_PORT},
    }
    if dual_stack:
        network |= {"EnableIPv6": True, "IPv6Network": POD_CIDR6}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-flannel"}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "kube-flannel-cfg", "namespace": "kube-flannel", "labels": {"app": "flannel"}},
            "data": {"net-conf.json": json.dumps(network, indent=1)},
        },
        _flannel_pods(),
    ]


def _flannel_pods() -> dict[str, object]:
    """Flannel's DaemonSet, by which it is found. Its pods do nothing: the lab makes the overlay itself."""
    labels = {"app": "flannel", "k8s-app": "flannel"}
    pod = {
        "hostNetwork": True,
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "kube-flannel", "image": images.PAUSE}],
        "volumes": [{"name": "flannel-cfg", "configMap": {"name": "kube-flannel-cfg"}}],
        "terminationGracePeriodSeconds": 1,
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "kube-flannel-ds", "namespace": "kube-flannel", "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}},
    }


def _metallb() -> list[dict[str, object]]:
    """MetalLB's own manifest with the controller on a worker: beside the API server a broken overlay would not show."""
    folder = build.module_source("metallb", "go.universe.tf/metallb")
    objects = list(yaml.safe_load_all((folder / "config/manifests/metallb-native.yaml").read_text()))
    for each in objects:
        if each["kind"] == "Deployment":
            each["spec"]["template"]["spec"] |= _placement(WORKERS[0])
    return objects
