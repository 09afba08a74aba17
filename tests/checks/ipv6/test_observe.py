"""The kernel's IPv6 configuration is read as it is, and probes go over real sockets."""

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from checks.ipv6 import CHECK
from checks.ipv6.model import Address, Aim, Data, Probe, Request, Target
from checks.observation import Context, Network
from checks.probes.echo import Server
from checks.probes.outcome import Result
from tests.checks.requirements import need_linux, need_network_namespaces

ZERO = "0" * 32


def observe(procfs: Path, sysfs: Path | None = None, request: Request | None = None) -> Data:
    """What the check sees with that procfs."""
    context = Context(network=Network.HOST, procfs=str(procfs), sysfs=str(sysfs or procfs))
    data = CHECK.observe(request or Request(), context)
    assert isinstance(data, Data)
    return data


def write(root: Path, files: dict[str, str]) -> Path:
    """Write files, their folders included."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def test_addresses_by_their_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """0x08 is a duplicate; 0x40 is tentative, unless it is a duplicate too or the interface has no carrier."""
    monkeypatch.setattr("checks.ipv6.observe.DETECTION_S", 0)
    write(
        tmp_path,
        {
            "net/if_inet6": (
                "fd000000000000000000000000000001 02 40 00 80     eth0\n"
                "fd000000000000000000000000000002 02 40 00 c8     eth0\n"
                "fd000000000000000000000000000003 03 40 00 c0     cni0\n"
                "fd000000000000000000000000000004 04 40 00 c0     eth1"
            ),
            "class/net/cni0/operstate": "down",
            "class/net/eth1/operstate": "up",
        },
    )
    assert (
        Address(interface="eth0", address="fd00::1"),
        Address(interface="eth0", address="fd00::2", duplicate=True),
        Address(interface="cni0", address="fd00::3"),
        Address(interface="eth1", address="fd00::4", tentative=True),
    ) == observe(tmp_path).addresses


def test_detection_gets_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that was just made is looked at again, before it is called tentative."""
    line = "fd000000000000000000000000000001 02 40 00 {}     eth0"
    write(tmp_path, {"net/if_inet6": line.format("c0")})
    monkeypatch.setattr(
        "checks.ipv6.observe.time.sleep", lambda _: write(tmp_path, {"net/if_inet6": line.format("80")})
    )
    assert (Address(interface="eth0", address="fd00::1"),) == observe(tmp_path).addresses


def test_routes_and_settings(tmp_path: Path) -> None:
    """Default routes but the kernel's rejecting one; IPv6 switched off; forwarding that ignores advertisements."""
    gateway = "fe80" + "0" * 27 + "1"
    write(
        tmp_path,
        {
            "net/ipv6_route": (
                f"{ZERO} 00 {ZERO} 00 {gateway} 00000400 00000001 00000000 00000003     eth0\n"
                f"{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200       lo\n"
                f"{ZERO} 00 {ZERO} 00 {gateway} 00000400 00000001 00000000 00450003     eth2\n"
                f"fd{'0' * 30} 40 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     eth1"
            ),
            "sys/net/ipv6/conf/all/disable_ipv6": "1",
            "sys/net/ipv6/conf/eth0/disable_ipv6": "0",
            "sys/net/ipv6/conf/eth1/disable_ipv6": "1",
            "sys/net/ipv6/conf/eth0/forwarding": "1",
            "sys/net/ipv6/conf/eth0/accept_ra": "1",
            "sys/net/ipv6/conf/eth1/forwarding": "1",
            "sys/net/ipv6/conf/eth1/accept_ra": "2",
        },
    )
    data = observe(tmp_path)
    assert (("eth0", "eth2"), ("eth2",)) == (data.default_routes, data.learned_routes)
    assert (("eth1",), ("eth0",)) == (data.disabled, data.ignores_advertisements)


HALF_LINES = (
    b"",
    b"fd00",
    b"zz" * 16 + b" 02 40 00 80 eth0",
    b"00" * 40 + b" 02 40 00 80 eth0",
    b"fd" + b"0" * 29 + b"1 02 40 00 " + b"f" * 5000 + b" eth\xff",
    b"\xff\xfe\x00\x80",
    b"fd" + b"0" * 29 + b"1 02 40 00",
)
ODD_NAMES = (b"lan\xff", "lan\N{NEXT LINE}".encode(), b"lan\0")


def test_what_is_no_line_of_the_kernels_is_passed_over(tmp_path: Path) -> None:
    """Half lines, odd numbers and bytes that are no text hide nothing beside them, and what is told can be sent."""
    address = b"fd" + b"0" * 29 + b"2 02 40 00 88     eth0"
    route = f"{ZERO} 00 {ZERO} 00 {ZERO} 00000400 00000001 00000000 00000003     eth0".encode()
    halves = (route[:-20], route.replace(b"0", b"g"), route.replace(b"00000003", b"3" * 5000))
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "if_inet6").write_bytes(b"\n".join((*HALF_LINES, address)))
    (tmp_path / "net" / "ipv6_route").write_bytes(b"\n".join((*HALF_LINES, *halves[:2], route, halves[0])))

    data = observe(tmp_path)

    assert Address(interface="eth0", address="fd00::2", duplicate=True) in data.addresses
    assert ("eth0",) == data.default_routes
    assert data == msgspec.json.decode(msgspec.json.encode(data), type=Data)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_interfaces_of_any_name_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: bytes) -> None:
    """The kernel names interfaces by bytes; what is no UTF-8 is replaced when it is told."""
    monkeypatch.setattr("checks.ipv6.observe.DETECTION_S", 0)
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "if_inet6").write_bytes(b"fd" + b"0" * 29 + b"1 02 40 00 c0 " + name)
    (tmp_path / "net" / "ipv6_route").write_bytes(
        f"{ZERO} 00 {ZERO} 00 {ZERO} 00000400 00000001 00000000 00000003 ".encode() + name
    )
    shown = name.decode(errors="replace")
    switched_off: tuple[str, ...] = ()
    if b"\0" not in name:
        folders = ("class/net", "sys/net/ipv6/conf")
        net, conf = (Path(os.fsdecode(os.fsencode(tmp_path / folder) + b"/" + name)) for folder in folders)
        write(net, {"operstate": "down"})
        write(conf, {"disable_ipv6": "1"})
        switched_off = (shown,)

    data = observe(tmp_path)

    assert (Address(interface=shown, address="fd00::1", tentative=not switched_off),) == data.addresses
    assert ((shown,), switched_off) == (data.default_routes, data.disabled)
    assert data == msgspec.json.decode(msgspec.json.encode(data), type=Data)


