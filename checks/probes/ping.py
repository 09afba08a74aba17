"""ICMP echo by the kernel's ping sockets."""

import os
import socket
import struct
import time

from checks.probes.outcome import Outcome, Result, failure, family

PINGS = 3
"""Echo requests of one ping, spread over its timeout; one answer is enough."""
ECHO_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
"""ICMP and ICMPv6 types (RFC 792, RFC 4443)."""
ECHO_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}


def ping(address: str, port: int, timeout_s: float) -> Outcome:  # noqa: ARG001 - all probes have one shape
    """Send ICMP echo requests until one is answered; the port is not used.

    Uses the kernel's ping sockets, which match answers to the socket that asked and need no privilege where
    `net.ipv4.ping_group_range` allows them.
    """
    begin = time.monotonic()
    kind = family(address)
    protocol = socket.IPPROTO_ICMPV6 if kind == socket.AF_INET6 else socket.IPPROTO_ICMP
    try:
        ping_socket = socket.socket(kind, socket.SOCK_DGRAM, protocol)
    except PermissionError:
        return Outcome(Result.NOT_PERMITTED, detail="net.ipv4.ping_group_range does not allow ping sockets here")
    except OSError as error:
        return failure(error, begin)
    with ping_socket:
        try:
            ping_socket.connect((address, 0))
            return _pings(ping_socket, kind, timeout_s)
        except OSError as error:
            return failure(error, begin)


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
