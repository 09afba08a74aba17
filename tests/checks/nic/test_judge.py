"""What adapters, offloads, MTUs and counters mean."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Snapshot
from checks.finding import Finding, Severity
from checks.nic.judge import FINDINGS, judge
from checks.nic.model import Data, Feature, Interface, Parameters, Role
from checks.nic.plan import plan
from checks.observation import Network, Observation, State
from tests.checks.objects import cluster

SEGMENTATION, CHECKSUM = "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation"


def nic(driver: str = "vmxnet3", *, segmentation: bool = True, checksum: bool = True, **changes: Any) -> Interface:
    """An adapter of a node."""
    identity = {"vmxnet3": "15ad:07b0", "e1000e": "8086:10d3", "virtio_net": "1af4:1041"}
    interface = Interface(
        name="eth0",
        role=Role.NODE,
        driver=driver,
        pci_id=identity.get(driver, ""),
        mtu=1500,
        features=(Feature(SEGMENTATION, segmentation), Feature(CHECKSUM, checksum)),
    )
    return msgspec.structs.replace(interface, **changes)


def tunnel(mtu: int = 1450) -> Interface:
    """Flannel's device."""
    return Interface(name="flannel.1", role=Role.TUNNEL, driver="vxlan", mtu=mtu)


def seen(node: str, *interfaces: Interface) -> Observation:
    """What a node's agent saw."""
    data = Data(system_vendor="VMware, Inc.", product="VMware7,1", interfaces=interfaces, window_s=1.0)
    return Observation(check="nic", network=Network.HOST, node=node, data=data)


LOST = Observation(check="nic", network=Network.HOST, node="w9", state=State.NO_ANSWER, message="no agent")


def findings(*observations: Observation) -> dict[str, Finding]:
    """The findings by code: all of them, each once."""
    found = judge(Snapshot(), Parameters(), observations)
    assert sorted(FINDINGS) == sorted(f.code for f in found)
    return {f.code.removeprefix("nic."): f for f in found}


@pytest.mark.parametrize(
    ("drivers", "severity", "outcome", "where"),
    [
        (("vmxnet3", "vmxnet3"), Severity.ADVICE, "vmxnet3", ("w1", "w2")),
        (("e1000e", "vmxnet3"), Severity.ADVICE, "vmxnet3", ("w2",)),
        (("e1000e", "e1000e"), Severity.OK, "e1000e", ()),
        (("e1000e", "virtio_net"), Severity.OK, "other", ()),
        (("ena", ""), Severity.OK, "other", ()),
    ],
)
def test_adapter(drivers: tuple[str, str], severity: Severity, outcome: str, where: tuple[str, ...]) -> None:
    """One VMXNET3 is enough to advise; the nodes are named."""
    finding = findings(seen("w1", nic(drivers[0])), seen("w2", nic(drivers[1])))["adapter"]
    assert (severity, outcome, where) == (finding.severity, finding.sign, finding.where)
    assert "VMware, Inc. VMware7,1" in finding.evidence[0]


def test_adapter_by_pci_id_or_driver() -> None:
    """Either the PCI ID or the driver tells; the hardware has the last word."""
    assert "vmxnet3" == findings(seen("w1", nic("", pci_id="15ad:07b0")))["adapter"].sign
    assert "vmxnet3" == findings(seen("w1", nic("vmxnet3", pci_id="")))["adapter"].sign


@pytest.mark.parametrize(
    ("segmentation", "checksum", "outcome"),
    [(True, True, "on"), (True, False, "on"), (False, True, "on"), (False, False, "off")],
)
def test_tunnel_offload_is_off_only_when_both_are(segmentation: bool, checksum: bool, outcome: str) -> None:  # noqa: FBT001
    """vmxnet3 stops treating tunnels specially only when both features are off."""
    finding = findings(seen("w1", nic(segmentation=segmentation, checksum=checksum)))["tunnel-offload"]
    assert outcome == finding.sign


def test_tunnel_offload_names_the_nodes_at_risk() -> None:
    """Mixed states are at risk where the offload is on; adapters of another make never are."""
    finding = findings(
        seen("w1", nic(segmentation=False, checksum=False)), seen("w2", nic()), seen("w3", nic("e1000e"))
    )["tunnel-offload"]
    assert (Severity.ADVICE, "on", ("w2",)) == (finding.severity, finding.sign, finding.where)
    assert "other-adapter" == findings(seen("w3", nic("e1000e")))["tunnel-offload"].sign


