"""Probes tell apart what a path can do, against real servers."""

import errno
import socket
import ssl
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from checks.probes.outcome import Outcome, Result, failure
from checks.probes.ping import ping
from checks.probes.tcp import tcp_connect, tcp_echo
from checks.probes.tls import tls_hello
from checks.probes.udp import udp_echo
from tests.checks.certificates import issue
from tests.checks.probes.servers import echo_server, swallow, tcp_server

TIMEOUT_S = 0.4


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def garble(connection: socket.socket) -> None:
    """Answer something else."""
    connection.sendall(bytes(255 - b for b in connection.recv(65536)))
    swallow(connection)


def break_off(connection: socket.socket) -> None:
    """Reset in the middle."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("size", [1, 64, 65536, 1 << 20])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_tcp_echo_passes(host: str, size: int) -> None:
    """Any size comes back, over both families, with a time."""
    with echo_server(host) as port:
        outcome = tcp_echo(host, port, 5, size)
    assert Result.OK is outcome.result
    assert 0 < outcome.rtt_s < 5


@pytest.mark.parametrize(
    ("serve", "expected", "detail"),
    [
        (swallow, Result.TIMEOUT, "connected, but 0 of 64 bytes came back"),
        (garble, Result.WRONG_ANSWER, "connected, but other bytes came back"),
        (break_off, Result.RESET, ""),
        (lambda connection: connection.recv(64), Result.CLOSED, "connected, but 0 of 64 bytes came back"),
    ],
    ids=["swallow", "garble", "reset", "close"],
)
def test_tcp_echo_names_what_went_wrong(serve: Callable[[socket.socket], None], expected: Result, detail: str) -> None:
    """A peer that does not echo is told from a path that does not carry."""
    with tcp_server(serve) as port:
        outcome = tcp_echo("127.0.0.1", port, TIMEOUT_S)
    assert expected is outcome.result
    assert detail == outcome.detail


@pytest.mark.parametrize("probe", [tcp_connect, tcp_echo, udp_echo])
def test_nobody_listening_is_refused(probe: Callable[[str, int, float], Outcome]) -> None:
    """A refusal says so."""
    assert Result.REFUSED is probe("127.0.0.1", free_port(), TIMEOUT_S).result


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Result.UNREACHABLE),
        (OSError(errno.EHOSTUNREACH, "No route to host"), Result.UNREACHABLE),
        (OSError(errno.EAFNOSUPPORT, "Address family not supported"), Result.UNREACHABLE),
        (OSError(errno.EACCES, "Permission denied"), Result.PROHIBITED),
        (OSError(errno.EPERM, "Operation not permitted"), Result.BLOCKED),
        (OSError(errno.ETIMEDOUT, "Connection timed out"), Result.TIMEOUT),
        (TimeoutError("timed out"), Result.TIMEOUT),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), Result.REFUSED),
        (OSError(errno.EMFILE, "Too many open files"), Result.ERROR),
        (OSError("no number"), Result.ERROR),
    ],
    ids=str,
)
def test_errors_of_the_kernel_say_something_about_the_path(error: OSError, expected: Result) -> None:
    """Each has its word; where that does not say all, the kernel's own words are kept for people."""
    outcome = failure(error, time.monotonic() - 7)
    detail = "" if expected in (Result.TIMEOUT, Result.REFUSED, Result.PROHIBITED) else error.strerror or str(error)
    assert (expected, detail) == (outcome.result, outcome.detail)
    # How soon somebody said so; a timeout is nobody's word.
    assert (0 if expected is Result.TIMEOUT else 7) == int(outcome.rtt_s)


def test_a_full_backlog_is_a_timeout() -> None:
    """SYNs that nobody answers end with the timeout, on time."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for connection in waiting:
            connection.settimeout(0)
            connection.connect_ex(("127.0.0.1", port))
        outcome = tcp_connect("127.0.0.1", port, TIMEOUT_S)
        for connection in waiting:
            connection.close()
    assert Result.TIMEOUT is outcome.result


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_udp_echo_passes(host: str) -> None:
    """A datagram is answered, over both families."""
    with echo_server(host) as port:
        assert Result.OK is udp_echo(host, port, 5).result


def test_udp_echo_without_an_answer_is_a_timeout() -> None:
    """A socket that takes datagrams and says nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        assert Result.TIMEOUT is udp_echo("127.0.0.1", silent.getsockname()[1], TIMEOUT_S).result


def test_tls_greeting_is_answered_by_a_tls_server(tmp_path: Path) -> None:
    """The first bytes of a real TLS server's answer are enough; its certificate is not looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issue("webhook.svc").write(tmp_path))
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True):
            pass

    with tcp_server(serve) as port:
        outcome = tls_hello("127.0.0.1", port, 5, "webhook.metallb-system.svc")
    assert Result.OK is outcome.result
    assert ["webhook.metallb-system.svc"] == names


@pytest.mark.parametrize(
    ("serve", "expected"),
    [(swallow, Result.TIMEOUT), (lambda connection: connection.recv(4096), Result.CLOSED), (break_off, Result.RESET)],
    ids=["silent", "closes", "resets"],
)
def test_tls_greeting_needs_an_answer(serve: Callable[[socket.socket], None], expected: Result) -> None:
    """A connection alone proves nothing."""
    with tcp_server(serve) as port:
        assert expected is tls_hello("127.0.0.1", port, TIMEOUT_S, "webhook.svc").result


def test_ping_loopback() -> None:
    """Loopback answers, where the kernel lets this process ask."""
    outcome = ping("127.0.0.1", 0, 5)
    assert outcome.result in (Result.OK, Result.NOT_PERMITTED)
