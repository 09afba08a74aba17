"""The check `nic` meets a real VMXNET3 and a real e1000e device, with the kernel's own drivers for them."""

import json
import re
import shutil

import msgspec
import pytest

from checks.observation import Network, Observation
from checks.nic.judge import judge
from checks.nic.model import Data, Feature, Interface, Parameters
from checks.cluster.snapshot import Snapshot
from tests.checks.requirements import need, need_linux
from tests.qemu import PACKAGES
from tests.qemu.guest import BEGIN, END
from tests.qemu.machine import boot

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(600)]
SEEN = re.compile(f"{BEGIN}(.*?){END}")
CHECKSUM = "tx-checksum-ip-generic"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Data]:
    """What `observe` saw as nobody in the guest, by label and adapter."""
    need_linux()
    need(shutil.which("qemu-system-x86_64") is not None, f"needs QEMU (Debian: apt-get install {PACKAGES[0]})")
    need(shutil.which("dpkg-deb") is not None, "needs Debian's packages, to take the guest's kernel from")
    printed = boot(tmp_path_factory.mktemp("qemu"))
    looks = [json.loads(match) for match in SEEN.findall(printed)]
    assert looks, printed
    assert {65534} == {look["uid"] for look in looks}
    return {(look["label"], look["adapter"]): msgspec.convert(look["data"], Data) for look in looks}


def interface(data: Data) -> Interface:
    """The one interface that holds the address."""
    (found,) = data.interfaces
    return found


@pytest.mark.parametrize(
    ("adapter", "pci_id", "mac"),
    [("vmxnet3", "15ad:07b0", "00:50:56:00:00:01"), ("e1000e", "8086:10d3", "00:50:56:00:00:02")],
)
def test_adapter_is_recognised(seen: dict[tuple[str, str], Data], adapter: str, pci_id: str, mac: str) -> None:
    """Driver, PCI ID, MAC and MTU of the device are read, and the machine's make from its firmware's tables."""
    data = seen["as it is", adapter]
    found = interface(data)
    assert (adapter, pci_id, mac, 1500) == (found.driver, found.pci_id, found.mac, found.mtu)
    assert ("VMware, Inc.", "VMware7,1") == (data.system_vendor, data.product)


def test_offloads_are_read(seen: dict[tuple[str, str], Data]) -> None:
    """Neither device offloads tunnels here: QEMU's VMXNET3 is of an early version, and e1000e never does."""
    for adapter in ("vmxnet3", "e1000e"):
        found = interface(seen["as it is", adapter])
        for name in ("tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation"):
            assert Feature(name, on=False, fixed=True) == found.feature(name)
        assert found.feature("tx-tcp-segmentation")


def test_switching_an_offload_shows(seen: dict[tuple[str, str], Data]) -> None:
    """What ethtool's ioctl switches on the VMXNET3 device is seen at the next look; switched back it is as before."""
    states = [interface(seen[label, "vmxnet3"]).feature(CHECKSUM) for label in ("as it is", "without checksum offload")]
    assert [Feature(CHECKSUM, on=True), Feature(CHECKSUM, on=False)] == states
    # Its features alone: packets that the kernel sends of its own accord are counted at one look and not at the other.
    assert interface(seen["as it is", "vmxnet3"]).features == interface(seen["switched back", "vmxnet3"]).features


@pytest.mark.parametrize(("adapter", "offload"), [("vmxnet3", "off"), ("e1000e", "other-adapter")])
def test_findings_name_the_adapter(seen: dict[tuple[str, str], Data], adapter: str, offload: str) -> None:
    """From the real device to the finding: the adapter by name, and what its tunnel offload means."""
    observation = Observation(check="nic", network=Network.HOST, node="w1", data=seen["as it is", adapter])
    signs = {finding.code: finding.sign for finding in judge(Snapshot(), Parameters(), (observation,))}
    assert (adapter, offload) == (signs["nic.adapter"], signs["nic.tunnel-offload"])
