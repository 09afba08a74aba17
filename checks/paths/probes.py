"""Probes: plain functions of one shape, `(address, port, timeout_s, ...) -> Outcome`.

A probe blocks for at most its timeout and never raises for what the network does: that is its outcome. Addresses are
literals of either family; no probe resolves a name. None needs a privilege, but for the ping, which needs
`net.ipv4.ping_group_range` to hold the process's group.
"""

import errno
import os
import select
import socket
import struct
import time

import msgspec

from checks.paths import echo
from checks.paths.model import BURST, Result

SMALL = 64
"""Payload bytes of the small probes: one segment on every path."""
VXLAN_PACKET = bytes.fromhex("08000000 ffffff00") + bytes(14)
"""A VXLAN header (RFC 7348) for network 0xffffff, which nobody uses, and an empty Ethernet header."""
LONE_SEGMENTS = 4
"""Full segments of a bulk probe that are sent one by one."""
PINGS = 3
"""Echo requests of one ping, spread over its timeout; one answer is enough."""
ERRORS = {
    errno.ECONNREFUSED: Result.REFUSED,
    errno.ECONNRESET: Result.RESET,
    errno.EPIPE: Result.RESET,
    errno.EHOSTUNREACH: Result.UNREACHABLE,
    errno.ENETUNREACH: Result.UNREACHABLE,
    errno.ENETDOWN: Result.UNREACHABLE,
    errno.EHOSTDOWN: Result.UNREACHABLE,
    errno.EADDRNOTAVAIL: Result.UNREACHABLE,
    errno.EAFNOSUPPORT: Result.UNREACHABLE,
    errno.EPERM: Result.BLOCKED,
}
ECHO_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
"""ICMP and ICMPv6 types (RFC 792, RFC 4443)."""
ECHO_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}


class Outcome(msgspec.Struct, frozen=True):
    """How one probe ended."""

    result: Result
    rtt_s: float = 0.0
    """Seconds until the answer was complete; 0 without an answer."""
    detail: str = ""
    """For a person, when the result does not say all: how far it came, or the kernel's words."""