def test_offload_that_is_not_told_is_unknown() -> None:
    """A kernel that does not tell leaves it open; fixed features are shown as ethtool does."""
    assert None is findings(seen("w1", nic(features=())))["tunnel-offload"].sign
    old = (Feature(SEGMENTATION, on=False, fixed=True), Feature(CHECKSUM, on=False, fixed=True))
    finding = findings(seen("w1", nic(features=old)))["tunnel-offload"]
    assert "off" == finding.sign
    assert f"{SEGMENTATION}: off [fixed]" in finding.evidence[0]


def test_lower_interfaces_are_the_adapters() -> None:
    """With the address on a bond, the adapters below it are judged."""
    bond = nic("bonding", name="bond0", features=())
    found = findings(seen("w1", nic(role=Role.LOWER), nic("e1000e", role=Role.LOWER), bond))
    assert ("vmxnet3", "on") == (found["adapter"].sign, found["tunnel-offload"].sign)


@pytest.mark.parametrize(
    ("mtus", "severity", "where"),
    [
        ([(1500, 1450)] * 3, Severity.OK, ()),
        ([(1500, 1450), (1500, 1450), (1400, 1350)], Severity.DEGRADED, ("w3",)),
        ([(1500, 1450), (1500, 1400), (1500, 1450)], Severity.DEGRADED, ("w2",)),
        ([(1500, 1450), (1400, 1450), (1500, 1450)], Severity.FAILED, ("w2",)),
        ([(9000, 8950)] * 3, Severity.OK, ()),
    ],
)
def test_mtu(mtus: list[tuple[int, int]], severity: Severity, where: tuple[str, ...]) -> None:
    """MTUs that differ are degraded; a tunnel's that leaves no room for its headers has failed."""
    nodes = [seen(f"w{i}", nic(mtu=own), tunnel(inner)) for i, (own, inner) in enumerate(mtus, 1)]
    finding = findings(*nodes)["mtu"]
    assert (severity, where) == (finding.severity, finding.where)


@pytest.mark.parametrize(
    ("rises", "severity"),
    [
        ({}, Severity.OK),
        ({"rx_packets": 500, "tx_packets": 400}, Severity.OK),
        ({"rx_dropped": 2, "rx_packets": 50}, Severity.OK),
        ({"rx_dropped": 60, "rx_packets": 10_000}, Severity.OK),
        ({"rx_dropped": 60, "rx_packets": 1_000}, Severity.DEGRADED),
        ({"rx_errors": 1}, Severity.DEGRADED),
        ({"carrier_changes": 2}, Severity.DEGRADED),
        ({"rx_errors": -5}, Severity.OK),
    ],
)
def test_errors(rises: dict[str, int], severity: Severity) -> None:
    """Errors that rise count; a few drops do not, because Linux counts unwanted frames as such."""
    finding = findings(seen("w1", nic(rises=rises)), seen("w2", nic()))["errors"]
    assert severity == finding.severity
    assert (("w1",) if severity is Severity.DEGRADED else ()) == finding.where


def test_nothing_seen_is_unknown() -> None:
    """Without any node's answer nothing is concluded, and the reason is told; some nodes are enough."""
    for observations in ((), (LOST,), (seen("w1"),)):
        assert {None} == {finding.sign for finding in findings(*observations).values()}
    assert "no agent" in findings(LOST)["adapter"].evidence[0]
    partly = findings(LOST, seen("w1", nic()))
    assert ("vmxnet3", True) == (partly["adapter"].sign, any("w9" in line for line in partly["adapter"].evidence))


def test_every_node_is_asked_about_its_own_address() -> None:
    """One job a node, on its host network."""
    tasks = plan(cluster(), Parameters(window_s=0.5))
    assert [("cp", ("172.30.0.10",)), ("w1", ("172.30.0.11",)), ("w2", ("172.30.0.12",))] == [
        (task.node, task.request.addresses) for task in tasks
    ]
    assert {(Network.HOST, 0.5)} == {(task.network, task.request.window_s) for task in tasks}
