"""TCP: connect, and echo few or many bytes."""

import errno
import os
import select
import socket
import time

from checks.probes import errqueue
from checks.probes.echo import IDENTIFY, NAME_BYTES
from checks.probes.outcome import SMALL, Outcome, ReportedError, Result, failure, family

SEGMENT_BYTES = 536
"""The largest TCP segment that netcheck itself sends and accepts: what every IPv4 path carries (RFC 9293, 3.7.1), so
that a network which swallows large packets does not swallow the report about it too."""
LONE_SEGMENTS = 4
"""Full segments of a bulk probe that are sent one by one."""


def connect(address: str, port: int, timeout_s: float) -> socket.socket:
    """A TCP connection. `socket.create_connection` would go through the resolver, literal or not.

    Raises:
        OSError: there is none: `TimeoutError` for silence, `ReportedError` where somebody on the way reports, with
            EACCES where it says that it may not pass, whatever the kernel would make of that.
    """
    connection = socket.socket(family(address), socket.SOCK_STREAM)
    try:
        connection.settimeout(0)
        errqueue.watch(connection, address)
        _establish(connection, (address, port), timeout_s)
        errqueue.forget(connection, address)
        connection.settimeout(timeout_s)
    except OSError:
        connection.close()
        raise
    return connection


def _establish(connection: socket.socket, address: tuple[str, int], timeout_s: float) -> None:
    """Connect, and listen to who objects.

    A refusal by the sender's own node comes back while the kernel still sends the SYN, and is forgotten then until the
    SYN is repeated after a second. It is in the error queue all the same (since Linux 5.9), with what it says exactly:
    the socket's own error is one for "may not pass" and "no route" over IPv4.
    """
    number = connection.connect_ex(address)
    if number == errno.EINPROGRESS:
        poll = select.poll()
        poll.register(connection, select.POLLOUT)
        if not poll.poll(timeout_s * 1000):
            raise TimeoutError
        if told := next(errqueue.reports(connection), None):
            number = errno.EACCES if told.prohibited else told.errno
            raise ReportedError(number, os.strerror(number), told.offender)
        number = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))


def tcp_connect(address: str, port: int, timeout_s: float) -> Outcome:
    """Make a TCP connection and close it."""
    begin = time.monotonic()
    try:
        with connect(address, port, timeout_s):
            return Outcome(Result.OK, time.monotonic() - begin)
    except OSError as error:
        return failure(error, begin)


def tcp_identify(address: str, port: int, timeout_s: float) -> Outcome:
    """Send one small segment to an echo (`checks.probes.echo`), and have it say whose it is.

    An address may be on two nodes: an answer alone does not say who gave it.
    """
    begin = time.monotonic()
    payload = IDENTIFY.ljust(SMALL, b".")
    try:
        with connect(address, port, timeout_s) as connection:
            connection.settimeout(0)
            answer = _exchange(connection, payload, begin + timeout_s, NAME_BYTES + SMALL)
    except OSError as error:
        return failure(error, begin)
    name, echoed = answer[:NAME_BYTES], answer[NAME_BYTES:]
    reached = name.rstrip(b"\0").decode(errors="replace")
    return _came_back(echoed, payload, begin, timeout_s, reached)


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
                answer += _exchange(connection, payload[start:end], begin + timeout_s, end - start)
                if len(answer) < end:
                    break
    except OSError as error:
        return failure(error, begin)
    return _came_back(answer, payload, begin, timeout_s)


def _came_back(answer: bytes, payload: bytes, begin: float, timeout_s: float, reached: str = "") -> Outcome:
    """What an answer says that should be the payload."""
    if answer == payload:
        return Outcome(Result.OK, time.monotonic() - begin, reached=reached)
    if not payload.startswith(answer):
        return Outcome(Result.WRONG_ANSWER, detail="connected, but other bytes came back")
    result = Result.TIMEOUT if time.monotonic() >= begin + timeout_s else Result.CLOSED
    return Outcome(result, detail=f"connected, but {len(answer)} of {len(payload)} bytes came back")


def _pieces(size: int, segment: int) -> list[tuple[int, int]]:
    """Where the pieces of a payload begin and end: full segments one by one, then the rest."""
    alone = [(at, at + segment) for at in range(0, LONE_SEGMENTS * segment, segment) if at + segment < size]
    rest = alone[-1][1] if alone else 0
    return [*alone, (rest, size)]


def _exchange(connection: socket.socket, payload: bytes, deadline: float, expected: int) -> bytes:
    """What came back for a payload until it was as much as expected, the peer closed, or the deadline passed."""
    poll = select.poll()
    poll.register(connection, select.POLLIN | select.POLLOUT)
    sent, received = 0, bytearray()
    while len(received) < expected:
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
