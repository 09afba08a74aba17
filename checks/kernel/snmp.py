"""The kernel's counters of IP, TCP and UDP, of the network namespace that this process is in.

`PROC/net` is a link to `self/net`, and `self` is whoever reads: so this is the reader's own namespace also when
`procfs` is another machine-wide mount of /proc. What is not in the kernel's form is left out, never an error: a half
line, a column without its number, a number that no counter reaches.
"""

import re
from pathlib import Path

NUMBER = re.compile(r"-?[0-9]{1,18}")
"""A counter: what 18 digits do not hold has not happened since boot, and would not fit into a message."""


def read_snmp(procfs: str | Path) -> dict[tuple[str, str], int]:
    """`/proc/net/snmp` by protocol and column, `("Tcp", "InCsumErrors")`: a line of names, then one of numbers, each.

    Raises:
        OSError: it cannot be read.
    """
    values: dict[tuple[str, str], int] = {}
    columns: dict[str, list[str]] = {}
    for line in _read(procfs, "net/snmp").split("\n"):
        protocol, _, rest = line.partition(":")
        fields = rest.split()
        names = columns.pop(protocol, None)
        if names is None:
            columns[protocol] = fields
        elif len(names) == len(fields):
            values |= {(protocol, n): int(f) for n, f in zip(names, fields, strict=True) if NUMBER.fullmatch(f)}
    return values


def read_snmp6(procfs: str | Path) -> dict[str, int]:
    """`/proc/net/snmp6` by name, `Ip6OutNoRoutes`; empty where the kernel has no IPv6."""
    try:
        lines = _read(procfs, "net/snmp6").split("\n")
    except OSError:
        return {}
    pairs = (line.split() for line in lines)
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and NUMBER.fullmatch(pair[1])}  # noqa: PLR2004


def _read(procfs: str | Path, name: str) -> str:
    return Path(procfs, name).read_text(errors="replace")
