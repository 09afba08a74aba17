"""What runs on every node: the holder of its mounts, containerd, kubelet and kube-proxy."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.lab import certificates, cgroups, hardware, images
from tests.lab.build import binary
from tests.lab.layout import CGROUP, DNS_SERVICE, GATEWAY, LOGS, POD_CIDR, POD_CIDR6, LabError, Node, shape
from tests.lab.network import overlays, pod_mtu
from tests.lab.process import inside, on_node, start

HOST_FOLDERS = ("/var/lib/kubelet", "/var/lib/cni", "/var/log/pods", "/var/log/containers", "/run/flannel")
"""Paths that are built into kubelet and CNI: each node has its own folder mounted there."""
CNI_PLUGINS = "/usr/lib/cni"
_START_DEADLINE = 30.0

# The node's own sysfs with the hardware files laid over it takes the place of /sys, and the cgroups come back on top.
_HOLDER = """
set -e
mkdir -p "$1/sysfs" "$1/cgroup"
mount -t sysfs sysfs "$1/sysfs"
mount --rbind /sys/fs/cgroup "$1/cgroup"
mount -t overlay overlay -o "ro,lowerdir=$1/hardware:$1/sysfs" /sys
mount --rbind "$1/cgroup" /sys/fs/cgroup
umount -R -l "$1/cgroup"
node=$1
shift
for folder in "$@"; do mkdir -p "$node/host$folder" "$folder"; mount --bind "$node/host$folder" "$folder"; done
touch "$node/held"
exec sleep infinity
"""
_HELD = "held"


def start_container_runtime(node: Node) -> None:
    """Start the node's holder and containerd, and wait until containerd answers."""
    for name in ("system", "kubepods"):
        cgroups.create(f"{node.name}/{name}")
    node.run.mkdir(exist_ok=True)
    _forget_last_boot(node)
    hardware.write_overlay(node, node.run / "hardware")
    start(
        f"holder-{node.name}",
        f"{node.name}/system",
        [
            *("nsenter", f"--net=/run/netns/{node.name}", "unshare", "--mount", "--propagation", "slave"),
            *("sh", "-c", _HOLDER, "sh", str(node.run), *HOST_FOLDERS),
        ],
    )
    wait_for(f"the mounts of {node.name}", (node.run / _HELD).exists)
    config = node.run / "containerd.toml"
    config.write_text(_containerd_config(node))
    start(f"containerd-{node.name}", f"{node.name}/system", inside(node, "containerd", "--config", str(config)))
    wait_for(f"containerd on {node.name}", lambda: _answers(node))


def _forget_last_boot(node: Node) -> None:
    """Remove what does not survive a boot: what lay in memory, and what said that the last one was over."""
    for name in ("hardware", "sysfs", "cgroup", "host/run", "containerd/state"):
        shutil.rmtree(node.run / name, ignore_errors=True)
    for name in (_HELD, "containerd.sock", "containerd.sock.ttrpc"):
        (node.run / name).unlink(missing_ok=True)


def import_images(node: Node, archives: list[Path]) -> None:
    """Give the node's containerd the images in these archives."""
    for path in archives:
        on_node(node, *_ctr(node), "images", "import", "--no-unpack=false", str(path))


def start_kubelet(node: Node) -> None:
    """Start kubelet; the Node object exists already."""
    _write_cni_config(node)
    credentials = certificates.kubeconfig(f"kubelet-{node.name}", user=f"system:node:{node.name}", group="system:nodes")
    config = node.run / "kubelet.json"
    config.write_text(json.dumps(_kubelet_config(node)))
    addresses = f"{node.address},{node.address6}" if shape().dual_stack else node.address
    start(
        f"kubelet-{node.name}",
        f"{node.name}/system",
        inside(
            node,
            str(binary("kubelet")),
            f"--config={config}",
            f"--kubeconfig={credentials}",
            f"--cert-dir={node.run}/kubelet-pki",
            f"--hostname-override={node.name}",
            f"--node-ip={addresses}",
        ),
    )


