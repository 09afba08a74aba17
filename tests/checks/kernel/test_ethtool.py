"""Offloads of a real interface, in a network namespace of the test's own."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.checks.requirements import need_network_namespaces

NAMESPACE = "netcheck-test-ethtool"
READ = """
from checks.kernel.ethtool import ethtool
from checks.nic.adapters import TUNNEL_OFFLOADS
with ethtool() as kernel:
    print(*(kernel.features("port")[name].on for name in TUNNEL_OFFLOADS))
"""


@pytest.fixture
def namespace() -> Iterator[str]:
    """With one interface, `port`."""
    need_network_namespaces()
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    subprocess.run(["ip", "-n", NAMESPACE, "link", "add", "port", "type", "veth", "peer", "name", "peer"], check=True)
    yield NAMESPACE
    subprocess.run(["ip", "netns", "delete", NAMESPACE], check=True)


def python(namespace: str, *words: str) -> subprocess.CompletedProcess[str]:
    """This Python in the namespace."""
    command = ["ip", "netns", "exec", namespace, sys.executable, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_both_tunnel_offloads_are_switched(namespace: str) -> None:
    """Off and on again, and what the kernel says afterwards is told."""
    off = python(namespace, "-m", "bot.operator.offloads", "port", "off")
    assert (0, "tx-udp_tnl-segmentation: off, tx-udp_tnl-csum-segmentation: off\n") == (off.returncode, off.stdout)
    assert "False False\n" == python(namespace, "-c", READ).stdout

    on = python(namespace, "-m", "bot.operator.offloads", "port", "on")
    assert (0, "True True\n") == (on.returncode, python(namespace, "-c", READ).stdout)


def test_an_interface_that_is_not_there_is_told(namespace: str) -> None:
    """In the kernel's words."""
    done = python(namespace, "-m", "bot.operator.offloads", "nothing", "off")
    assert (1, True) == (done.returncode, "No such device" in done.stdout)
