"""The kernel's tables of connections and neighbours, with what it dropped for want of room.

Counters count since boot, so only what they gain counts. Those of `/proc/net/stat` are hexadecimal, a line a processor.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from socket import AF_INET, AF_INET6

from checks.kernel import routing
from checks.kernel.sysfs import read_number, read_table
from checks.node.model import Connections, Neighbours

STRICT_DROPS = "IPReversePathFilter"
"""Of `/proc/net/netstat` (Linux `net/ipv4/proc.c`)."""
DROPPED, EARLY, FAILED = "conntrack drop", "conntrack early_drop", "conntrack insert_failed"
OVERFLOWS = {4: "arp_cache table_fulls", 6: "ndisc_cache table_fulls"}
_FAMILIES = {4: ("ipv4", AF_INET), 6: ("ipv6", AF_INET6)}

Counted = Mapping[str, int]


def read(procfs: Path) -> Counted:
    """All counters that can be read, by name."""
    counted = _netstat(procfs)
    for table, prefix in (("nf_conntrack", "conntrack"), ("arp_cache", "arp_cache"), ("ndisc_cache", "ndisc_cache")):
        counted |= {f"{prefix} {name}": value for name, value in _statistics(procfs / "net" / "stat" / table).items()}
    return counted


def rise(before: Counted, after: Counted, *names: str) -> int | None:
    """What these counters gained together; None when one of them is not told, or began anew."""
    gains = [after[name] - before[name] for name in names if name in before and name in after]
    return sum(gains) if len(gains) == len(names) and min(gains, default=0) >= 0 else None


def connections(procfs: Path, before: Counted, after: Counted) -> Connections | None:
    """The table of connections; None when its size is not told."""
    settings = procfs / "sys" / "net" / "netfilter"
    count, limit = read_number(settings / "nf_conntrack_count"), read_number(settings / "nf_conntrack_max")
    if count is None or not limit:
        return None
    return Connections(
        count=count,
        limit=limit,
        dropped=rise(before, after, DROPPED, EARLY),
        insert_failed=rise(before, after, FAILED) or 0,
    )


def neighbours(procfs: Path, before: Counted, after: Counted) -> tuple[Neighbours, ...] | None:
    """The tables of neighbours that have limits, as only the machine's own network namespace tells; None: not told."""
    try:
        return tuple(_neighbours(procfs, before, after))
    except OSError:
        return None


def _neighbours(procfs: Path, before: Counted, after: Counted) -> Iterator[Neighbours]:
    for version, (folder, family) in _FAMILIES.items():
        limit = read_number(procfs / "sys" / "net" / folder / "neigh" / "default" / "gc_thresh3")
        if not limit:
            continue
        count = sum(entry.collected for entry in routing.neighbours(family))
        yield Neighbours(family=version, count=count, limit=limit, overflows=rise(before, after, OVERFLOWS[version]))


def _statistics(path: Path) -> dict[str, int]:
    """Each column of a file of `/proc/net/stat` over all processors."""
    names, *lines = list(read_table(path)) or [[]]
    try:
        rows = [[int(field, 16) for field in line] for line in lines]
    except ValueError:
        return {}
    return {name: sum(row[at] for row in rows if at < len(row)) for at, name in enumerate(names)} if rows else {}


def _netstat(procfs: Path) -> dict[str, int]:
    """The counters of `/proc/net/netstat`: a line of names, then one of numbers, each."""
    names: list[str] = []
    for line in read_table(procfs / "net" / "netstat"):
        if STRICT_DROPS in line:
            names = line
        elif names:
            told = dict(zip(names, line, strict=False)).get(STRICT_DROPS, "")
            return {STRICT_DROPS: int(told)} if told.isdecimal() else {}
    return {}
