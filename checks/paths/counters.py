"""The kernel's counters of damaged packets, of the network namespace that this process is in."""

from pathlib import Path

import msgspec

from checks.paths.model import Counters

WANTED = {
    "tcp_checksum_errors": ("Tcp", "InCsumErrors"),
    "udp_checksum_errors": ("Udp", "InCsumErrors"),
    "tcp_retransmissions": ("Tcp", "RetransSegs"),
}


def read(procfs: str) -> dict[str, int]:
    """The wanted counters since the namespace was made.

    `PROC/net` is a link to `self/net`, and `self` is whoever reads: so this is the reader's own namespace also when
    `procfs` is another machine-wide mount of /proc.

    Raises:
        OSError: they cannot be read.
        ValueError: they are not in the form that `/proc/net/snmp` has.
    """
    lines = Path(procfs, "net/snmp").read_text().splitlines()
    rows = {}
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        protocol, *columns = names.split()
        rows[protocol.rstrip(":")] = dict(zip(columns, map(int, values.split()[1:]), strict=True))
    try:
        return {field: rows[protocol][column] for field, (protocol, column) in WANTED.items()}
    except KeyError as error:
        raise ValueError(f"{procfs}/net/snmp has no {error}") from error


def rise(before: dict[str, int], after: dict[str, int], seconds: float) -> Counters:
    """By how much they rose."""
    return msgspec.convert({f: max(0, after[f] - before[f]) for f in WANTED} | {"seconds": round(seconds, 3)}, Counters)
