"""How many addresses of a pool are given and how many are free. Pure."""

import ipaddress
from collections.abc import Collection, Sequence

Span = tuple[int, int, int]
"""The version of the protocol, the first and the last address."""


def capacity(ranges: Sequence[str], given: Collection[str]) -> dict[str, float]:
    """The measures of a pool.

    Args:
        ranges: As MetalLB takes them: `192.0.2.10-192.0.2.50` or `192.0.2.0/28`.
        given: The addresses that Services have.

    Returns:
        `assigned` and `free`, in addresses; nothing where a range cannot be read.
    """
    try:
        spans = [_span(written) for written in ranges]
        taken = {_number(address) for address in given}
    except ValueError:
        return {}
    every = sum(last - first + 1 for _, first, last in spans)
    assigned = sum(any(v == version and first <= at <= last for v, first, last in spans) for version, at in taken)
    return {"free": float(every - assigned), "assigned": float(assigned)}


def _span(written: str) -> Span:
    if "-" in written:
        first, last = (ipaddress.ip_address(end.strip()) for end in written.split("-", 1))
    else:
        network = ipaddress.ip_network(written.strip(), strict=False)
        first, last = network[0], network[-1]
    if first.version != last.version or int(first) > int(last):
        raise ValueError(written)
    return first.version, int(first), int(last)


def _number(address: str) -> tuple[int, int]:
    parsed = ipaddress.ip_address(address)
    return parsed.version, int(parsed)
