"""What adapters, offloads, MTUs and counters mean."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import Snapshot
from checks.finding import UNSEEN, Finding, Severity
from checks.nic import CHECK
from checks.nic.model import Data, Feature, Interface, Parameters, Role
from checks.nic.plan import plan
from checks.observation import Network, Observation, State
from checks.place import Node
from tests.checks.objects import cluster
from tests.checks.words import words

SEGMENTATION, CHECKSUM = "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation"


def nic(driver: str = "vmxnet3", *, segmentation: bool = True, checksum: bool = True, **changes: Any) -> Interface:
    """An adapter of a node."""
    identity = {"vmxnet3": "15ad:07b0", "e1000": "8086:100f", "e1000e": "8086:10d3", "virtio_net": "1af4:1041"}
    interface = Interface(
        name="eth0",
        role=Role.NODE,
        driver=driver,
        hardware=True,
        pci_id=identity.get(driver, ""),
        mtu=1500,
        features=(Feature(SEGMENTATION, segmentation), Feature(CHECKSUM, checksum)),
        rises={"rx_errors": 0, "rx_packets": 0},
    )
    return msgspec.structs.replace(interface, **changes)


BRIDGE = nic("openvswitch", name="br-ex", hardware=False)
"""OVS's bridge with the node's address, which hides the adapter below it."""


def tunnel(mtu: int = 1450, **changes: Any) -> Interface:
    """Flannel's device."""
    device = Interface(name="flannel.1", role=Role.TUNNEL, driver="vxlan", mtu=mtu)
    return msgspec.structs.replace(device, **changes)


def seen(node: str, *interfaces: Interface, window_s: float = 1.0) -> Observation:
    """What a node's agent saw."""
    data = Data(system_vendor="VMware, Inc.", product="VMware7,1", interfaces=interfaces, window_s=window_s)
    return Observation(check="nic", network=Network.HOST, node=node, data=msgspec.to_builtins(data))


LOST = Observation(check="nic", network=Network.HOST, node="w9", state=State.NO_ANSWER, message="no agent")


def findings(*observations: Observation) -> dict[str, Finding]:
    """The findings by code: all of them, each once."""
    found = CHECK.judge(CHECK.gather(Snapshot(), {}, observations))
    assert [code.name for code in CHECK.codes] == [f.code for f in found]
    return {f.code.removeprefix("nic."): f for f in found}


def outcomes(finding: Finding) -> dict[str, str]:
    """The outcome at each node."""
    assert all(isinstance(s.place, Node) for s in finding.seen)
    return {str(s.place): s.outcome for s in finding.seen}


@pytest.mark.parametrize(
    ("drivers", "severity", "outcome", "at"),
    [
        (("vmxnet3", "vmxnet3"), Severity.ADVICE, "vmxnet3", ("vmxnet3", "vmxnet3")),
        (("e1000e", "vmxnet3"), Severity.ADVICE, "vmxnet3", ("e1000e", "vmxnet3")),
        (("e1000e", "e1000e"), Severity.OK, "e1000e", ("e1000e", "e1000e")),
        (("e1000e", "e1000"), Severity.OK, "e1000", ("e1000e", "e1000")),
        (("e1000e", "virtio_net"), Severity.OK, "virtio", ("e1000e", "virtio")),
        (("ena", "e1000e"), Severity.OK, "other", ("other", "e1000e")),
    ],
)
def test_adapter(drivers: tuple[str, str], severity: Severity, outcome: str, at: tuple[str, str]) -> None:
    """Each node's adapter is named; one VMXNET3 is enough to advise, though nothing is wrong by it."""
    finding = findings(seen("w1", nic(drivers[0])), seen("w2", nic(drivers[1])))["adapter"]
    assert (severity, outcome, ()) == (finding.severity, finding.outcome, finding.where)
    assert dict(zip(("w1", "w2"), at, strict=True)) == outcomes(finding)
    assert "VMware, Inc. VMware7,1" in words(finding.evidence[0])