def start_kube_proxy(node: Node) -> None:
    """Start kube-proxy in iptables mode."""
    credentials = certificates.kubeconfig(f"kube-proxy-{node.name}", user="system:kube-proxy")
    config = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "hostnameOverride": node.name,
        "clientConnection": {"kubeconfig": str(credentials)},
        "clusterCIDR": f"{POD_CIDR},{POD_CIDR6}" if shape().dual_stack else POD_CIDR,
        "conntrack": {"maxPerCore": 0, "min": 0},
        "iptables": {"minSyncPeriod": "100ms"},
    }
    path = node.run / "kube-proxy.json"
    path.write_text(json.dumps(config))
    start(f"kube-proxy-{node.name}", f"{node.name}/system", inside(node, str(binary("kube-proxy")), f"--config={path}"))


def wait_for(what: str, condition: Callable[[], bool], deadline: float = _START_DEADLINE) -> None:
    """Poll `condition` until it is true.

    Raises:
        LabError: it is not within `deadline` seconds.
    """
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            raise LabError(f"{what}: not ready after {deadline:.0f} s; the logs are in {LOGS}")
        time.sleep(0.05)


def _ctr(node: Node) -> tuple[str, ...]:
    return ("ctr", "--address", f"{node.run}/containerd.sock", "--namespace", "k8s.io")


def _answers(node: Node) -> bool:
    try:
        on_node(node, *_ctr(node), "version")
    except LabError:
        return False
    return True


def _containerd_config(node: Node) -> str:
    snapshotter = "overlayfs" if images.overlay_works_on(node.run) else "native"
    # A negative oom_score_adj is refused in many sandboxes, and runc then dies without saying why.
    return f"""
version = 2
root = "{node.run}/containerd/root"
state = "{node.run}/containerd/state"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
]

[grpc]
  address = "{node.run}/containerd.sock"

[plugins."io.containerd.internal.v1.opt"]
  path = "{node.run}/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{images.PAUSE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{CNI_PLUGINS}"
    conf_dir = "{node.run}/cni"
"""


def _kubelet_config(node: Node) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(certificates.PKI / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}/{node.name}",
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [DNS_SERVICE],
        "clusterDomain": "cluster.local",
        "containerRuntimeEndpoint": f"unix://{node.run}/containerd.sock",
        "resolvConf": str(_resolv_conf(node)),
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
    }


def _resolv_conf(node: Node) -> Path:
    path = node.run / "resolv.conf"
    path.write_text(f"nameserver {GATEWAY}\n")
    return path


def _write_cni_config(node: Node) -> None:
    mtu = pod_mtu()
    config = {
        "cniVersion": "1.0.0",
        "name": "cbr0",
        "plugins": [
            {
                "type": "bridge",
                "bridge": "cni0",
                "mtu": mtu,
                "isGateway": True,
                "isDefaultGateway": True,
                "hairpinMode": True,
                "ipMasq": False,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": overlay.pod_subnet(node)}] for overlay in overlays()],
                    "routes": [{"dst": overlay.network} for overlay in overlays()],
                },
            }
        ],
    }
    folder = node.run / "cni"
    folder.mkdir(exist_ok=True)
    (folder / "10-flannel.conflist").write_text(json.dumps(config, indent=1))
    if not shape().flanneld:
        on_node(node, "sh", "-c", "cat > /run/flannel/subnet.env", stdin=_subnet_env(node, mtu))


def _subnet_env(node: Node, mtu: int) -> str:
    first = node.pod_subnet.replace(".0/", ".1/")
    lines = [f"FLANNEL_NETWORK={POD_CIDR}", f"FLANNEL_SUBNET={first}"]
    if shape().dual_stack:
        lines += [f"FLANNEL_IPV6_NETWORK={POD_CIDR6}", f"FLANNEL_IPV6_SUBNET={node.pod_subnet6.replace('::/', '::1/')}"]
    return "\n".join([*lines, f"FLANNEL_MTU={mtu}", "FLANNEL_IPMASQ=true", ""])
