"""Nodes are switched off and on again as machines are, with another adapter too, and all of them come back."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.lab import cgroups, cluster, hardware, power, vcenter
from tests.lab.fixtures import Cluster, Diagnose, Injector, run_lab
from tests.lab.layout import CONTROL_PLANE, W1, W2, LabError, Node, nodes
from tests.lab.plain_tools import dry_run, eventually, pod_on, tcp
from tests.lab.process import on_node
from tests.lab.vcenter_link import Card, Machine, kind_of

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180, func_only=True)]

AGENT = ("netcheck", "app.kubernetes.io/component=agent-pod")
ECHO = 9707
REDIS = 6379


@pytest.fixture(scope="module", autouse=True)
def whole(lab: Cluster) -> Iterator[None]:
    """The tests of other modules find all pods ready, and the API server rid of its connection to a webhook gone.

    Machines are switched by hand here, so the lab's vCenter is not there meanwhile.
    """
    vcenter.stop()
    yield
    vcenter.start()
    assert eventually(lambda: all_serve(lab), 60)


@pytest.fixture(autouse=True)
def switched_on(lab: Cluster) -> Iterator[None]:
    """Whatever a test leaves, every node is on afterwards, with the adapter that it had."""
    assert lab
    yield
    power.restore()


def pods_ready(lab: Cluster, node: Node) -> bool:
    """Whether every pod of the node is ready."""
    pods = json.loads(lab.read("get", "pods", "-A", f"--field-selector=spec.nodeName={node.name}", "-o", "json"))
    conditions = [{c["type"]: c["status"] for c in pod["status"].get("conditions", [])} for pod in pods["items"]]
    return {"True"} == {each.get("Ready") for each in conditions}


def comes_to_health(lab: Cluster, diagnose: Diagnose) -> bool:
    """Whether a diagnosis ends well within a minute.

    The first may meet agents on their way back to Redis, and the API server's connection to a webhook that is gone.
    """
    serving = eventually(lambda: all_serve(lab) and tcp(W1, CONTROL_PLANE.address, REDIS), 60)
    return serving and eventually(lambda: diagnose()[1]["verdict"] == "healthy", 60)


def all_serve(lab: Cluster) -> bool:
    """Whether every pod is ready and the webhook answers."""
    return all(pods_ready(lab, node) for node in nodes()) and dry_run(lab)[0] == ""


def test_a_worker_comes_back(lab: Cluster, diagnose: Diagnose) -> None:
    """Off, nothing of it is left; on again, its pods are started anew and the cluster is healthy."""
    pod, _ = pod_on(W1, *AGENT)
    before = restarts(lab, pod)

    assert 0 == run_lab("power", "off", "w1").returncode
    assert ([], False) == (sorted(cgroups.processes("w1")), tcp(CONTROL_PLANE, W1.address, 10250))
    assert {"on": False, "adapter": "vmxnet3"} == told_nodes()["w1"]

    assert 0 == run_lab("power", "on", "w1").returncode
    assert before + 1 == restarts(lab, pod)
    assert comes_to_health(lab, diagnose)


def test_the_control_plane_comes_back(lab: Cluster, diagnose: Diagnose) -> None:
    """Off, nobody answers for the cluster; on again, it has what it had, and the cluster is healthy."""
    before = lab.read("get", "pods", "-A", "-o", "name")

    power.power_off(CONTROL_PLANE)
    assert lab.kubectl("get", "nodes", "--request-timeout=1s").returncode != 0

    power.power_on(CONTROL_PLANE)
    assert before == lab.read("get", "pods", "-A", "-o", "name")
    assert comes_to_health(lab, diagnose)


def test_another_adapter_does_no_damage(fault: Injector) -> None:
    """With bad adapters everywhere, the first e1000e cures no pair, and the second the pair of both."""
    fault("vmxnet3-tunnel-offload", node="cp,w1,w2")
    swap(W2, "e1000e")
    device = "/sys/class/net/eth0/device"
    assert ["0x8086", "0x10d3"] == on_node(W2, "cat", f"{device}/vendor", f"{device}/device").split()
    assert "/sys/bus/pci/drivers/e1000e" == on_node(W2, "readlink", "-f", f"{device}/driver").strip()
    assert eventually(lambda: tcp(W2, W2.address, 10250))
    assert not tcp(W1, pod_on(W2, *AGENT)[1], ECHO)

    swap(W1, "e1000e")

    assert eventually(lambda: tcp(W1, pod_on(W2, *AGENT)[1], ECHO), 30)
    assert not tcp(CONTROL_PLANE, pod_on(W2, *AGENT)[1], ECHO)
    with pytest.raises(LabError, match="w1 is on"):
        power.set_adapter(W1, "vmxnet3")

    swap(W1, "vmxnet3")

    assert "tx-udp_tnl-segmentation: on\n" in on_node(W1, "ethtool", "-k", "eth0")
    assert not tcp(W1, pod_on(W2, *AGENT)[1], ECHO)


def test_healing_while_a_node_is_off(fault: Injector) -> None:
    """Damage ends with the node that did it, `heal` passes over it, and nothing can be broken there."""
    fault("vmxnet3-tunnel-offload", node="w2")
    fault("firewall-vxlan", node="w1,w2")
    power.power_off(W2)
    assert "netcheck-lab-nic-w2" not in on_node(W1, "nft", "list", "tables")

    healed = run_lab("heal")
    assert "healed: firewall-vxlan, vmxnet3-tunnel-offload" == healed.stdout.strip()
    for words in (("fault", "firewall-vxlan", "node=w2"), ("exec", "w2", "--", "true")):
        assert "switched off" in run_lab(*words).stderr

    power.set_adapter(W2, "e1000e")
    power.power_on(W2)
    refused = run_lab("fault", "vmxnet3-tunnel-offload", "node=w2")
    assert "no vmxnet3 adapter in w2" in refused.stderr
    assert [] == cluster.status()["faults"]


def test_the_nodes_follow_the_simulator() -> None:
    """A machine that is switched off in vCenter takes its node along, which comes back with the machine's new card."""
    with Simulator() as simulator:
        vcenter.start(simulator.url)
        simulator.change("w2", "poweredOff", "VirtualVmxnet3")
        assert eventually(lambda: not power.is_on(W2), 20)
        simulator.change("w2", "poweredOff", "VirtualE1000e")
        simulator.change("w2", "poweredOn", "VirtualE1000e")
        assert eventually(lambda: (power.is_on(W2), hardware.adapter(W2)) == (True, "e1000e"), 20)
        # The lock is the link's until the node has booted.
        assert eventually(_unlocked, 30)
        vcenter.stop()