def test_adapter_by_pci_id_or_driver() -> None:
    """Either the PCI ID or the driver tells; the hardware has the last word."""
    for interface in (nic("", pci_id="15ad:07b0"), nic("vmxnet3", pci_id=""), nic("e1000e", pci_id="15ad:07b0")):
        assert "vmxnet3" == findings(seen("w1", interface))["adapter"].outcome


def test_adapter_of_another_make_is_called_as_its_driver_is() -> None:
    """Nobody knows what "other" is."""
    found = findings(seen("w1", nic("ena")), seen("w2", nic("", pci_id="1d0f:ec20")))
    assert "The nodes' adapters are 1d0f:ec20, ena." == words(found["adapter"].text)


@pytest.mark.parametrize("interface", [BRIDGE, nic("", hardware=False), nic("bonding", hardware=False)])
def test_adapter_that_cannot_be_identified_was_not_seen(interface: Interface) -> None:
    """What hides the adapter may hide a VMXNET3, so it is neither another adapter nor one without offload."""
    alone, beside = findings(seen("w1", interface)), findings(seen("w1", interface), seen("w2", nic("e1000e")))
    for code, other in (("adapter", "e1000e"), ("tunnel-offload", "other-adapter")):
        assert (Severity.UNKNOWN, {"w1": UNSEEN}) == (alone[code].severity, outcomes(alone[code]))
        assert {"w1": UNSEEN, "w2": other} == outcomes(beside[code])
    assert "The nodes' adapters are e1000e; on w1 it could not be identified." == words(beside["adapter"].text)
    assert "No adapter that could be looked at is a VMXNET3." == words(beside["tunnel-offload"].text)


@pytest.mark.parametrize(
    ("segmentation", "checksum", "outcome"),
    [(True, True, "on"), (True, False, "on"), (False, True, "on"), (False, False, "off")],
)
def test_tunnel_offload_is_off_only_when_both_are(segmentation: bool, checksum: bool, outcome: str) -> None:  # noqa: FBT001
    """vmxnet3 stops treating tunnels specially only when both features are off."""
    finding = findings(seen("w1", nic(segmentation=segmentation, checksum=checksum)))["tunnel-offload"]
    assert outcome == finding.outcome


def test_tunnel_offload_names_the_nodes_at_risk() -> None:
    """Mixed states are at risk where the offload is on; adapters of another make never are."""
    finding = findings(
        seen("w1", nic(segmentation=False, checksum=False)), seen("w2", nic()), seen("w3", nic("e1000e"))
    )["tunnel-offload"]
    assert (Severity.ADVICE, "on") == (finding.severity, finding.outcome)
    assert {"w2": "on", "w1": "off", "w3": "other-adapter"} == outcomes(finding)
    assert "other-adapter" == findings(seen("w3", nic("e1000e")))["tunnel-offload"].outcome


def test_offload_that_is_not_told_is_unknown() -> None:
    """A kernel that does not tell leaves it open at its node; fixed features are shown as ethtool does."""
    untold = seen("w1", nic(features=()))
    assert Severity.UNKNOWN is findings(untold)["tunnel-offload"].severity
    assert {"w1": UNSEEN, "w2": "on"} == outcomes(findings(untold, seen("w2", nic()))["tunnel-offload"])
    old = (Feature(SEGMENTATION, on=False, fixed=True),)
    finding = findings(seen("w1", nic(features=old)))["tunnel-offload"]
    assert "off" == finding.outcome
    assert f"w1: eth0 {SEGMENTATION}: off [fixed], {CHECKSUM}: not there" == words(finding.evidence[0])


def test_lower_interfaces_are_the_adapters() -> None:
    """With the address on a bond, the adapters below it are judged, and the one that asks for attention counts."""
    bond = nic("bonding", name="bond0", features=(), hardware=False)
    found = findings(seen("w1", nic(role=Role.LOWER), nic("e1000e", role=Role.LOWER), bond))
    assert ("vmxnet3", "on") == (found["adapter"].outcome, found["tunnel-offload"].outcome)