def test_kernel_without_ipv6(tmp_path: Path) -> None:
    """Where the kernel has no IPv6, nothing is there, and nothing breaks."""
    assert Data() == observe(tmp_path)


@pytest.fixture
def echo_port() -> Iterator[int]:
    """An agent's echo on `::1`."""
    need_linux()
    server = Server(("::1",), 0)
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            server.turn()

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.port
    ended.set()
    thread.join()
    server.close()


def test_peers_are_probed_by_both_transports(echo_port: int) -> None:
    """A peer that answers is ok over UDP and TCP; one that nobody serves is refused by both."""
    aims = (
        Aim(target=Target.POD, name="w1", address="::1", port=echo_port),
        Aim(target=Target.NODE, name="w2", address="::1", port=1),
    )
    data = observe(Path("/proc"), request=Request(aims=aims, timeout_s=1))
    assert [
        (Target.POD, "w1", "udp", Result.OK),
        (Target.POD, "w1", "tcp", Result.OK),
        (Target.NODE, "w2", "udp", Result.REFUSED),
        (Target.NODE, "w2", "tcp", Result.REFUSED),
    ] == [(p.target, p.name, p.protocol, p.result) for p in data.probes]


PROHIBITED = textwrap.dedent(
    """
    set -e
    ip link set lo up
    ip address add fd00:1::1/64 dev lo nodad
    ip -6 route add prohibit fd00:2::/64
    "$@"
    """
)
ASK = textwrap.dedent(
    """
    import sys
    import msgspec
    from checks.ipv6 import CHECK
    from checks.ipv6.model import Aim, Request, Target
    from checks.observation import Context, Network
    aim = Aim(target=Target.POD, name="w2", address="fd00:2::1", port=9707)
    data = CHECK.observe(Request(aims=(aim,)), Context(network=Network.HOST))
    sys.stdout.buffer.write(msgspec.json.encode(data))
    """
)


def test_what_is_prohibited_is_blocked() -> None:
    """The kernel's words for it over IPv6, "permission denied", are an answer and no fault of the prober."""
    need_network_namespaces()
    output = subprocess.run(
        ["unshare", "--net", "--", "sh", "-c", PROHIBITED, "sh", sys.executable, "-c", ASK],
        check=True,
        capture_output=True,
    ).stdout
    data = msgspec.json.decode(output, type=Data)
    assert [("udp", Result.PROHIBITED), ("tcp", Result.PROHIBITED)] == [(p.protocol, p.result) for p in data.probes]


def test_coredns_that_is_not_there() -> None:
    """A replica that does not answer has timed out over UDP, with its time."""
    aim = Aim(target=Target.DNS, name="dns", address="::1", port=1)
    probes = observe(Path("/proc"), request=Request(aims=(aim,), timeout_s=0.2)).probes
    assert [("udp", Result.TIMEOUT), ("tcp", Result.REFUSED)] == [(p.protocol, p.result) for p in probes]
    assert all(isinstance(probe, Probe) for probe in probes)


DUPLICATE = textwrap.dedent(
    """
    set -e
    ip link add nic0 type veth peer name nic1
    unshare --net sleep 60 & other=$!
    trap 'kill $other' EXIT
    while [ "$(readlink /proc/$other/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.01; done
    ip link set nic1 netns $other
    nsenter --net=/proc/$other/ns/net ip address add fd00::1/64 dev nic1 nodad
    nsenter --net=/proc/$other/ns/net ip link set nic1 up
    ip link set nic0 up
    ip address add fd00::1/64 dev nic0
    for _ in $(seq 500); do ip -6 address show dadfailed | grep -q fd00::1 && break; sleep 0.01; done
    "$@"
    """
)
PROBE = textwrap.dedent(
    """
    import os, sys
    import msgspec
    import checks.ipv6.observe
    from checks.ipv6 import CHECK
    from checks.ipv6.model import Request
    from checks.observation import Context, Network
    os.setgid(65534)
    os.setuid(65534)
    data = CHECK.observe(Request(), Context(network=Network.HOST))
    sys.stdout.buffer.write(msgspec.json.encode(data))
    """
)


def test_real_duplicate_address() -> None:
    """Two hosts with one address on one link: the kernel's detection fails, and nobody sees it without privileges."""
    need_network_namespaces()
    output = subprocess.run(
        ["unshare", "--net", "--", "sh", "-c", DUPLICATE, "sh", sys.executable, "-c", PROBE],
        check=True,
        capture_output=True,
    ).stdout
    data = msgspec.json.decode(output, type=Data)
    assert [("nic0", "fd00::1")] == [(a.interface, a.address) for a in data.addresses if a.duplicate]
