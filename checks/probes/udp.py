"""A datagram to an echo and back."""

import os
import socket
import time

from checks.probes import echo
from checks.probes.outcome import SMALL, Outcome, Result, failure, family


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
        return failure(error, begin)
    return Outcome(Result.TIMEOUT, detail="3 of 3 datagrams were not answered")
