"""The kernel is asked as it is: two nodes' overlay in a network namespace of the kernel's, as nobody."""

import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import msgspec
import pytest

from checks.kernel.routing import route_to
from checks.node import CHECK, tables
from checks.node.model import Adapter, Bridge, Data, Device, Request, Wanted, Way
from checks.observation import Context, Network
from tests.checks.requirements import need_linux, need_network_namespaces

IN_NAMESPACE = textwrap.dedent(
    """
    set -e
    mount -t sysfs none "$1"
    ip link set lo up
    ip link add eth0 address 00:50:56:00:00:01 type veth peer name eth1
    ip address add 192.0.2.1/24 dev eth0
    ip link set eth0 up; ip link set eth1 up
    ip link add flannel.1 address 7a:00:00:00:00:01 type vxlan id 1 dstport 4789 local 192.0.2.1 dev eth0 nolearning
    ip address add 10.244.1.0/32 dev flannel.1
    ip link set flannel.1 up
    ip link add cni0 type bridge
    ip link add pod0 type veth peer name pod1
    ip link set pod0 master cni0
    ip address add 10.244.1.1/24 dev cni0
    ip neighbour add 10.244.2.0 lladdr 7a:00:00:00:00:02 dev flannel.1 nud permanent
    ip route add 10.244.2.0/24 via 10.244.2.0 dev flannel.1 onlink
    bridge fdb append 7a:00:00:00:00:02 dev flannel.1 dst 192.0.2.2
    ip route add blackhole 10.244.4.0/24
    sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=1
    sysctl -qw net/ipv4/conf/flannel.1/rp_filter=2 net.ipv4.conf.cni0.rp_filter=0
    shift
    "$@"
    """
)
PROBE = textwrap.dedent(
    """
    import os, sys
    import msgspec
    from checks.observation import Context, Network
    from checks.node import CHECK
    from checks.node.model import Request
    import checks.node.observe
    request = msgspec.json.decode(sys.argv[2], type=Request)
    os.setgid(65534)
    os.setuid(65534)
    data = CHECK.observe(request, Context(network=Network.HOST, sysfs=sys.argv[1]))
    sys.stdout.buffer.write(msgspec.json.encode(data))
    """
)
REQUEST = Request(
    addresses=("192.0.2.1", "no address"),
    devices=("flannel.1", "flannel-v6.1", "../x"),
    ways=tuple(Wanted(subnet=f"10.244.{n}.0/24", mac=f"7a:00:00:00:00:0{n}") for n in (2, 3, 4)),
    window_s=0,
)


@pytest.fixture(scope="module")
def data() -> Data:
    """What nobody sees of a node whose overlay knows one peer of three."""
    need_network_namespaces()
    # pytest's own folders are closed to nobody.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        sysfs = Path(folder, "sysfs")
        sysfs.mkdir()
        probe = [sys.executable, "-c", PROBE, str(sysfs), msgspec.json.encode(REQUEST).decode()]
        command = ["unshare", "--net", "--mount", "--", "sh", "-c", IN_NAMESPACE, "sh", str(sysfs), *probe]
        output = subprocess.run(command, check=True, capture_output=True).stdout
    return msgspec.json.decode(output, type=Data)


def test_ways_are_told_as_they_were_written(data: Data) -> None:
    """Route, neighbour and the tunnel's entry of the peer that is known; nothing of one that is not, or is barred."""
    known = Way(
        subnet="10.244.2.0/24",
        network="10.244.2.0/24",
        gateway="10.244.2.0",
        interface="flannel.1",
        neighbour="7a:00:00:00:00:02",
        machines=("192.0.2.2",),
    )
    assert (known, Way(subnet="10.244.3.0/24"), Way(subnet="10.244.4.0/24")) == data.ways


def test_devices_and_adapters(data: Data) -> None:
    """The tunnel's own device with its MAC, one that is not there, and the adapter with the node's address."""
    assert (Device(name="flannel.1", mac="7a:00:00:00:00:01"), Device(name="flannel-v6.1", mac="")) == data.devices
    assert (Adapter(name="eth0", mac="00:50:56:00:00:01"),) == data.adapters


