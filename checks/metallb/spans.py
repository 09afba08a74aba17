"""Ranges of addresses as MetalLB reads them, and how many there are. Pure.

As its `ParseCIDR` does (internal/config/config.go): a network may have host bits, a range has blanks around its ends.
"""

import ipaddress
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_BUGGY = (0, 255)
"""The last byte of the IPv4 addresses that `avoidBuggyIPs` leaves out."""


class Span(NamedTuple):
    """Addresses that follow each other."""

    version: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """Addresses."""
        return self.last - self.first + 1

    def holds(self, address: Address) -> bool:
        """Whether an address is one of them."""
        return address.version == self.version and self.first <= int(address) <= self.last

    def meets(self, other: "Span") -> bool:
        """Whether both have an address in common."""
        return self.version == other.version and self.first <= other.last and other.first <= self.last

    def networks(self) -> list[Network]:
        """The fewest networks that make it up."""
        kind = ipaddress.IPv4Address if self.version == 4 else ipaddress.IPv6Address  # noqa: PLR2004 - IP versions
        return list(ipaddress.summarize_address_range(kind(self.first), kind(self.last)))

    def usable(self, *, avoid_buggy: bool) -> int:
        """How many of them may be given; as the allocator's `poolCount` counts them."""
        if not avoid_buggy or self.version != 4:  # noqa: PLR2004 - IP versions
            return self.size
        return self.size - sum(_upto(self.last, byte) - _upto(self.first - 1, byte) for byte in _BUGGY)


def _upto(last: int, byte: int) -> int:
    """How many numbers from 0 to the last end in this byte."""
    return (last - byte) // 256 + 1 if last >= byte else 0


def is_buggy(address: Address) -> bool:
    """Whether `avoidBuggyIPs` leaves it out."""
    return address.version == 4 and int(address) % 256 in _BUGGY  # noqa: PLR2004 - IP versions


def parse_address(written: str) -> Address:
    """One address, as Go's `net.ParseIP` takes it: no zone, and IPv4 written as IPv6 is IPv4.

    Raises:
        ValueError: it is none.
    """
    address = ipaddress.ip_address(written)
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            raise ValueError(f"{written!r} has a zone")
        return address.ipv4_mapped or address
    return address


class Mixed(ValueError):  # noqa: N818 - says what is the case
    """A range from one family to the other: MetalLB takes it, and finds no address in it."""


def parse_span(written: str) -> Span:
    """A range or a network.

    Raises:
        Mixed: MetalLB takes it, and gets nothing of it.
        ValueError: MetalLB would not take it, in words for a person.
    """
    if "-" not in written:
        if "/" not in written:
            raise ValueError(f"{written!r} has no prefix length")
        network = ipaddress.ip_network(written, strict=False)
        return Span(network.version, int(network[0]), int(network[-1]))
    first, last = (parse_address(end.strip()) for end in written.split("-", 1))
    if first.version != last.version:
        raise Mixed(f"{written!r} begins and ends in different families")
    if int(first) > int(last):
        raise ValueError(f"{written!r} ends before it begins")
    return Span(first.version, int(first), int(last))


def readable(written: Sequence[str]) -> Iterator[Span]:
    """Those that MetalLB would take."""
    for each in written:
        try:
            yield parse_span(each)
        except ValueError:
            continue


def addresses_in(written: Collection[str]) -> set[Address]:
    """The addresses among these words; a load balancer may also give a host name."""
    found = set()
    for each in written:
        try:
            found.add(parse_address(each))
        except ValueError:
            continue
    return found
