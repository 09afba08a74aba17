"""etcd, the API server, the controller manager and the scheduler, in the control plane node's network namespace."""

import contextlib
import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.lab import certificates, cgroups
from tests.lab.build import binary
from tests.lab.certificates import PKI
from tests.lab.layout import (
    CONTROL_PLANE,
    KUBECONFIG,
    POD_CIDR,
    POD_CIDR6,
    RUN,
    SERVICE_CIDR,
    SERVICE_CIDR6,
    LabError,
    shape,
)
from tests.lab.process import pid, run, start
from tests.lab.runtime import wait_for

_API_DEADLINE = 60.0
CGROUP = "control-plane"
"""The cgroup of the four; they run in the control plane node's network namespace, and not in the node's own cgroup."""
DAEMONS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")


def create_credentials() -> None:
    """Make the authority and every certificate that the control plane and its user need."""
    certificates.create_authority()
    certificates.client("apiserver-kubelet", user="kube-apiserver-kubelet-client", group="system:masters")
    certificates.kubeconfig("controller-manager", user="system:kube-controller-manager")
    certificates.kubeconfig("scheduler", user="system:kube-scheduler")
    certificates.kubeconfig("admin", user="lab-admin", group="system:masters", path=KUBECONFIG)


def start_api() -> None:
    """Start etcd and the API server and wait until it is ready."""
    cgroups.create(CGROUP)
    # Where kubeadm has it.
    metrics = ("--listen-metrics-urls", "http://127.0.0.1:2381")
    _start("etcd", "--data-dir", str(RUN / "etcd"), "--unsafe-no-fsync", "--log-level", "warn", *metrics)
    _start("kube-apiserver", *_api_server_flags())
    wait_for("the API server", _ready, _API_DEADLINE)


def api_command() -> list[str]:
    """The command line of the API server that runs."""
    return Path(f"/proc/{pid('kube-apiserver')}/cmdline").read_text(encoding="utf-8").rstrip("\0").split("\0")


def restart_api(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Start the API server anew, with this command line and further variables, and wait until it is ready."""
    with contextlib.suppress(LabError, ProcessLookupError):
        os.kill(pid("kube-apiserver"), signal.SIGKILL)
    wait_for("the API server's end", lambda: not _listens())
    variables = [f"{name}={value}" for name, value in environment.items()]
    start("kube-apiserver", CGROUP, ["nsenter", f"--net=/run/netns/{CONTROL_PLANE.name}", "env", *variables, *command])
    wait_for("the API server", _ready, _API_DEADLINE)


def _listens() -> bool:
    return "LISTEN" in run("ip", "netns", "exec", CONTROL_PLANE.name, "ss", "-ltn", "sport", "=", ":6443")


def start_controllers() -> None:
    """Start the controller manager and the scheduler."""
    pods = f"{POD_CIDR},{POD_CIDR6}" if shape().dual_stack else POD_CIDR
    _start(
        "kube-controller-manager",
        f"--kubeconfig={PKI}/controller-manager.kubeconfig",
        f"--service-account-private-key-file={PKI}/sa.key",
        f"--root-ca-file={PKI}/ca.crt",
        f"--cluster-signing-cert-file={PKI}/ca.crt",
        f"--cluster-signing-key-file={PKI}/ca.key",
        f"--cluster-cidr={pods}",
        f"--service-cluster-ip-range={_services()}",
        "--allocate-node-cidrs=false",
        "--use-service-account-credentials",
    )
    _start("kube-scheduler", f"--kubeconfig={PKI}/scheduler.kubeconfig")


def kubectl(*arguments: str, stdin: str | None = None) -> str:
    """Run kubectl as the cluster's administrator and return its standard output.

    Raises:
        LabError: it failed.
    """
    return run(str(binary("kubectl")), f"--kubeconfig={KUBECONFIG}", *arguments, stdin=stdin)


def apply(*objects: object) -> None:
    """Apply Kubernetes objects."""
    document = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(document))


def _start(name: str, *arguments: str) -> None:
    start(name, CGROUP, ["nsenter", f"--net=/run/netns/{CONTROL_PLANE.name}", str(binary(name)), *arguments])


def _services() -> str:
    return f"{SERVICE_CIDR},{SERVICE_CIDR6}" if shape().dual_stack else SERVICE_CIDR


def _api_server_flags() -> list[str]:
    return [
        "--etcd-servers=http://127.0.0.1:2379",
        f"--advertise-address={CONTROL_PLANE.address}",
        f"--service-cluster-ip-range={_services()}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged",
        f"--client-ca-file={PKI}/ca.crt",
        f"--tls-cert-file={PKI}/apiserver.crt",
        f"--tls-private-key-file={PKI}/apiserver.key",
        f"--kubelet-client-certificate={PKI}/apiserver-kubelet.crt",
        f"--kubelet-client-key={PKI}/apiserver-kubelet.key",
        "--kubelet-preferred-address-types=InternalIP",
        f"--service-account-key-file={PKI}/sa.pub",
        f"--service-account-signing-key-file={PKI}/sa.key",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    ]


def _ready() -> bool:
    try:
        return kubectl("get", "--raw", "/readyz") == "ok"
    except LabError:
        return False