def test_settings(data: Data) -> None:
    """What the kernel forwards, where its filter is strict, and which bridge has pods."""
    assert {"4": True, "6": False} == data.forwards
    assert ("eth0",) == data.strict
    assert (Bridge(name="cni0", address="10.244.1.1"),) == data.bridges
    assert 0 == data.strict_drops


def test_tables(data: Data) -> None:
    """Tracked connections are counted where the kernel tracks them; nothing was dropped without a window."""
    assert data.tracks == (data.connections is not None)
    assert data.connections is None or (0, 0) == (data.connections.dropped, data.connections.insert_failed)


def test_the_filter_of_reverse_paths_is_counted() -> None:
    """What a strict filter drops while it is watched, as the kernel counts it: here a source with no way back."""
    need_network_namespaces()
    send = textwrap.dedent(
        """
        set -e
        ip link set lo up
        ip link add near type veth peer name far
        ip link set near up; ip link set far up
        ip address add 192.0.2.1/24 dev near
        sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.near.rp_filter=1
        "$@"
        """
    )
    count = textwrap.dedent(
        """
        import socket, struct
        from pathlib import Path
        from checks.node import tables
        before = tables.read(Path("/proc"))
        frame = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        frame.bind(("far", 0))
        mac = bytes.fromhex(Path("/sys/class/net/near/address").read_text().strip().replace(":", ""))
        def checksum(header):
            total = sum(struct.unpack("!10H", header))
            return ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 1, 0, 64, 17, 0, bytes([198, 51, 100, 7]), bytes([192, 0, 2, 1]))
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        for _ in range(7):
            frame.send(mac + mac[:5] + b"\\x99" + b"\\x08\\x00" + ip + struct.pack("!HHHH", 9, 9, 8, 0))
        print(tables.rise(before, tables.read(Path("/proc")), tables.STRICT_DROPS))
        """
    )
    mounted = "mount -t sysfs none /sys;" + send
    command = ["unshare", "--net", "--mount", "--", "sh", "-c", mounted, "sh", sys.executable, "-c", count]
    assert "7" == subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def write(path: Path, text: str) -> None:
    """A file, its folders included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_statistics_are_hexadecimal_and_of_all_processors(tmp_path: Path) -> None:
    """`/proc/net/stat` has a line a processor; what it gained is what counts."""
    stat = tmp_path / "net/stat/nf_conntrack"
    write(stat, "entries insert_failed drop early_drop\n00000010 00000001 0000000a 00000000\n00000010 0 1 1\n")
    before = tables.read(tmp_path)
    write(stat, "entries insert_failed drop early_drop\n00000010 00000002 0000000f 00000000\n00000010 0 1 2\n")
    after = tables.read(tmp_path)
    assert (6, 1) == (
        tables.rise(before, after, tables.DROPPED, tables.EARLY),
        tables.rise(before, after, tables.FAILED),
    )
    assert tables.rise(after, before, tables.DROPPED) is None
    assert tables.rise(before, after, tables.DROPPED, "arp_cache table_fulls") is None


@pytest.mark.parametrize("text", ["", "entries drop\n", "entries drop\nnonsense here\n", "\xff\n\n"])
def test_statistics_that_are_none(tmp_path: Path, text: str) -> None:
    """Half a file tells nothing, and is no error."""
    write(tmp_path / "net/stat/nf_conntrack", text)
    write(tmp_path / "net/netstat", f"TcpExt: IPReversePathFilter\n{text}")
    assert tables.rise(tables.read(tmp_path), tables.read(tmp_path), tables.DROPPED) is None


def test_an_empty_procfs_tells_nothing(tmp_path: Path) -> None:
    """Nothing that could not be read is told as well or unwell."""
    need_linux()
    context = Context(network=Network.HOST, sysfs=str(tmp_path), procfs=str(tmp_path))
    told = CHECK.observe(Request(window_s=0), context)
    assert isinstance(told, Data)
    assert ({}, None, None, (), ()) == (
        told.forwards,
        told.strict_drops,
        told.connections,
        told.neighbours,
        told.bridges,
    )


def test_what_is_on_this_machine_has_no_route_to_elsewhere() -> None:
    """An address of the machine's own is no way to somebody else; words are an error."""
    need_linux()
    assert route_to("127.0.0.1") is None
    with pytest.raises(ValueError, match="does not appear"):
        route_to("nonsense")
