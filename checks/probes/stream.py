"""One TCP stream to a peer's echo, which counts what arrives: how much a way carries."""

import socket
import time
from dataclasses import dataclass

from checks.probes.echo import COUNT, DISCARD
from checks.probes.outcome import family

SO_MAX_PACING_RATE = 47
"""`linux/asm-generic/socket.h`: bytes a second that the kernel lets leave. It takes no rights (measured)."""
CHUNK = 256 * 1024
ANSWER_S = 3.0
"""For the peer's answer after the last byte: what waits in buffers has to arrive first."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """One stream."""

    received: int
    """Bytes that arrived, as the peer counted them."""
    elapsed_s: float
    """From the first byte to the peer's answer."""


def stream(address: str, port: int, seconds: float, rate: int, timeout_s: float) -> Streamed:
    """Send for so many seconds, `rate` bytes a second at most; 0 for as fast as it goes.

    Raises:
        OSError: nobody is there, or the way is cut: `TimeoutError` for silence.
    """
    with socket.socket(family(address), socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        connection.connect((address, port))
        if rate:
            connection.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, rate)
        # Alone in its segment, so that the peer sees it whole before it takes the rest for an echo.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(DISCARD)
        began, chunk = time.monotonic(), bytes(CHUNK)
        while time.monotonic() < began + seconds:
            connection.sendall(chunk)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(ANSWER_S)
        answer = b""
        while len(answer) < COUNT.size and (piece := connection.recv(COUNT.size - len(answer))):
            answer += piece
        if len(answer) < COUNT.size:
            raise ConnectionAbortedError("the peer closed without telling how much arrived")
        (received,) = COUNT.unpack(answer)
        return Streamed(received, time.monotonic() - began)
