"""HTTP without TLS: one document, of at most so many bytes."""

import time

import msgspec

from checks.probes.outcome import Outcome, Result, failure
from checks.probes.tcp import connect

_PIECE = 65536


class Fetched(msgspec.Struct, frozen=True):
    """What became of one request."""

    outcome: Outcome
    status: int = 0
    """HTTP status; 0 without an answer."""
    body: bytes = b""
    """Its beginning, where it was longer than the limit or its end did not come in time."""


def get(address: str, port: int, path: str, timeout_s: float, limit: int) -> Fetched:
    """Ask for one path. HTTP/1.0: so the server closes when it has said all, and sends nothing in chunks.

    Args:
        address: A literal of either family.
        port: TCP.
        path: From the slash on.
        timeout_s: For all of it, seconds; a server that drips is cut off as one that is silent is.
        limit: Bytes that are read at most, the headers included.
    """
    begin = time.monotonic()
    host = f"[{address}]" if ":" in address else address
    asked = f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nUser-Agent: netcheck\r\n\r\n"
    answer = bytearray()
    try:
        with connect(address, port, timeout_s) as connection:
            connection.sendall(asked.encode("ascii"))
            while len(answer) < limit:
                # Never 0, which would mean not to wait at all.
                connection.settimeout(max(0.001, begin + timeout_s - time.monotonic()))
                piece = connection.recv(min(_PIECE, limit - len(answer)))
                if not piece:
                    break
                answer += piece
    except OSError as error:
        if not answer:
            return Fetched(failure(error, begin))
    return _read(bytes(answer), time.monotonic() - begin)


def _read(answer: bytes, elapsed_s: float) -> Fetched:
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit():
        return Fetched(Outcome(Result.OK, elapsed_s), int(words[1]), body)
    return Fetched(Outcome(Result.WRONG_ANSWER, elapsed_s, "what came back is no HTTP"))
