"""One question at a time: over TCP, and for names outside the cluster."""

import contextlib
import os
import socket
import time

from checks.probes.dns import wire
from checks.probes.outcome import Outcome, Result, failure, family

TRIES = 2
NOERROR, TIMEOUT = "NOERROR", "timeout"


def ask_tcp(address: str, port: int, timeout_s: float, name: str) -> Outcome:
    """Ask over TCP. Any complete answer to the question is ok, whatever its rcode says.

    Raises:
        ValueError: the name is no domain name.
    """
    begin = time.monotonic()
    deadline = begin + timeout_s
    identifier = int.from_bytes(os.urandom(2), "big")
    question = wire.query(identifier, name)
    try:
        with socket.socket(family(address), socket.SOCK_STREAM) as connection:
            connection.settimeout(timeout_s)
            connection.connect((address, port))
            connection.sendall(len(question).to_bytes(2, "big") + question)
            answer = _read(connection, int.from_bytes(_read(connection, 2, deadline), "big"), deadline)
    except OSError as error:
        return failure(error, begin)
    try:
        right = wire.rcode(answer)[0] == identifier
    except ValueError:
        return Outcome(Result.CLOSED, detail="connected, but closed without an answer")
    return Outcome(Result.OK if right else Result.WRONG_ANSWER, time.monotonic() - begin)


def _read(connection: socket.socket, size: int, deadline: float) -> bytes:
    """So many bytes; fewer when the peer closes before.

    Raises:
        OSError: the connection broke, or the deadline passed, however the peer trickles.
    """
    received = b""
    while len(received) < size:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        piece = connection.recv(size - len(received))
        if not piece:
            break
        received += piece
    return received


def ask_udp(address: str, port: int, timeout_s: float, name: str, payload: int = 0) -> str:
    """Ask over UDP, and once more when nothing comes: here it is the server's own upstream that may be slow.

    Returns:
        The rcode, or `timeout`.

    Raises:
        ValueError: the name is no domain name.
    """
    rcode, _ = _reply(address, port, timeout_s, name, payload)
    return rcode


def look_up(address: str, port: int, timeout_s: float, name: str) -> tuple[str, tuple[str, ...]]:
    """The same, with the addresses that were answered; see `ask_udp`."""
    rcode, answer = _reply(address, port, timeout_s, name)
    try:
        return rcode, wire.addresses(answer)
    except ValueError:
        return rcode, ()


def ask_for_much(address: str, udp_port: int, tcp_port: int, timeout_s: float, name: str) -> str:
    """Ask for a name that has more addresses than an answer of 512 bytes holds, as resolvers do.

    Returns:
        `whole` where all of it came, by UDP or, when that was cut short, over TCP; `cut` where TCP did not bring it
        then; `timeout` where nothing came by UDP; or another rcode than NOERROR.

    Raises:
        ValueError: the name is no domain name.
    """
    rcode, answer = _reply(address, udp_port, timeout_s, name, wire.EDNS_BYTES)
    if rcode != NOERROR:
        return rcode
    if not wire.truncated(answer):
        return "whole"
    return "whole" if ask_tcp(address, tcp_port, timeout_s, name).result is Result.OK else "cut"


def _reply(address: str, port: int, timeout_s: float, name: str, payload: int = 0) -> tuple[str, bytes]:
    """The rcode and the message that came; `timeout` and nothing where none did."""
    identifier = int.from_bytes(os.urandom(2), "big")
    question = wire.query(identifier, name, payload=payload)
    with socket.socket(family(address), socket.SOCK_DGRAM) as datagrams:
        for _ in range(TRIES):
            with contextlib.suppress(OSError, ValueError):
                datagrams.connect((address, port))
                datagrams.settimeout(timeout_s / TRIES)
                datagrams.send(question)
                answer = datagrams.recv(4096)
                answered, rcode = wire.rcode(answer)
                if answered == identifier:
                    return rcode, answer
    return TIMEOUT, b""


def replier(address: str, port: int, timeout_s: float, name: str) -> str:
    """Who answers a question by UDP, whoever that is: a resolver drops what does not come from whom it asked.

    Returns:
        The address that the answer came from; empty where none came.

    Raises:
        ValueError: the name is no domain name.
    """
    identifier = int.from_bytes(os.urandom(2), "big")
    deadline = time.monotonic() + timeout_s
    with socket.socket(family(address), socket.SOCK_DGRAM) as datagrams, contextlib.suppress(OSError):
        datagrams.sendto(wire.query(identifier, name), (address, port))
        while (left_s := deadline - time.monotonic()) > 0:
            datagrams.settimeout(left_s)
            answer, (source, *_) = datagrams.recvfrom(4096)
            with contextlib.suppress(ValueError):
                if wire.rcode(answer)[0] == identifier:
                    return str(source)
    return ""
