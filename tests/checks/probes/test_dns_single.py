"""One question over TCP, against servers that answer, dawdle and lie."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from checks.probes.dns.single import ask_tcp, ask_udp, replier
from checks.probes.outcome import Result
from tests.checks.probes.dns_server import EXISTS, Faults, dns_server
from tests.checks.probes.servers import tcp_server


def trickle(connection: socket.socket) -> None:
    """Promise a long answer and send it byte by byte."""
    connection.recv(512)
    connection.sendall(b"\xff\xff")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)  # the fault itself: a server that dawdles


def stranger(connection: socket.socket) -> None:
    """Answer somebody else's question."""
    question = connection.recv(512)[2:]
    answer = bytes([question[0] ^ 1, question[1], 0x80]) + question[3:]
    connection.sendall(len(answer).to_bytes(2, "big") + answer)


@pytest.mark.parametrize(
    ("serve", "expected"),
    [
        (trickle, Result.TIMEOUT),
        (stranger, Result.WRONG_ANSWER),
        (lambda c: c.recv(512), Result.CLOSED),
        (lambda c: c.sendall(b"\0\x05abc") or c.recv(512), Result.CLOSED),
    ],
    ids=["trickle", "stranger", "close", "garbage"],
)
def test_tcp_that_does_not_answer(serve: Callable[[socket.socket], None], expected: Result) -> None:
    """Each has its word, and none takes longer than the time-out."""
    with tcp_server(serve) as port:
        begin = time.monotonic()
        outcome = ask_tcp("127.0.0.1", port, 0.3, EXISTS)
        assert time.monotonic() - begin < 10
    assert outcome.result is expected


@pytest.mark.parametrize("rcode", ["", "SERVFAIL"])
def test_any_complete_answer_is_ok(rcode: str) -> None:
    """What it says is another question."""
    with dns_server(Faults(rcode=rcode)) as server:
        assert ask_tcp("127.0.0.1", server.tcp_port, 5, EXISTS).result is Result.OK


@pytest.mark.parametrize(
    ("lose", "expected"), [(lambda n: n == 0, "NOERROR"), (lambda _: True, "timeout")], ids=["first", "all"]
)
def test_udp_asks_twice(lose: Callable[[int], bool], expected: str) -> None:
    """One lost datagram does not speak against the upstream, two do."""
    with dns_server(Faults(lose=lose)) as server:
        assert ask_udp("127.0.0.1", server.udp_port, 0.6, EXISTS) == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_who_replies_is_told(host: str) -> None:
    """Whoever it is; nobody, where nobody does."""
    with dns_server(host=host) as server:
        assert host == replier(host, server.udp_port, 1, "a.b")
    with dns_server(Faults(lose=lambda _: True), host) as silent:
        assert "" == replier(host, silent.udp_port, 0.05, "a.b")


def test_a_reply_from_another_address_is_taken() -> None:
    """Which a connected socket never hears of."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.bind(("127.0.0.1", 0))

        def answer() -> None:
            query, peer = asked.recvfrom(512)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.bind(("127.0.0.2", 0))
                stranger.sendto(query[:2] + b"\x81\x80" + query[4:], peer)

        thread = threading.Thread(target=answer)
        thread.start()
        assert "127.0.0.2" == replier("127.0.0.1", asked.getsockname()[1], 2, "a.b")
        thread.join()