@pytest.mark.parametrize(
    ("mtus", "severity", "expected"),
    [
        ([(1500, 1450)] * 3, Severity.OK, ("pass", "pass", "pass")),
        ([(1500, 1450), (1500, 1450), (1400, 1350)], Severity.DEGRADED, ("pass", "pass", "differs")),
        ([(1500, 1450), (1500, 1400), (1500, 1450)], Severity.DEGRADED, ("pass", "differs", "pass")),
        ([(1500, 1450), (1400, 1450), (1500, 1450)], Severity.DEGRADED, ("pass", "no-room", "pass")),
        ([(1500, 1451), (1400, 1350), (1500, 1450)], Severity.DEGRADED, ("no-room", "differs", "differs")),
        ([(9000, 8950)] * 3, Severity.OK, ("pass", "pass", "pass")),
        ([(0, 1450), (1500, 1450), (1500, 1450)], Severity.OK, (UNSEEN, "pass", "pass")),
        ([(0, 1450)] * 3, Severity.UNKNOWN, (UNSEEN, UNSEEN, UNSEEN)),
    ],
)
def test_mtu(mtus: list[tuple[int, int]], severity: Severity, expected: tuple[str, ...]) -> None:
    """An MTU that differs, and a tunnel's that leaves no room for its headers, each at its node."""
    nodes = [seen(f"w{i}", nic(mtu=own), tunnel(inner)) for i, (own, inner) in enumerate(mtus, 1)]
    finding = findings(*nodes)["mtu"]
    assert (severity, expected) == (finding.severity, tuple(outcomes(finding)[f"w{i}"] for i in (1, 2, 3)))


@pytest.mark.parametrize(
    ("inner", "fields", "outcome"),
    [
        (1430, {"over_ipv6": True}, "pass"),
        (1431, {"over_ipv6": True}, "no-room"),
        (1440, {"wireguard": True}, "pass"),
        (1441, {"wireguard": True}, "no-room"),
    ],
)
def test_what_a_tunnel_adds_depends_on_its_kind(inner: int, fields: dict[str, bool], outcome: str) -> None:
    """A VXLAN whose own packets are IPv6 needs 20 bytes more than over IPv4; WireGuard 60 in all."""
    assert outcome == findings(seen("w1", nic(), tunnel(inner, **fields)))["mtu"].outcome


def test_mtu_is_measured_at_each_node() -> None:
    """Bytes, of the adapter and of its tunnel."""
    finding = findings(seen("w1", nic(mtu=1400), tunnel(1450)), seen("w2", nic()))["mtu"]
    assert [{"mtu": 1400, "tunnel": 1450}, {"mtu": 1500}] == [s.measures for s in finding.seen]
    assert ["w1: 1400 bytes, tunnels flannel.1 1450 bytes", "w2: 1500 bytes"] == [words(e) for e in finding.evidence]


@pytest.mark.parametrize(
    "device",
    [
        tunnel(1500, name="cilium_vxlan", collects_metadata=True),
        tunnel(65000, name="vxlan_sys_4789", collects_metadata=True),
        tunnel(1500, name="vxlan.calico", down=True),
    ],
)
def test_tunnels_whose_mtu_binds_nobody(device: Interface) -> None:
    """A device whose sender minds the MTU, and one that is switched off, say nothing about room."""
    finding = findings(seen("w1", nic(), device), seen("w2", nic()))["mtu"]
    assert (Severity.OK, {"w1": "pass", "w2": "pass"}) == (finding.severity, outcomes(finding))


def test_every_tunnel_counts() -> None:
    """Which of several devices comes last decides nothing; each is held to the one of its name elsewhere."""
    wide, narrow = tunnel(1480, name="a"), tunnel(1400, name="b")
    for devices in ((wide, narrow), (narrow, wide)):
        assert "no-room" == findings(seen("w1", nic(), *devices))["mtu"].outcome
    apart = findings(seen("w1", nic(), narrow), seen("w2", nic(), tunnel(1450)))["mtu"]
    assert {"w1": "pass", "w2": "pass"} == outcomes(apart)