@pytest.mark.parametrize("types", [(), ("VirtualE1000",), ("VirtualVmxnet3", "VirtualE1000e")])
def test_a_machine_has_one_card_that_is_known(types: tuple[str, ...]) -> None:
    """No card, an unknown one or two: there is no node like that."""
    with pytest.raises(LabError, match="exactly one"):
        kind_of(Machine("poweredOn", tuple(Card(each) for each in types)))


def swap(node: Node, kind: str) -> None:
    """Give a node another adapter, as people do."""
    for words in (("power", "off", node.name), ("adapter", node.name, kind), ("power", "on", node.name)):
        done = run_lab(*words)
        assert done.returncode == 0, done.stderr


def restarts(lab: Cluster, pod: str) -> int:
    """How often the pod's container was started again."""
    path = "jsonpath={.status.containerStatuses[0].restartCount}"
    return int(lab.read("-n", "netcheck", "get", "pod", pod, "-o", path))


def told_nodes() -> dict[str, Any]:
    """The nodes as `status` tells them."""
    found: dict[str, Any] = json.loads(run_lab("status").stdout)["nodes"]
    return found


def _unlocked() -> bool:
    try:
        with cluster.locked():
            return True
    except LabError:
        return False


class Simulator:
    """A control port like the simulator's: it answers once something is newer than what was seen."""

    def __init__(self) -> None:
        self._machines = {node.name: _machine("poweredOn", "VirtualVmxnet3") for node in nodes()}
        self._version = 1
        self._changed = threading.Condition()
        self._open = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                after = int(parse_qs(urlsplit(self.path).query)["after"][0])
                body = outer.newer(after)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError):
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def newer(self, after: int) -> bytes:
        """All machines, once their version is above this one."""
        with self._changed:
            self._changed.wait_for(lambda: self._version > after or not self._open)
            return json.dumps({"version": self._version, "vms": self._machines}).encode()

    def change(self, name: str, state: str, card: str) -> None:
        """Change one machine."""
        with self._changed:
            self._machines[name] = _machine(state, card)
            self._version += 1
            self._changed.notify_all()

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._open = False
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()


def _machine(state: str, card: str) -> dict[str, Any]:
    return {"power": state, "nics": [{"type": card, "mac": "00:50:56:00:00:0c", "network": "VM Network"}]}
