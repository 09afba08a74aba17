"""Bursts to a tunnel's port, whose arrival the receiver's counters tell."""

import socket
import time

from checks.probes.outcome import Outcome, Result, failure, family

BURST = 200
"""Datagrams of one burst to a tunnel: many beside what a node gets by the way, few beside what it can take."""
VXLAN_PACKET = bytes.fromhex("08000000 ffffff00") + bytes(14)
"""A VXLAN header (RFC 7348) for network 0xffffff, which nobody uses, and an empty Ethernet header."""


def tunnel_burst(address: str, port: int, timeout_s: float) -> Outcome:  # noqa: ARG001 - all probes have one shape
    """Send a burst of VXLAN packets for a network that nobody uses.

    The receiving kernel takes them to its tunnel and drops them there; its counters tell whether they came that far.
    There is no answer, so `ok` only says that all of them were sent.
    """
    begin = time.monotonic()
    try:
        with socket.socket(family(address), socket.SOCK_DGRAM) as datagrams:
            for _ in range(BURST):
                datagrams.sendto(VXLAN_PACKET, (address, port))
    except OSError as error:
        return failure(error, begin)
    return Outcome(Result.OK)
