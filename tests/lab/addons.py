"""What runs in the cluster before there is a product: node objects, flannel's configuration, CoreDNS and MetalLB."""

import json
from pathlib import Path

import yaml

from tests.lab import build, cgroups, images
from tests.lab.build import binary
from tests.lab.controlplane import apply, kubectl
from tests.lab.layout import (
    CONTROL_PLANE,
    GATEWAY,
    HOST_GW,
    POD_CIDR,
    POD_CIDR6,
    RUN,
    SOURCE,
    UNDERLAY,
    VXLAN,
    LabError,
    Node,
    nodes,
    shape,
    workers,
)
from tests.lab.network import switched_on
from tests.lab.process import pid, run, start
from tests.lab.runtime import wait_for

_ROLLOUT_DEADLINE = "80s"
_HEARD_S = 120.0
"""For a kubelet that was cut off: it tries again after up to a minute."""
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
    "metadata": {"name": "lab-dry-run"},
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


def create_nodes() -> None:
    """Create the Node objects, with the pod subnets and the annotations that flannel gives them."""
    apply(*(_node_object(node) for node in nodes()))


def install() -> None:
    """Install flannel's configuration, CoreDNS and MetalLB."""
    apply(*_flannel_configuration())
    kubectl("apply", "--server-side", "-f", str(SOURCE / "manifests" / "coredns.yaml"))
    kubectl("-n", "kube-system", "scale", "deployment/coredns", f"--replicas={shape().coredns_replicas}")
    apply(*_metallb())


def wait_until_ready() -> None:
    """Wait until all nodes, CoreDNS and MetalLB are ready and MetalLB's webhook answers a dry run.

    Raises:
        LabError: one of them is not in time.
    """
    wait_for_rollout("kube-flannel", "daemonset/kube-flannel-ds")
    wait_for_rollout("kube-system", "deployment/coredns")
    wait_for_rollout(shape().metallb, "deployment/controller")
    wait_for_rollout(shape().metallb, "daemonset/speaker")
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
        kubectl(*in_metallb(), "create", "--dry-run=server", "-f", "-", stdin=json.dumps(DRY_RUN_POOL))
    except LabError:
        return False
    return True


def in_metallb() -> tuple[str, str]:
    """Kubectl's words for MetalLB's namespace."""
    return ("-n", shape().metallb)


def place_metallb_controller(node: Node) -> None:
    """Move MetalLB's controller to a node and wait until it serves there."""
    patch = {"spec": {"template": {"spec": _placement(node)}}}
    kubectl(*in_metallb(), "patch", "deployment", "controller", "-p", json.dumps(patch))
    wait_for_rollout(shape().metallb, "deployment/controller")
    cut_webhook_connections()
    wait_for("MetalLB's webhook", dry_run_passes)


def wait_for_kubelets() -> None:
    """Wait until the cluster has heard anew of every kubelet that is on and not stopped, and calls its node ready.

    After what cut them off: one that is not heard of for 40 s is called not ready, and rightly so.
    """
    running = [node.name for node in switched_on() if _goes_on(pid(f"kubelet-{node.name}"))]
    before = _heartbeats()

    def heard() -> bool:
        now, ready = _heartbeats(), _ready_nodes()
        return all(now[name] > before[name] and name in ready for name in running)

    wait_for("every kubelet", heard, _HEARD_S)


def _goes_on(process: int) -> bool:
    state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    return state != "T"


def _heartbeats() -> dict[str, str]:
    """By node when its kubelet last renewed its lease: RFC 3339 in UTC with six decimals, so later is greater."""
    leases = json.loads(kubectl("-n", "kube-node-lease", "get", "leases", "-o", "json"))["items"]
    return {each["metadata"]["name"]: each["spec"]["renewTime"] for each in leases}


def _ready_nodes() -> set[str]:
    every = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
    return {
        each["metadata"]["name"]
        for each in every
        for condition in each["status"].get("conditions", [])
        if (condition["type"], condition["status"]) == ("Ready", "True")
    }


def cut_webhook_connections() -> None:
    """Have the API server connect to MetalLB's webhook anew: it keeps its connection, to a pod that is gone too."""
    service = ("get", "service", "metallb-webhook-service", "-o", "jsonpath={.spec.clusterIP}")
    run("ip", "netns", "exec", CONTROL_PLANE.name, "ss", "--kill", "dst", kubectl(*in_metallb(), *service))


def _placement(node: Node) -> dict[str, object]:
    return {
        "nodeSelector": {"kubernetes.io/hostname": node.name},
        "tolerations": [{"key": _CONTROL_PLANE_LABEL, "operator": "Exists"}],
    }


