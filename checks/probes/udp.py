"""Datagrams to an echo and back: one, or many of which the loss is measured."""

import os
import socket
import time

from checks.probes import echo
from checks.probes.outcome import SMALL, Outcome, Result, failure, family
from checks.probes.series import Pace, Series

_NUMBER = 2
"""Bytes of the nonce that tell one datagram of a series from another."""


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


class EchoSeries(Series):
    """Small datagrams to an echo."""

    def __init__(self, address: str, port: int, pace: Pace) -> None:
        """See `Series`."""
        self._token = os.urandom(echo.NONCE - _NUMBER)
        super().__init__(address, port, pace)

    def datagram(self, number: int, count: int) -> bytes:  # noqa: ARG002 - all series have one shape
        """See `Series`: a request whose nonce ends with the number."""
        return echo.request(self._token + number.to_bytes(_NUMBER, "big"), SMALL)

    def number_of(self, answer: bytes) -> int:
        """See `Series`."""
        nonce = echo.nonce_of(answer)
        if not nonce.startswith(self._token):
            raise ValueError("not an answer to this series")
        return int.from_bytes(nonce[-_NUMBER:], "big")