@pytest.mark.parametrize(
    ("rises", "severity"),
    [
        ({"rx_packets": 0}, Severity.OK),
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
    assert ((Node("w1"),) if severity is Severity.DEGRADED else ()) == finding.where
    at = next(s for s in finding.seen if s.place == Node("w1"))
    assert {name: rise for name, rise in rises.items() if not name.endswith("_packets")} == at.measures


@pytest.mark.parametrize(("rises", "window_s"), [({}, 1.0), ({"rx_errors": 0}, 0.0)])
def test_errors_that_were_not_watched(rises: dict[str, int], window_s: float) -> None:
    """Where no counter could be read, or none was watched, nobody knows whether one rises."""
    unwatched = seen("w1", nic(rises=rises), window_s=window_s)
    assert Severity.UNKNOWN is findings(unwatched)["errors"].severity
    assert {"w2": "pass", "w1": UNSEEN} == outcomes(findings(unwatched, seen("w2", nic()))["errors"])


@pytest.mark.parametrize(
    ("interface", "kind"),
    [
        (nic("", pci_id="", hardware=True), UNSEEN),
        (nic("ixgbevf", pci_id="8086:1515"), "other"),
        (nic("hv_netvsc", pci_id="", hardware=True), "other"),
    ],
)
def test_hardware_that_does_not_tell_what_it_is(interface: Interface, kind: str) -> None:
    """Neither an ID nor a driver: it may be anything. A virtual function and a paravirtual adapter are known."""
    assert {"w1": kind, "w2": "e1000e"} == outcomes(
        findings(seen("w1", interface), seen("w2", nic("e1000e")))["adapter"]
    )


@pytest.mark.parametrize(
    ("rises", "window_s", "outcome"),
    [
        ({"tx_timeout": 0}, 1.0, "pass"),
        ({"tx_timeout": 2}, 1.0, "hangs"),
        ({"tx_timeout": 0}, 0.0, UNSEEN),
        ({}, 1.0, UNSEEN),
    ],
)
def test_hangs(rises: dict[str, int], window_s: float, outcome: str) -> None:
    """A queue that the watchdog found standing still, while it was watched."""
    finding = findings(seen("w1", nic(rises=rises), window_s=window_s), seen("w2", nic(rises={"tx_timeout": 0})))[
        "hangs"
    ]
    assert {"w1": outcome, "w2": "pass"} == outcomes(finding)
    assert ["w1: eth0 was reset 2 times"] * (outcome == "hangs") == [words(line) for line in finding.evidence]


def test_nothing_seen_is_unknown() -> None:
    """Without any node's answer nothing is concluded, and the reason is told; some nodes are enough."""
    for observations in ((), (LOST,), (seen("w1"),)):
        assert {Severity.UNKNOWN} == {finding.severity for finding in findings(*observations).values()}
    assert "no agent" in words(findings(LOST)["adapter"].evidence[0])
    assert [{"w9": UNSEEN}] * 5 == [outcomes(finding) for finding in findings(LOST).values()]
    partly = findings(LOST, seen("w1", nic()))
    for code, outcome in (("adapter", "vmxnet3"), ("tunnel-offload", "on"), ("mtu", "pass"), ("errors", "pass")):
        assert {"w1": outcome, "w9": UNSEEN} == outcomes(partly[code])
        assert any("w9" in words(line) for line in partly[code].evidence)


def test_every_node_is_asked_about_its_own_address() -> None:
    """One job a node, on its host network."""
    tasks = plan(cluster(), Parameters(window_s=0.5))
    assert [("cp", ("172.30.0.10",)), ("w1", ("172.30.0.11",)), ("w2", ("172.30.0.12",))] == [
        (task.node, task.request.addresses) for task in tasks
    ]
    assert {(Network.HOST, 0.5)} == {(task.network, task.request.window_s) for task in tasks}