def _node_object(node: Node) -> dict[str, object]:
    role = {_CONTROL_PLANE_LABEL: ""} if node == CONTROL_PLANE else {}
    taints = [] if node in workers() else [{"key": _CONTROL_PLANE_LABEL, "effect": "NoSchedule"}]
    subnets = [node.pod_subnet, node.pod_subnet6] if shape().dual_stack else [node.pod_subnet]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "labels": {"kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux", **role},
            "annotations": {}
            if shape().flanneld
            else {
                "flannel.alpha.coreos.com/backend-type": "vxlan",
                "flannel.alpha.coreos.com/backend-data": json.dumps({"VNI": 1, "VtepMAC": node.vtep_mac}),
                "flannel.alpha.coreos.com/kube-subnet-manager": "true",
                "flannel.alpha.coreos.com/public-ip": node.address,
            },
        },
        "spec": {"podCIDR": subnets[0], "podCIDRs": subnets, "taints": taints},
    }


def _flannel_configuration() -> list[dict[str, object]]:
    network: dict[str, object] = {
        "Network": POD_CIDR,
        "EnableNFTables": True,
        "Backend": {"Type": HOST_GW} if shape().flanneld == HOST_GW else {"Type": VXLAN, "Port": shape().vxlan_port},
    }
    if shape().dual_stack:
        network |= {"EnableIPv6": True, "IPv6Network": POD_CIDR6}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-flannel"}},
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "kube-flannel-cfg", "namespace": "kube-flannel", "labels": {"app": "flannel"}},
            "data": {"net-conf.json": json.dumps(network, indent=1)},
        },
        *(_flannel_account() if shape().flanneld else []),
        _flannel_pods(),
    ]


def _flannel_account() -> list[dict[str, object]]:
    """Whom flannel's daemon is, and what it may: the rights of its own manifest."""
    rbac, name = "rbac.authorization.k8s.io", {"name": "flannel"}
    account = {"kind": "ServiceAccount", "name": "flannel", "namespace": "kube-flannel"}
    rules = (("pods", ["get"]), ("nodes", ["get", "list", "watch"]), ("nodes/status", ["patch"]))
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {**name, "namespace": "kube-flannel"}},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRole",
            "metadata": name,
            "rules": [{"apiGroups": [""], "resources": [resource], "verbs": verbs} for resource, verbs in rules],
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": name,
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", **name},
            "subjects": [account],
        },
    ]


def _flannel_pods() -> dict[str, object]:
    """Flannel's DaemonSet, by which it is found. Its pods do nothing where the lab makes the overlay itself."""
    labels = {"app": "flannel", "k8s-app": "flannel"}
    pod = {
        "hostNetwork": True,
        "tolerations": [{"operator": "Exists"}],
        "containers": [{"name": "kube-flannel", "image": images.PAUSE}],
        "volumes": [{"name": "flannel-cfg", "configMap": {"name": "kube-flannel-cfg"}}],
        "terminationGracePeriodSeconds": 1,
    }
    if shape().flanneld:
        pod |= _flanneld()
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": "kube-flannel-ds", "namespace": "kube-flannel", "labels": labels},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}},
    }


def _flanneld() -> dict[str, object]:
    """What flannel's own manifest has of its pods, without what installs the plugin: the lab's nodes have theirs."""
    run_folder, settings = {"name": "run"}, {"name": "flannel-cfg"}
    container = {
        "name": "kube-flannel",
        "image": images.FLANNEL,
        "args": ["--ip-masq", "--kube-subnet-mgr", "--healthz-port=8081"],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": 8081}, "periodSeconds": 2},
        "securityContext": {"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}},
        "env": [
            {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
            for name, path in (("POD_NAME", "metadata.name"), ("POD_NAMESPACE", "metadata.namespace"))
        ],
        "volumeMounts": [
            {**run_folder, "mountPath": "/run/flannel"},
            {**settings, "mountPath": "/etc/kube-flannel/"},
        ],
    }
    return {
        "serviceAccountName": "flannel",
        "priorityClassName": "system-node-critical",
        "containers": [container],
        "volumes": [
            {**run_folder, "hostPath": {"path": "/run/flannel"}},
            {**settings, "configMap": {"name": "kube-flannel-cfg"}},
        ],
    }


def _metallb() -> list[dict[str, object]]:
    """MetalLB's own manifest with the controller on a worker: beside the API server a broken overlay would not show."""
    folder = build.module_source("addons", "go.universe.tf/metallb")
    manifest = (folder / "config/manifests/metallb-native.yaml").read_text()
    # Its roles are called after its namespace too.
    objects = list(yaml.safe_load_all(manifest.replace("metallb-system", shape().metallb)))
    for each in objects:
        if each["kind"] == "Deployment":
            each["spec"]["template"]["spec"] |= _placement(workers()[0])
    return objects
