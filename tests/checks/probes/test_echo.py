"""The echo gives back what it gets, and is of no use to whoever means ill."""

import contextlib
import socket
import struct
import time

import pytest

from checks.probes import echo
from checks.probes.outcome import Result
from checks.probes.tcp import tcp_identify
from tests.checks.probes.servers import echo_server, tcp_server

NONCE = b"12345678"


def ask(message: bytes, port: int, host: str = "127.0.0.1") -> bytes | None:
    """What a datagram is answered with; None for nothing within a while.

    A second, good request follows on the same socket: the echo answers in order, so no time-out has to be waited for.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(5)
        datagrams.connect((host, port))
        datagrams.send(message)
        datagrams.send(echo.request(b"the end.", 12))
        answer = datagrams.recv(65536)
        return None if echo.nonce_of(answer) == b"the end." else answer


def test_tcp_gives_back_every_byte() -> None:
    """Bytes come back as they went out, also when there are more than any buffer holds, and then the end."""
    payload = bytes(range(256)) * 2048
    with echo_server() as port, socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        received = bytearray()
        for at in range(0, len(payload), 65536):
            connection.sendall(payload[at : at + 65536])
            while len(received) < at + 65536:
                received += connection.recv(65536)
        connection.shutdown(socket.SHUT_WR)
        assert payload == bytes(received)
        assert connection.recv(1) == b""


@pytest.mark.parametrize("size", [12, 64, 1400, 9000])
def test_udp_answer_is_never_larger_than_the_request(size: int) -> None:
    """Whatever the size, the answer is 12 bytes with the asker's nonce."""
    with echo_server() as port:
        answer = ask(echo.request(NONCE, size), port)
    assert answer == echo.ANSWER + NONCE


@pytest.mark.parametrize(
    "message",
    [b"", b"nck?", b"nck?short", b"x" * 500, echo.ANSWER + NONCE],
    ids=["empty", "bare", "short", "other", "answer"],
)
def test_udp_ignores_what_is_no_request(message: bytes) -> None:
    """Above all an answer is not answered: two echoes set upon each other fall silent at once."""
    with echo_server() as port:
        assert ask(message, port) is None


@pytest.mark.parametrize(("wildcard", "asked"), [("0.0.0.0", "127.0.0.9"), ("::", "::1")])
def test_udp_answers_from_the_address_that_was_asked(wildcard: str, asked: str) -> None:
    """A connected asker hears the answer although the server is bound to a wildcard."""
    with echo_server(wildcard) as port:
        assert ask(echo.request(NONCE, 12), port, asked) == echo.ANSWER + NONCE


def test_one_peer_cannot_take_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its share a peer is disconnected, while another peer is still served."""
    monkeypatch.setattr(echo, "PER_PEER", 3)
    with echo_server("0.0.0.0") as port:
        held = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(4)]
        assert held[3].recv(1) == b""
        with socket.create_connection(("127.0.0.1", port), timeout=5, source_address=("127.0.0.2", 0)) as other:
            other.sendall(b"x")
            assert other.recv(1) == b"x"
        held[0].close()
        freed = time.monotonic() + 20
        while time.monotonic() < freed:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as again:
                again.sendall(b"x")
                if again.recv(1) == b"x":
                    break
        else:
            pytest.fail("a connection that ended was not given back")
        for connection in held:
            connection.close()


@pytest.mark.parametrize("name", ["w1", "", "n" * 253, "knoten-ä"])
def test_an_echo_says_whose_it_is(name: str) -> None:
    """To whoever asks, before it gives the bytes back; without a name it gives none."""
    with echo_server(name=name) as port:
        outcome = tcp_identify("127.0.0.1", port, 5.0)
    assert (Result.OK, name) == (outcome.result, outcome.reached)


def test_what_is_no_echo_is_not_believed() -> None:
    """Whatever else listens there, its first bytes are no name."""
    with tcp_server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n" * 40)) as port:
        outcome = tcp_identify("127.0.0.1", port, 1.0)
    assert (Result.WRONG_ANSWER, "") == (outcome.result, outcome.reached)


def test_a_connection_has_a_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects and says nothing is disconnected."""
    monkeypatch.setattr(echo, "LIFETIME_S", 0.1)
    with echo_server() as port, socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        assert connection.recv(1) == b""


def test_a_connection_has_a_share_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its share it gets back what it sent so far, and then the end."""
    monkeypatch.setattr(echo, "BYTES", 1000)
    with echo_server() as port, socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"x" * 1000)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        assert received == b"x" * 1000


def test_who_never_reads_is_not_read_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded: the sender of bytes that nobody takes back is stopped by TCP itself."""
    monkeypatch.setattr(echo, "BYTES", 1 << 30)
    with echo_server() as port, socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.sendall(bytes(256 << 20))


def test_who_reads_late_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that first writes until nothing more is taken, and only then reads, loses no byte."""
    monkeypatch.setattr(echo, "BYTES", 1 << 30)
    with echo_server() as port, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(0.3)
        connection.connect(("127.0.0.1", port))
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 128 << 20:
                sent += connection.send(b"x" * 65536)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(5)
        received = 0
        while piece := connection.recv(65536):
            received += len(piece)
    assert received == sent


def test_a_reset_connection_is_forgotten() -> None:
    """A peer that resets does no harm to the next one."""
    with echo_server() as port:
        rude = socket.create_connection(("127.0.0.1", port), timeout=5)
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        rude.sendall(b"x")
        rude.close()
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"y")
            assert connection.recv(1) == b"y"


def test_a_taken_port_is_an_error() -> None:
    """Nobody waits on a port that somebody else has."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        echo.serve(["127.0.0.1"], taken.getsockname()[1])


def test_serve_ends_when_told() -> None:
    """`serve` returns soon after `stop` says so, and has closed its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    echo.serve(["127.0.0.1"], port, stop=lambda: True)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_an_address_that_is_not_there_silences_no_other() -> None:
    """A node whose IPv6 address is in use twice still answers over IPv4; without any address it is an error."""
    server = echo.Server(("2001:db8::1", "127.0.0.1"), 0)
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(b"x")
            connection.settimeout(0)
            while not (received := _received(server, connection)):
                pass
        assert b"x" == received
    finally:
        server.close()
    with pytest.raises(OSError, match="assign"):
        echo.Server(("2001:db8::1",), 0)


def _received(server: echo.Server, connection: socket.socket) -> bytes:
    server.turn()
    with contextlib.suppress(BlockingIOError):
        return connection.recv(1)
    return b""


def test_an_address_that_comes_later_is_answered_at() -> None:
    """Whatever kept it from being bound at first: it is tried again."""
    with socket.create_server(("127.0.0.2", 0)) as blocker:
        port = blocker.getsockname()[1]
        server = echo.Server(("127.0.0.1", "127.0.0.2"), port)
    try:
        while not (peers := _connected(port)):
            server.turn()
        with peers[0] as peer:
            peer.sendall(b"y")
            peer.settimeout(0)
            while not (received := _received(server, peer)):
                pass
        assert b"y" == received
    finally:
        server.close()


def _connected(port: int) -> list[socket.socket]:
    with contextlib.suppress(ConnectionRefusedError):
        return [socket.create_connection(("127.0.0.2", port), timeout=5)]
    return []
