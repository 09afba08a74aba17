"""Interfaces are read as they are: from a sysfs of files, and from a network namespace of the kernel's."""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import msgspec
import pytest

from checks.kernel.ethtool import Driver, Ethtool, ethtool
from checks.nic import CHECK
from checks.nic.model import Data, Feature, Interface, Request, Role
from checks.nic.observe import lowers
from checks.observation import Context, Network
from tests.checks.requirements import need_linux, need_network_namespaces

LOOPBACK = Request(addresses=("127.0.0.1",), window_s=0)


def write(root: Path, files: dict[str, str]) -> None:
    """Write files, their folders included."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """A sysfs in which `lo`, which holds 127.0.0.1 everywhere, is a VMXNET3 adapter."""
    write(
        tmp_path,
        {
            "class/net/lo/device/vendor": "0x15AD",
            "class/net/lo/device/device": "0x07b0",
            "class/net/lo/address": "00:50:56:01:02:03",
            "class/net/lo/mtu": "1500",
            "class/net/lo/carrier_changes": "3",
            "class/net/lo/statistics/rx_errors": "7",
            "class/net/flannel.1/uevent": "DEVTYPE=vxlan\nINTERFACE=flannel.1",
            "class/net/flannel.1/mtu": "1450",
            "class/net/flannel.1/operstate": "unknown",
            "class/net/other/uevent": "INTERFACE=other",
            "class/dmi/id/sys_vendor": "VMware, Inc.",
            "class/dmi/id/product_name": "VMware7,1",
            "bus/pci/drivers/vmxnet3/new_id": "",
        },
    )
    (tmp_path / "class/net/lo/device/driver").symlink_to(tmp_path / "bus/pci/drivers/vmxnet3")
    return tmp_path


def observe(sysfs: Path, request: Request = LOOPBACK) -> Data:
    """What the check sees on this machine with that sysfs."""
    need_linux()
    data = CHECK.observe(request, Context(network=Network.HOST, sysfs=str(sysfs)))
    assert isinstance(data, Data)
    return data


def test_adapter_is_read_from_sysfs(sysfs: Path) -> None:
    """Driver, PCI ID, MAC, MTU and the machine's make come from sysfs, wherever it is."""
    data = observe(sysfs)
    assert ("VMware, Inc.", "VMware7,1") == (data.system_vendor, data.product)
    adapter, tunnel = data.interfaces
    assert (
        Interface(
            name="lo",
            role=Role.NODE,
            driver="vmxnet3",
            hardware=True,
            pci_id="15ad:07b0",
            mac="00:50:56:01:02:03",
            mtu=1500,
            carrier_changes=3,
            rises={"rx_errors": 0, "carrier_changes": 0},
        )
        == adapter
    )
    assert ("flannel.1", Role.TUNNEL, 1450) == (tunnel.name, tunnel.role, tunnel.mtu)


def test_bond_is_followed_to_its_adapters(sysfs: Path) -> None:
    """Where the address is on a bond, the adapters below it are what counts; a pod's end of a bridge is none."""
    net = sysfs / "class/net"
    (net / "lo/device/driver").unlink()
    (net / "lo/device").rename(sysfs / "spare")
    write(net, {"bond0/mtu": "1500", "eth0/device/vendor": "0x8086", "eth0/device/device": "0x10d3", "veth1/mtu": "1"})
    for upper, lower in (("lo", "bond0"), ("bond0", "eth0"), ("bond0", "veth1")):
        (net / upper / f"lower_{lower}").symlink_to(net / lower)
    assert [("eth0", Role.LOWER, "8086:10d3"), ("lo", Role.NODE, ""), ("flannel.1", Role.TUNNEL, "")] == [
        (i.name, i.role, i.pci_id) for i in observe(sysfs).interfaces
    ]


