"""One question at a time: over TCP, and for names outside the cluster."""

import os
import socket
import time

from checks.probes.dns import wire
from checks.probes.outcome import Outcome, Result, failure, family

TRIES = 2


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


def ask_udp(address: str, port: int, timeout_s: float, name: str) -> str:
    """Ask over UDP, and once more when nothing comes: here it is the server's own upstream that may be slow.

    Returns:
        The rcode, or `timeout`.

    Raises:
        ValueError: the name is no domain name.
    """
    identifier = int.from_bytes(os.urandom(2), "big")
    question = wire.query(identifier, name)
    with socket.socket(family(address), socket.SOCK_DGRAM) as datagrams:
        for _ in range(TRIES):
            try:
                datagrams.connect((address, port))
                datagrams.settimeout(timeout_s / TRIES)
                datagrams.send(question)
                answered, rcode = wire.rcode(datagrams.recv(4096))
            except (OSError, ValueError):
                continue
            if answered == identifier:
                return rcode
    return "timeout"
