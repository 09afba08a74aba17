"""Two nodes with a pod each, in network namespaces of the test's own: a real bridge, a real VXLAN, a real kernel.

pod w1 --- node w1 === VXLAN over a bridge === node w2 --- pod w2
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from checks.check import Check
from checks.cluster.snapshot import ConfigMap, Metadata, Snapshot
from checks.finding import Finding
from checks.observation import Network, Observation, Task
from checks.probes.echo import HOST_PORT, POD_PORT
from checks.registry import CHECKS
from tests.checks import objects
from tests.checks.paths.matrix import agent

ROOT = Path(__file__).parents[3]
NODES = ("w1", "w2")
TUNNEL_PORT = 4789
PARAMETERS = {"timeout_s": 0.6}


def run(*command: str, stdin: str | None = None) -> None:
    """Run a command that must succeed."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"


class TwoNodes:
    """The namespaces and what runs in them. `close` removes everything."""

    def __init__(self) -> None:
        self._prefix = f"nck{os.getpid()}"
        self._processes: list[subprocess.Popen[bytes]] = []
        self._observers: dict[str, subprocess.Popen[bytes]] = {}
        self.underlay = f"{self._prefix}-underlay"

    def node(self, name: str) -> str:
        """The namespace of a node."""
        return f"{self._prefix}-{name}"

    def pod(self, name: str) -> str:
        """The namespace of the node's pod."""
        return f"{self._prefix}-{name}-pod"

    @property
    def namespaces(self) -> list[str]:
        """All of them."""
        return [self.underlay, *map(self.node, NODES), *map(self.pod, NODES)]

    def ip(self, namespace: str, *lines: str) -> None:
        """Run lines of `ip` in a namespace."""
        run("ip", "-n", namespace, "-batch", "-", stdin="\n".join(lines) + "\n")

    def execute(self, namespace: str, *command: str) -> None:
        """Run a command in a namespace."""
        run("ip", "netns", "exec", namespace, *command)

    def sysctl(self, namespace: str, *values: str) -> None:
        """Set sysctls of a namespace."""
        self.execute(namespace, "sysctl", "-qw", *values)

    @contextlib.contextmanager
    def nft(self, namespace: str, rules: str) -> Iterator[None]:
        """Rules of nftables that are in force meanwhile."""
        run("ip", "netns", "exec", namespace, "nft", "-f", "-", stdin=rules + "\n")
        try:
            yield
        finally:
            self.execute(namespace, "nft", "flush", "ruleset")

    def open(self) -> None:
        """Make the namespaces and start the echoes."""
        for namespace in self.namespaces:
            run("ip", "netns", "add", namespace)
            self.ip(namespace, "link set lo up")
            # As systemd sets it on the usual distributions: an unprivileged process may open a ping socket.
            self.sysctl(namespace, "net.ipv4.ping_group_range=0 2147483647")
        self.ip(self.underlay, "link add br0 type bridge", "link set br0 up")
        if Path("/proc/sys/net/bridge").exists():  # br_netfilter fragments what a bridge port should swallow
            self.sysctl(self.underlay, "net.bridge.bridge-nf-call-iptables=0")
        for index, name in enumerate(NODES, 1):
            self._connect(index, name)
        for index, name in enumerate(NODES, 1):
            self._echo(self.node(name), f"192.0.2.{index}", HOST_PORT, name)
            self._echo(self.pod(name), f"10.99.{index}.2", POD_PORT, name)

    def _connect(self, index: int, name: str) -> None:
        other = 3 - index
        node, pod = self.node(name), self.pod(name)
        self.ip(
            self.underlay,
            f"link add {name} type veth peer name eth0 netns {node}",
            f"link set {name} master br0 up",
        )
        self.sysctl(node, "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")
        self.ip(
            node,
            f"address add 192.0.2.{index}/24 dev eth0",
            "link set eth0 up",
            f"link add pod type veth peer name eth0 netns {pod}",
            f"address add 10.99.{index}.1/24 dev pod",
            "link set pod mtu 1450 up",
            f"link add tunnel type vxlan id 1 dstport {TUNNEL_PORT} remote 192.0.2.{other} dev eth0",
            f"address add 10.99.{index}.0/32 dev tunnel",
            "link set tunnel mtu 1450 up",
            f"route add 10.99.{other}.0/24 via 10.99.{other}.0 dev tunnel onlink",
        )
        self.ip(
            pod,
            f"address add 10.99.{index}.2/24 dev eth0",
            "link set eth0 mtu 1450 up",
            f"route add default via 10.99.{index}.1",
        )

    def _start(self, namespace: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = ["ip", "netns", "exec", namespace, sys.executable, "-m", "tests.checks.paths.prober", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._processes.append(process)
        return process

    def _echo(self, namespace: str, address: str, port: int, name: str) -> subprocess.Popen[bytes]:
        process = self._start(namespace, "echo", address, str(port), name)
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        return process

    @contextlib.contextmanager
    def echo(self, namespace: str, address: str, port: int, name: str) -> Iterator[None]:
        """One more echo meanwhile."""
        process = self._echo(namespace, address, port, name)
        try:
            yield
        finally:
            process.kill()
            process.communicate()

    def snapshot(self) -> Snapshot:
        """What the API server would say about them."""
        network = msgspec.json.encode({"Backend": {"Type": "vxlan", "Port": TUNNEL_PORT}}).decode()
        return Snapshot(
            nodes=tuple(
                objects.node(name, f"192.0.2.{i}", pod_cidrs=(f"10.99.{i}.0/24",)) for i, name in enumerate(NODES, 1)
            ),
            pods=tuple(agent(name, f"10.99.{i}.2") for i, name in enumerate(NODES, 1)),
            config_maps=(ConfigMap(metadata=Metadata(name="kube-flannel-cfg"), data={"net-conf.json": network}),),
        )

    def diagnose(self, name: str = "paths") -> dict[str, Finding]:
        """Plan, observe in all namespaces at once, follow, and judge: the findings by the second half of their code."""
        check, snapshot = CHECKS[name], self.snapshot()
        observations = self._observe(check, check.plan(snapshot, msgspec.convert(PARAMETERS, check.parameters)))
        observations += self._observe(check, check.follow(check.gather(snapshot, {}, observations)))
        found = check.judge(check.gather(snapshot, {}, observations))
        return {finding.code.partition(".")[2]: finding for finding in found}

    def _observe(self, check: Check, tasks: list[Task]) -> list[Observation]:
        """All begin at the same moment, as jobs on agents do."""
        observers = [self._observer(task.node, task.network) for task in tasks]
        for observer, task in zip(observers, tasks, strict=True):
            assert observer.stdin
            observer.stdin.write(f"{check.name} ".encode() + msgspec.json.encode(task.request) + b"\n")
            observer.stdin.flush()
        observations = []
        for observer, task in zip(observers, tasks, strict=True):
            assert observer.stdout
            data = msgspec.json.decode(observer.stdout.readline())
            seen = Observation(check=check.name, network=task.network, node=task.node, name=task.name, data=data)
            observations.append(seen)
        return observations

    def _observer(self, node: str, network: Network) -> subprocess.Popen[bytes]:
        """The agent of a node and network, started once."""
        namespace = self.pod(node) if network is Network.POD else self.node(node)
        if namespace not in self._observers:
            process = self._observers[namespace] = self._start(namespace, "observe", network)
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
        return self._observers[namespace]

    def close(self) -> None:
        """End the processes and remove the namespaces, as far as they came to be."""
        for process in self._processes:
            process.kill()
            process.communicate()
        for namespace in self.namespaces:
            subprocess.run(["ip", "netns", "delete", namespace], capture_output=True, check=False)