def family(address: str) -> socket.AddressFamily:
    """The address family of a literal."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def failure(error: OSError) -> Outcome:
    """What an error of the socket API says about the path."""
    if isinstance(error, TimeoutError):
        return Outcome(Result.TIMEOUT)
    result = ERRORS.get(error.errno or 0, Result.ERROR)
    if result in (Result.REFUSED, Result.RESET):
        return Outcome(result)
    return Outcome(result, detail=error.strerror or str(error) or type(error).__name__)


def _connect(address: str, port: int, timeout_s: float) -> socket.socket:
    """A TCP connection. `socket.create_connection` would go through the resolver, literal or not."""
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
        with _connect(address, port, timeout_s):
            return Outcome(Result.OK, time.monotonic() - begin)
    except OSError as error:
        return failure(error)


def tcp_echo(address: str, port: int, timeout_s: float, size: int = SMALL) -> Outcome:
    """Send `size` bytes to an echo (`checks.paths.echo`) and wait for all of them to come back.

    What is more than one segment begins with a few full ones, each sent when the one before has come back: offloading
    adapters and virtual links carry a stream in pieces larger than the MTU, and only a segment that stands alone shows
    what a path does to it. The rest goes both ways at once.
    """
    begin = time.monotonic()
    payload = (bytes(range(256)) * (size // 256 + 1))[:size]
    answer = b""
    try:
        with _connect(address, port, timeout_s) as connection:
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


def tls_hello(address: str, port: int, timeout_s: float, server_name: str) -> Outcome:
    """Greet a TLS server and wait for the first bytes of its answer.

    A connection alone is also what a SYN proxy or a listener that hangs would give. Nothing is verified: whether the
    certificate is right is another check's question.
    """
    begin = time.monotonic()
    try:
        with _connect(address, port, timeout_s) as connection:
            connection.sendall(_client_hello(server_name))
            connection.settimeout(max(0.001, begin + timeout_s - time.monotonic()))
            try:
                answer = connection.recv(5)
            except TimeoutError:
                return Outcome(Result.TIMEOUT, detail="connected, but the TLS greeting was not answered")
    except OSError as error:
        return failure(error)
    if not answer:
        return Outcome(Result.CLOSED, detail="connected, but closed without a TLS answer")
    return Outcome(Result.OK, time.monotonic() - begin)


def _client_hello(server_name: str) -> bytes:
    """The first flight of a TLS client."""
    import ssl  # noqa: PLC0415 - costs 3 MB of memory, which only jobs that meet a webhook should pay

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    outgoing = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=server_name or None).do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("a TLS handshake ended without a peer")


def ping(address: str, port: int, timeout_s: float) -> Outcome:  # noqa: ARG001 - all probes have one shape
    """Send ICMP echo requests until one is answered; the port is not used.

    Uses the kernel's ping sockets, which match answers to the socket that asked and need no privilege where
    `net.ipv4.ping_group_range` allows them.
    """
    kind = family(address)
    protocol = socket.IPPROTO_ICMPV6 if kind == socket.AF_INET6 else socket.IPPROTO_ICMP
    try:
        ping_socket = socket.socket(kind, socket.SOCK_DGRAM, protocol)
    except PermissionError:
        return Outcome(Result.NOT_PERMITTED, detail="net.ipv4.ping_group_range does not allow ping sockets here")
    except OSError as error:
        return failure(error)
    with ping_socket:
        try:
            ping_socket.connect((address, 0))
            return _pings(ping_socket, kind, timeout_s)
        except OSError as error:
            return failure(error)


def _pings(ping_socket: socket.socket, kind: socket.AddressFamily, timeout_s: float) -> Outcome:
    token = os.urandom(8)
    begin = time.monotonic()
    sent_at: dict[int, float] = {}
    for sequence in range(1, PINGS + 1):
        sent_at[sequence] = time.monotonic()
        ping_socket.send(struct.pack("!BBHHH", ECHO_REQUEST[kind], 0, 0, 0, sequence) + token)
        until = begin + timeout_s * sequence / PINGS
        while (left := until - time.monotonic()) > 0:
            ping_socket.settimeout(left)
            try:
                answer = ping_socket.recv(1024)
            except TimeoutError:
                break
            if answer[:1] == bytes([ECHO_REPLY[kind]]) and answer[8:] == token:
                answered = sent_at.get(int.from_bytes(answer[6:8], "big"), begin)
                return Outcome(Result.OK, time.monotonic() - answered)
    return Outcome(Result.TIMEOUT, detail=f"{PINGS} of {PINGS} echo requests were not answered")


def udp_echo(address: str, port: int, timeout_s: float, size: int = SMALL) -> Outcome:
    """Send a datagram of `size` bytes to an echo up to three times, until one answer comes back."""
    begin = time.monotonic()
    request = echo.request(os.urandom(echo.NONCE), size)
    try:
        with socket.socket(family(address), socket.SOCK_DGRAM) as datagrams:
            datagrams.connect((address, port))
            for attempt in (1, 2, 3):
                sent_at = time.monotonic()
                datagrams.send(request)
                while (left := begin + timeout_s * attempt / 3 - time.monotonic()) > 0:
                    datagrams.settimeout(left)
                    try:
                        answer = datagrams.recv(2048)
                    except TimeoutError:
                        break
                    if echo.nonce_of(answer) == request[len(echo.ASK) : len(echo.ASK) + echo.NONCE]:
                        return Outcome(Result.OK, time.monotonic() - sent_at)
    except OSError as error:
        return failure(error)
    return Outcome(Result.TIMEOUT, detail="3 of 3 datagrams were not answered")


def tunnel_burst(address: str, port: int, timeout_s: float) -> Outcome:  # noqa: ARG001 - all probes have one shape
    """Send a burst of VXLAN packets for a network that nobody uses.

    The receiving kernel takes them to its tunnel and drops them there; its counters tell whether they came that far.
    There is no answer, so `ok` only says that all of them were sent.
    """
    try:
        with socket.socket(family(address), socket.SOCK_DGRAM) as datagrams:
            for _ in range(BURST):
                datagrams.sendto(VXLAN_PACKET, (address, port))
    except OSError as error:
        return failure(error)
    return Outcome(Result.OK)
