"""The lab is what it says: nodes that look like VMware machines, and the product running without privileges."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.lab import addons, cgroups, product
from tests.lab.faults import switch
from tests.lab.fixtures import Cluster, Injector, run_lab
from tests.lab.layout import CONTROL_PLANE, W1, W2, Node, nodes, workers
from tests.lab.plain_tools import dry_run, pod_on, tcp
from tests.lab.process import on_node

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("node", [CONTROL_PLANE, W1, W2], ids=["cp", "w1", "w2"])
def test_node_looks_like_a_vmware_machine(lab: Cluster, node: Node) -> None:
    """DMI says VMware, eth0 is a vmxnet3 PCI device, and the tunnel offloads can be switched and are off."""
    assert lab
    device = "/sys/class/net/eth0/device"
    assert on_node(node, "cat", "/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name").splitlines() == [
        "VMware, Inc.",
        "VMware7,1",
    ]
    assert on_node(node, "cat", f"{device}/vendor", f"{device}/device").split() == ["0x15ad", "0x07b0"]
    assert on_node(node, "readlink", "-f", f"{device}/driver").strip() == "/sys/bus/pci/drivers/vmxnet3"
    features = on_node(node, "ethtool", "-k", "eth0")
    assert "tx-udp_tnl-segmentation: off\n" in features
    assert "tx-udp_tnl-csum-segmentation: off\n" in features


def test_rest_of_sysfs_is_live(lab: Cluster) -> None:
    """What lies below the hardware files is the node's own sysfs: its MAC, and counters that count."""
    assert lab
    node = workers()[0]
    path = "/sys/class/net/eth0/statistics/rx_packets"
    assert on_node(node, "cat", "/sys/class/net/eth0/address").strip() == node.mac
    before = int(on_node(node, "cat", path))
    assert tcp(CONTROL_PLANE, node.address, 10250)
    assert int(on_node(node, "cat", path)) > before


def test_agents_have_no_privileges(lab: Cluster) -> None:
    """Six agents run as nobody, without a capability and without a service account token."""
    assert lab
    agents = _agent_processes()
    assert {pid: _status(pid) for pid in agents} == dict.fromkeys(agents, ("65534", "0" * 16))
    assert len({_pod_cgroup(pid) for pid in agents}) == 2 * len(nodes())
    for node in nodes():
        pod, _ = pod_on(node, product.NAMESPACE, "app.kubernetes.io/component=agent-host")
        mounts = lab.read("-n", product.NAMESPACE, "exec", pod, "--", "cat", "/proc/mounts")
        assert "kubernetes.io/serviceaccount" not in mounts


def test_worker_may_only_try(lab: Cluster) -> None:
    """The worker's account can create a pool as a dry run, and the admission policy refuses to create one for real."""
    worker = f"--as=system:serviceaccount:{product.NAMESPACE}:netcheck-worker"
    pool = json.dumps(addons.DRY_RUN_POOL)
    tried = lab.kubectl(worker, *addons.in_metallb(), "create", "--dry-run=server", "-f", "-", stdin=pool)
    assert tried.returncode == 0, tried.stderr
    refused = lab.kubectl(worker, *addons.in_metallb(), "create", "-f", "-", stdin=pool)
    assert "may only try" in refused.stderr


@pytest.mark.parametrize("verb_and_resource", ["delete pods", "patch nodes", "get secrets", "create pods/exec"])
def test_worker_may_not_change_anything(lab: Cluster, verb_and_resource: str) -> None:
    """The worker's account has neither the verbs that change nor a look at secrets."""
    worker = f"--as=system:serviceaccount:{product.NAMESPACE}:netcheck-worker"
    answer = lab.kubectl(worker, "auth", "can-i", *verb_and_resource.split(), "--all-namespaces")
    assert answer.stdout.strip() == "no"


def test_redis_survives_a_broken_overlay(lab: Cluster, fault: Injector) -> None:
    """Pods of every node reach Redis though no VXLAN packet passes: a diagnosis is not cut off by what it diagnoses."""
    fault("firewall-vxlan", node="all")
    connect = f"import socket; socket.create_connection(('{CONTROL_PLANE.address}', 6379), timeout=2)"
    for node in nodes():
        pod, _ = pod_on(node, product.NAMESPACE, "app.kubernetes.io/component=agent-pod")
        done = lab.kubectl("-n", product.NAMESPACE, "exec", pod, "--", "python3", "-c", connect)
        assert done.returncode == 0, done.stderr


def test_controller_can_stand_beside_the_api_server(lab: Cluster, fault: Injector) -> None:
    """With MetalLB's controller on the API server's node a dry run passes although the overlay is broken."""
    addons.place_metallb_controller(CONTROL_PLANE)
    try:
        fault("vmxnet3-tunnel-offload", node="all")
        assert dry_run(lab)[0] == ""
    finally:
        # It is waited for its webhook, which nobody reaches before.
        switch.heal()
        addons.place_metallb_controller(workers()[0])


def test_env_is_for_a_shell(lab: Cluster) -> None:
    """What `env` prints makes a shell talk to the lab's API server and name its Redis."""
    assert lab
    exports = run_lab("env").stdout
    script = exports + f'{lab.kubectl_program} get nodes -o name; echo "$NETCHECK_CLUSTER ${{NETCHECK_REDIS_URL##*@}}"'
    said = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )
    assert said.stdout.split() == ["node/cp", "node/w1", "node/w2", "lab", f"{CONTROL_PLANE.address}:6379/0"]


def test_exec_runs_on_the_node(lab: Cluster) -> None:
    """`exec` runs a command in the node's namespaces and passes its exit code on."""
    assert lab
    assert "10.250.0.11/24" in run_lab("exec", "w1", "--", "ip", "-4", "address", "show", "eth0").stdout
    assert run_lab("exec", "w1", "--", "sh", "-c", "exit 7").returncode == 7


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fault", "no-such-fault"), "vmxnet3-tunnel-offload"),
        (("fault", "mtu-mismatch", "size=9"), "no parameter 'size=9'"),
        (("fault", "mtu-mismatch", "mtu=9000"), "600 to 1499"),
        (("fault", "firewall-vxlan", "node=w9"), "the nodes are cp, w1, w2"),
        (("exec", "w9", "--", "true"), "the nodes are cp, w1, w2"),
        (("exec", "w1"), "what should run on w1?"),
        (("up",), "a lab is running already"),
    ],
)
def test_mistakes_are_explained(lab: Cluster, words: tuple[str, ...], said: str) -> None:
    """A wrong name or value, or a second `up`, fails and says what would be right."""
    assert lab
    done = run_lab(*words)
    assert done.returncode == 1
    assert said in done.stderr


def _agent_processes() -> list[int]:
    return [pid for pid in cgroups.processes() if b"-m\0bot\0agent" in _command_line(pid)]


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        # It has ended since it was listed.
        return b""


def _status(pid: int) -> tuple[str, str]:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return fields["Uid"].split()[0], fields["CapEff"].strip()


def _pod_cgroup(pid: int) -> str:
    return next(line for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines() if "/kubepods/" in line)
