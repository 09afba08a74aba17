"""The kernel's counters of damaged packets, of the network namespace that this process is in."""

import msgspec

from checks.kernel.snmp import read_snmp
from checks.paths.model import Counters

WANTED: dict[str, dict[tuple[str, str], int]] = {
    "tcp_checksum_errors": {("Tcp", "InCsumErrors"): 1},
    "udp_checksum_errors": {("Udp", "InCsumErrors"): 1},
    "tcp_retransmissions": {("Tcp", "RetransSegs"): 1},
    "udp_received": {("Udp", "InDatagrams"): 1, ("Udp", "InErrors"): 1},
    "udp_without_port": {("Udp", "NoPorts"): 1},
    "ip_vanished": {
        ("Ip", "InReceives"): 1,
        ("Ip", "InDelivers"): -1,
        ("Ip", "ForwDatagrams"): -1,
        ("Ip", "InHdrErrors"): -1,
        ("Ip", "InAddrErrors"): -1,
        ("Ip", "InUnknownProtos"): -1,
        ("Ip", "InDiscards"): -1,
        # Fragments come in one by one and are delivered as one.
        ("Ip", "ReasmReqds"): -1,
        ("Ip", "ReasmOKs"): 1,
    },
}
"""What each field of `Counters` adds up, and subtracts. A packet filter that drops counts nothing of its own here; the
balance of what the IP layer took in and let go shows it all the same (RFC 4293 has the case diagram)."""


def read(procfs: str) -> dict[str, int]:
    """The wanted counters since the namespace was made.

    Raises:
        OSError: they cannot be read.
        ValueError: `/proc/net/snmp` does not have all of them.
    """
    values = read_snmp(procfs)
    try:
        return {field: sum(sign * values[key] for key, sign in terms.items()) for field, terms in WANTED.items()}
    except KeyError as error:
        protocol, column = error.args[0]
        raise ValueError(f"{procfs}/net/snmp has no {protocol} {column}") from error


def rise(before: dict[str, int], after: dict[str, int], seconds: float) -> Counters:
    """By how much they rose."""
    return msgspec.convert({f: max(0, after[f] - before[f]) for f in WANTED} | {"seconds": round(seconds, 3)}, Counters)
