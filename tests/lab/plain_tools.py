"""What the lab's tests look at a node with: ping, TCP, DNS and counters, in nobody's words but the kernel's."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable

from tests.lab.addons import DRY_RUN_POOL, in_metallb
from tests.lab.controlplane import kubectl
from tests.lab.fixtures import Cluster
from tests.lab.layout import Node
from tests.lab.process import inside

_TCP = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2)"
_BULK = """
import socket, sys
with socket.create_connection((sys.argv[1], 9707), timeout=3) as echo:
    echo.sendall(b"x" * 4000)
    left = 4000
    while left:
        left -= len(echo.recv(left)) or sys.exit(1)
"""
_DNS = """
import sys
import dns.message, dns.query
query = dns.message.make_query("kubernetes.default.svc.cluster.local.", "A")
answered = 0
for _ in range(int(sys.argv[2])):
    try:
        dns.query.udp(query, sys.argv[1], timeout=0.05)
        answered += 1
    except dns.exception.Timeout:
        pass
print(answered)
"""


def ping(node: Node, address: str, *, size: int = 56) -> bool:
    """Tell whether a ping with `size` bytes of data, not to be fragmented, comes back."""
    return _succeeds(node, "ping", "-c", "2", "-i", "0.2", "-W", "1", "-M", "do", "-s", str(size), address)


def tcp(node: Node, address: str, port: int) -> bool:
    """Tell whether a TCP connection from the node is accepted within 2 s."""
    return _succeeds(node, sys.executable, "-c", _TCP, address, str(port))


def echoed(node: Node, address: str) -> bool:
    """Tell whether an agent's echo gives back 4,000 bytes by TCP within 3 s."""
    return _succeeds(node, sys.executable, "-c", _BULK, address)


def answered(node: Node, address: str, queries: int) -> int:
    """Send DNS queries from the node, one after the other, and return how many were answered."""
    command = inside(node, sys.executable, "-c", _DNS, address, str(queries))
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def pod_on(node: Node, namespace: str, selector: str) -> tuple[str, str]:
    """Return name and IPv4 address of the pod on a node."""
    query = (
        "-n",
        namespace,
        "get",
        "pods",
        "-l",
        selector,
        f"--field-selector=spec.nodeName={node.name}",
        "-o",
        "json",
    )
    pods = json.loads(kubectl(*query))["items"]
    assert len(pods) == 1, [pod["metadata"]["name"] for pod in pods]
    return pods[0]["metadata"]["name"], pods[0]["status"]["podIP"]


def tcp_checksum_errors(pod: str, namespace: str) -> int:
    """Return the TCP checksum errors that a pod's network namespace has counted."""
    table = kubectl("-n", namespace, "exec", pod, "--", "cat", "/proc/net/snmp")
    names, values = (line.split() for line in table.splitlines() if line.startswith("Tcp:"))
    return int(values[names.index("InCsumErrors")])


def dry_run(cluster: Cluster) -> tuple[str, float]:
    """Create an IPAddressPool as a dry run; return the error's text, empty on success, and the seconds it took."""
    started = time.monotonic()
    done = cluster.kubectl(*in_metallb(), "create", "--dry-run=server", "-f", "-", stdin=json.dumps(DRY_RUN_POOL))
    return re.sub(r"\s+", " ", done.stderr.strip()), time.monotonic() - started


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Tell whether the condition comes true within some seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _succeeds(node: Node, *command: str) -> bool:
    return subprocess.run(inside(node, *command), capture_output=True, check=False).returncode == 0