def test_below_open_vswitch_every_adapter_counts(sysfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bridge with the address shows nothing below; what it switches hangs under one interface of the kernel's."""
    net = sysfs / "class/net"
    (net / "lo/device/driver").unlink()
    (net / "lo/device").rename(sysfs / "spare")
    write(
        net, {"eth0/device/vendor": "0x15ad", "eth0/device/device": "0x07b0", "veth1/mtu": "1", "ovs-system/mtu": "1"}
    )
    for port in ("eth0", "veth1"):
        (net / f"ovs-system/lower_{port}").symlink_to(net / port)
    assert [("lo", Role.NODE), ("flannel.1", Role.TUNNEL)] == [(i.name, i.role) for i in observe(sysfs).interfaces]
    monkeypatch.setattr(Ethtool, "driver", lambda *_: Driver("openvswitch", "", ""))
    assert ("eth0", Role.LOWER, "15ad:07b0") == next((i.name, i.role, i.pci_id) for i in observe(sysfs).interfaces)


def test_wireguard_is_a_tunnel_too(sysfs: Path) -> None:
    """The kernel names its kind."""
    write(
        sysfs / "class/net", {"cilium_wg0/uevent": "DEVTYPE=wireguard\nINTERFACE=cilium_wg0", "cilium_wg0/mtu": "1420"}
    )
    told = [(i.name, i.mtu, i.wireguard) for i in observe(sysfs).interfaces if i.role is Role.TUNNEL]
    assert [("cilium_wg0", 1420, True), ("flannel.1", 1450, False)] == told


def test_hangs_of_all_queues_are_counted(sysfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each transmit queue has its own count; receive queues have none."""
    queues = sysfs / "class/net/lo/queues"
    write(queues, {"tx-0/tx_timeout": "1", "tx-1/tx_timeout": "2", "rx-0/rps_cpus": "0"})
    monkeypatch.setattr("checks.nic.observe.time.sleep", lambda _: write(queues, {"tx-1/tx_timeout": "5"}))
    assert 3 == observe(sysfs).interfaces[0].rises["tx_timeout"]


STACKED = textwrap.dedent(
    """
    set -e
    mount -t sysfs none /sys
    ip link add nic0 type veth peer name far
    {made}
    for name in top nic0; do
        mkdir -p "$1/$name"
        for lower in /sys/class/net/$name/lower_*; do
            if test -e "$lower"; then ln -s "../${{lower#*lower_}}" "$1/$name/$(basename "$lower")"; fi
        done
    done
    """
)


@pytest.mark.parametrize(
    "made",
    [
        "ip link add top type bridge; ip link set nic0 master top",
        "ip link add top type bond; ip link set nic0 master top",
        "ip link add top type team; ip link set nic0 master top",
        "ip link add link nic0 name top type vlan id 5",
        "ip link add link nic0 name top type macvlan",
    ],
)
def test_the_kernel_shows_what_an_interface_stands_on(made: str, tmp_path: Path) -> None:
    """As it names it itself, whatever kind of interface has the address."""
    need_network_namespaces()
    command = ["unshare", "--net", "--mount", "--", "sh", "-c", STACKED.format(made=made), "sh", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if "Unknown device type" in done.stderr:
        pytest.skip(f"this kernel cannot: {made}")
    assert "" == done.stderr
    (tmp_path / "nic0/device").mkdir()
    assert ["nic0"] == list(lowers(tmp_path / "top"))


def test_virtio_is_named_by_its_pci_device(sysfs: Path) -> None:
    """A virtio device has numbers of its own below its PCI device, whose ID is the one that people know."""
    net = sysfs / "class/net"
    write(
        sysfs,
        {
            "devices/pci0/uevent": "PCI_ID=1AF4:1041",
            "devices/pci0/vendor": "0x1af4",
            "devices/pci0/device": "0x1041",
            "devices/pci0/virtio0/vendor": "0x1af4",
            "devices/pci0/virtio0/device": "0x0001",
        },
    )
    (net / "lo/device").rename(sysfs / "spare")
    (net / "lo/device").symlink_to(sysfs / "devices/pci0/virtio0")
    assert "1af4:1041" == observe(sysfs).interfaces[0].pci_id


def test_rises_are_what_counters_gained(sysfs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters count since boot: what they gain while they are watched is told, and that others stood still."""
    errors = sysfs / "class/net/lo/statistics/rx_errors"
    monkeypatch.setattr("checks.nic.observe.time.sleep", lambda _: errors.write_text("9\n"))
    assert {"rx_errors": 2, "carrier_changes": 0} == observe(sysfs).interfaces[0].rises


@pytest.mark.parametrize("later", ["6", "", "half", "9" * 30])
def test_counters_that_do_not_count_are_not_told(sysfs: Path, monkeypatch: pytest.MonkeyPatch, later: str) -> None:
    """One that fell began anew, and one that cannot be read tells nothing: neither gained anything, nor stood still."""
    errors = sysfs / "class/net/lo/statistics/rx_errors"
    monkeypatch.setattr("checks.nic.observe.time.sleep", lambda _: errors.write_text(later))
    assert {"carrier_changes": 0} == observe(sysfs).interfaces[0].rises


def test_tunnel_that_is_down_is_known(sysfs: Path) -> None:
    """A device that another network plugin left behind is told from one in use."""
    write(sysfs, {"class/net/old.1/uevent": "DEVTYPE=vxlan", "class/net/old.1/operstate": "down"})
    assert [("flannel.1", False), ("old.1", True)] == [
        (i.name, i.down) for i in observe(sysfs).interfaces if i.role is Role.TUNNEL
    ]


def test_hostile_files_are_no_error(sysfs: Path) -> None:
    """Names and files that are no text, numbers beyond all bounds and links in circles give data all the same."""
    net = sysfs / "class/net"
    odd = Path(os.fsdecode(os.fsencode(net) + b"/vx\xff"))
    write(odd, {"uevent": "DEVTYPE=vxlan", "mtu": "9" * 5000, "statistics/rx_errors": "9" * 5000})
    (net / "lo/mtu").write_bytes(b"\xff\xfe\n")
    (net / "lo/statistics/rx_errors").write_bytes(b"7 and a half")
    (net / "lo/statistics/tx_errors").mkdir()
    (net / "lo/device/driver").unlink()
    (net / "lo/device/driver").symlink_to(net / "lo/device/driver")
    (net / "lo/lower_lo").symlink_to(net / "lo")
    (net / "other/device").symlink_to(net / "other/device")
    (net / "lo/device/vendor").write_bytes(b"\xff")
    (sysfs / "class/dmi/id/sys_vendor").write_bytes(b"VM\xffware")
    data = observe(sysfs)
    adapters = [i for i in data.interfaces if i.name == "lo"]
    assert "VM\N{REPLACEMENT CHARACTER}ware" == data.system_vendor
    assert [(0, {"carrier_changes": 0})] * len(adapters) == [(i.mtu, i.rises) for i in adapters]
    assert ("vx\N{REPLACEMENT CHARACTER}", 0, {}) == [(i.name, i.mtu, i.rises) for i in data.interfaces][-1]
    assert data == msgspec.json.decode(msgspec.json.encode(data), type=Data)


def test_lines_of_if_inet6_that_are_none(sysfs: Path, tmp_path: Path) -> None:
    """Half a line beside the node's address does not hide it."""
    write(tmp_path, {"proc/net/if_inet6": "2001\n20010db8000000000000000000000009 02 40 00 80 lo\nfe80 x"})
    context = Context(network=Network.HOST, sysfs=str(sysfs), procfs=str(tmp_path / "proc"))
    data = CHECK.observe(Request(addresses=("2001:db8::9",), window_s=0), context)
    assert isinstance(data, Data)
    assert [("lo", Role.NODE)] == [(i.name, i.role) for i in data.interfaces if i.role is not Role.TUNNEL]


def test_empty_sysfs_gives_nothing(tmp_path: Path) -> None:
    """Without a sysfs there is nothing to see, and nothing breaks."""
    data = observe(tmp_path)
    assert ("", "") == (data.system_vendor, data.product)
    assert [("lo", 0)] == [(i.name, i.mtu) for i in data.interfaces]


def test_address_that_is_not_here(sysfs: Path) -> None:
    """An agent that is not in the node's network namespace finds no adapter rather than a wrong one."""
    data = observe(sysfs, Request(addresses=("192.0.2.77", "2001:db8::77", "no address"), window_s=0))
    assert [Role.TUNNEL] == [i.role for i in data.interfaces]


def test_loopback_does_not_tell() -> None:
    """`lo` has no driver to ask: the kernel refuses, and `observe` goes on without."""
    need_linux()
    with ethtool() as asked, pytest.raises(OSError, match="not supported"):
        asked.driver("lo")


IN_NAMESPACE = textwrap.dedent(
    """
    set -e
    mount -t sysfs none "$1"
    ip link set lo up
    ip link add nic0 type veth peer name nic1
    ip address add 192.0.2.1/24 dev nic0
    ip address add 192.0.2.5/24 dev nic0 label nic0:1
    ip -6 address add 2001:db8::1/64 dev nic0 nodad
    ip link add vx0 mtu 1450 type vxlan id 1 dstport 4789 dev nic0
    ip link set nic0 mtu 1400
    ip link add vx1 type vxlan external dstport 4790
    ip link add vx2 type vxlan id 2 dstport 4791 local 2001:db8::1 dev nic0
    for name in nic0 nic1 vx1; do ip link set $name up; done
    shift
    "$@"
    """
)
PROBE = textwrap.dedent(
    """
    import os, sys
    import msgspec
    from checks.observation import Context, Network
    from checks.nic import CHECK
    from checks.nic.model import Request
    import checks.nic.observe
    os.setgid(65534)
    os.setuid(65534)
    request = Request(addresses=(sys.argv[2],), window_s=0)
    data = CHECK.observe(request, Context(network=Network.HOST, sysfs=sys.argv[1]))
    sys.stdout.buffer.write(msgspec.json.encode(data))
    """
)


def in_namespace(sysfs: Path, *command: str) -> str:
    """What a command prints in a network namespace of its own with a veth `nic0` and a VXLAN device."""
    need_network_namespaces()
    sysfs.mkdir(exist_ok=True)
    sysfs.parent.chmod(0o755)
    return subprocess.run(
        ["unshare", "--net", "--mount", "--", "sh", "-c", IN_NAMESPACE, "sh", str(sysfs), *command],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize("address", ["192.0.2.1", "192.0.2.5", "2001:db8::1"])
def test_real_interfaces_are_read_without_privileges(address: str) -> None:
    """As nobody, the interface with the address is found by any of its addresses, with driver and offloads."""
    need_network_namespaces()
    # pytest's own folders are closed to nobody.
    with tempfile.TemporaryDirectory() as folder:
        sysfs = Path(folder, "sysfs")
        output = in_namespace(sysfs, sys.executable, "-c", PROBE, str(sysfs), address)
    data = msgspec.json.decode(output, type=Data)
    nic, tunnel, external, ipv6 = data.interfaces
    assert ("nic0", Role.NODE, "veth", 1400) == (nic.name, nic.role, nic.driver, nic.mtu)
    assert Feature("tx-udp_tnl-segmentation", on=True) == nic.feature("tx-udp_tnl-segmentation")
    assert Feature("rx-lro", on=False, fixed=True) == nic.feature("rx-lro")
    assert ("vx0", Role.TUNNEL, 1450) == (tunnel.name, tunnel.role, tunnel.mtu)
    assert [("nic0", False, False), ("vx0", True, False), ("vx1", False, True)] == [
        (i.name, i.down, i.collects_metadata) for i in (nic, tunnel, external)
    ]
    assert not nic.hardware
    assert [("vx0", False), ("vx1", False), ("vx2", True)] == [(i.name, i.over_ipv6) for i in (tunnel, external, ipv6)]


FEATURES = textwrap.dedent(
    """
    import json
    from checks.kernel.ethtool import ethtool
    with ethtool() as asked:
        print(json.dumps({name: [state.on, state.fixed] for name, state in asked.features("nic0").items()}))
    """
)


def test_features_agree_with_the_ethtool_program(tmp_path: Path) -> None:
    """Every offload of the kernel reads as the ethtool program shows it, after one was switched too."""
    script = 'ethtool -K nic0 tx-udp_tnl-segmentation off 1>&2; ethtool -k nic0; echo ---; "$@"'
    output = in_namespace(tmp_path / "sysfs", "sh", "-c", script, "sh", sys.executable, "-c", FEATURES)
    shown, _, ours = output.partition("---")
    states = json.loads(ours)
    compared = 0
    for line in shown.splitlines():
        name, _, state = (part.strip() for part in line.partition(":"))
        if name in states:
            assert [state.startswith("on"), "[fixed]" in state] == states[name], name
            compared += 1
    assert compared > 30
    assert [False, False] == states["tx-udp_tnl-segmentation"]
