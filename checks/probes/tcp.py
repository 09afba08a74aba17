"""TCP: connect, and echo few or many bytes."""

import select
import socket
import time

from checks.probes.outcome import SMALL, Outcome, Result, failure, family

SEGMENT_BYTES = 1200
"""The largest TCP segment that netcheck itself sends and accepts. It fits every path that carries IPv6 (RFC 8200: 1,280
bytes), so that a network which swallows large packets does not swallow the report about it too."""
LONE_SEGMENTS = 4
"""Full segments of a bulk probe that are sent one by one."""


def connect(address: str, port: int, timeout_s: float) -> socket.socket:
    """A TCP connection, or an OSError. `socket.create_connection` would go through the resolver, literal or not."""
    connection = socket.socket(family(address), socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_s)
        connection.connect((address, port))
    except OSError:
        connection.close()
        raise
    return connection


def tcp_connect(address: str, port: int, timeout_s: float) -> Outcome:
    """Make a TCP connection and close it."""
    begin = time.monotonic()
    try:
        with connect(address, port, timeout_s):
            return Outcome(Result.OK, time.monotonic() - begin)
    except OSError as error:
        return failure(error)


def tcp_echo(address: str, port: int, timeout_s: float, size: int = SMALL) -> Outcome:
    """Send `size` bytes to an echo (`checks.probes.echo`) and wait for all of them to come back.

    What is more than one segment begins with a few full ones, each sent when the one before has come back: offloading
    adapters and virtual links carry a stream in pieces larger than the MTU, and only a segment that stands alone shows
    what a path does to it. The rest goes both ways at once.
    """
    begin = time.monotonic()
    payload = (bytes(range(256)) * (size // 256 + 1))[:size]
    answer = b""
    try:
        with connect(address, port, timeout_s) as connection:
            segment = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
            connection.settimeout(0)
            for start, end in _pieces(size, segment):
                answer += _exchange(connection, payload[start:end], begin + timeout_s)
                if len(answer) < end:
                    break
    except OSError as error:
        return failure(error)
    if answer == payload:
        return Outcome(Result.OK, time.monotonic() - begin)
    if not payload.startswith(answer):
        return Outcome(Result.WRONG_ANSWER, detail="connected, but other bytes came back")
    result = Result.TIMEOUT if time.monotonic() >= begin + timeout_s else Result.CLOSED
    return Outcome(result, detail=f"connected, but {len(answer)} of {size} bytes came back")


def _pieces(size: int, segment: int) -> list[tuple[int, int]]:
    """Where the pieces of a payload begin and end: full segments one by one, then the rest."""
    alone = [(at, at + segment) for at in range(0, LONE_SEGMENTS * segment, segment) if at + segment < size]
    rest = alone[-1][1] if alone else 0
    return [*alone, (rest, size)]


def _exchange(connection: socket.socket, payload: bytes, deadline: float) -> bytes:
    """What came back of the payload until it was complete, the peer closed, or the deadline passed."""
    poll = select.poll()
    poll.register(connection, select.POLLIN | select.POLLOUT)
    sent, received = 0, bytearray()
    while len(received) < len(payload):
        events = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if not events:
            break
        if events[0][1] & select.POLLOUT:
            sent += connection.send(payload[sent : sent + 65536])
            if sent == len(payload):
                poll.modify(connection, select.POLLIN)
        if events[0][1] & ~select.POLLOUT:
            piece = connection.recv(65536)
            if not piece:
                break
            received += piece
    return bytes(received)
