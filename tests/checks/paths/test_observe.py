"""One agent's job, on loopback: every probe, the window and the counters."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from checks.observation import Context, Network
from checks.paths import CHECK
from checks.paths.model import Aim, Data, Kind, Request
from checks.probes.echo import NAME_BYTES
from checks.probes.outcome import SMALL, Result
from tests.checks.probes.servers import echo_server

CONTEXT = Context(network=Network.POD, node="w1")


def request(*aims: Aim, window_s: float = 0.0) -> Request:
    """A job."""
    return Request(aims=aims, timeout_s=2.0, window_s=window_s)


def observe(job: Request, context: Context = CONTEXT) -> Data:
    """Do a job."""
    data = CHECK.observe(job, context)
    assert isinstance(data, Data)
    return data


@pytest.mark.parametrize(
    "kind",
    sorted(set(Kind) - {Kind.PING, Kind.TUNNEL, Kind.WEBHOOK_ENDPOINT, Kind.WEBHOOK_LOCAL, Kind.WEBHOOK_SERVICE}),
)
def test_every_kind_passes_on_loopback(kind: Kind) -> None:
    """And is reported with what was aimed at."""
    with echo_server() as port:
        aim = Aim(kind=kind, peer="w2", address="127.0.0.1", port=port, name="it")
        (measured,) = observe(request(aim)).measurements
    assert Result.OK is measured.result
    assert (kind, "w2", port, "it") == (measured.kind, measured.peer, measured.port, measured.name)


def test_many_probes_wait_side_by_side() -> None:
    """A peer that answers nobody before all fifty have come answers all fifty."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:

        def answer() -> None:
            with contextlib.ExitStack() as stack:
                for connection in [stack.enter_context(listener.accept()[0]) for _ in range(50)]:
                    connection.sendall(bytes(NAME_BYTES) + connection.recv(SMALL))

        peer = threading.Thread(target=answer, daemon=True)
        peer.start()
        aim = Aim(kind=Kind.TCP, peer="w2", address="127.0.0.1", port=listener.getsockname()[1])
        data = observe(request(*[aim] * 50))
    assert [Result.OK] * 50 == [m.result for m in data.measurements]


@pytest.mark.parametrize(("listens", "expected"), [("soon", Result.OK), ("never", Result.REFUSED)])
@pytest.mark.parametrize("kind", [Kind.HOST_TCP, Kind.SAME_NODE, Kind.TCP, Kind.BULK])
def test_a_refusal_has_to_last(kind: Kind, listens: str, expected: Result) -> None:
    """An agent that is being restarted refuses for a moment, which accuses nobody; a packet filter goes on refusing."""
    with echo_server() as there, socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        restarted = threading.Timer(0.4, forward, (reserved, there))
        if listens == "soon":
            restarted.start()
        (measured,) = observe(request(Aim(kind=kind, peer="w2", address="127.0.0.1", port=port))).measurements

    assert expected is measured.result


def forward(reserved: socket.socket, there: int) -> None:
    """Listen on a socket, and hand one connection on to the port where the echo is."""
    reserved.listen()
    came = reserved.accept()[0]
    with came, socket.create_connection(("127.0.0.1", there)) as echo:
        back = threading.Thread(target=pump, args=(echo, came))
        back.start()
        pump(came, echo)
        back.join()


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Pass on what comes until the source ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def test_an_agent_stays_for_the_window() -> None:
    """It sees damage only while its peers send."""
    begin = time.monotonic()
    data = observe(request(window_s=0.3))
    assert time.monotonic() - begin >= 0.3
    assert data.counters is not None
    assert data.counters.seconds >= 0.3


def test_counters_are_those_of_this_process(tmp_path: Path) -> None:
    """Whatever procfs is given, and nothing breaks when there is none."""
    data = observe(request(), Context(network=Network.POD, procfs=str(tmp_path)))
    assert data.counters is None
    assert "snmp" in data.counters_error


@pytest.mark.parametrize("content", [b"\xff\xfe\n\x80", b"Ip: InReceives\nIp: " + b"9" * 5000, b"Tcp: InCsum"])
def test_counters_that_make_no_sense_are_not_read(tmp_path: Path, content: bytes) -> None:
    """Bytes that are no text, numbers without end and half lines are told in words; the probes still count."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net/snmp").write_bytes(content)
    data = observe(request(), Context(network=Network.POD, procfs=str(tmp_path)))
    assert (None, f"{tmp_path}/net/snmp has no Tcp InCsumErrors") == (data.counters, data.counters_error)


def test_data_survives_the_wire_and_is_small() -> None:
    """What an agent measured of three nodes fits into two packets."""
    with echo_server() as port:
        kinds = (Kind.TCP, Kind.BULK, Kind.SAME_NODE, Kind.HOST_TCP)
        aims = (Aim(kind=k, peer=f"w{i}", address="127.0.0.1", port=port) for k in kinds for i in (1, 2))
        data = observe(request(*aims))
    wire = msgspec.json.encode(data)
    assert data == msgspec.json.decode(wire, type=Data)
    assert len(wire) < 2400


def test_knowing_the_checks_costs_an_agent_little() -> None:
    """What only jobs need is not loaded before a job: agents run on every node."""
    code = "import sys, checks.dns, checks.paths, checks.probes.echo; print('\\n'.join(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"ssl", "dns", "concurrent.futures", "asyncio", "checks.paths.observe", "checks.dns.observe"}


@pytest.mark.parametrize(("datagrams", "sent"), [(0, 48), (70, 70)])
def test_datagrams_are_counted_until_the_test_decides_or_as_many_as_asked(datagrams: int, sent: int) -> None:
    """A way that loses nothing is decided by the first 48; a second count goes on."""
    with echo_server() as port:
        aim = Aim(kind=Kind.LOSS, peer="w2", address="127.0.0.1", port=port)
        (measured,) = observe(msgspec.structs.replace(request(aim), datagrams=datagrams)).measurements
    assert (sent, sent) == (measured.sent, measured.answered)
