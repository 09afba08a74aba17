"""BGP communities as MetalLB reads them (internal/bgp/community). Pure."""

from collections.abc import Iterator

from checks.cluster.snapshot import CustomObject
from checks.metallb import spec

_LEGACY, _LARGE = 2, 4
"""Sections: `65000:100` and `large:65000:1:2`."""


def is_value(written: str) -> bool:
    """Whether it is written as a value at all; else it is the name of one."""
    return len(written.split(":")) in (_LEGACY, _LARGE)


def is_large(written: str) -> bool:
    """Whether it is a large community, as far as it can be read."""
    return len(written.split(":")) == _LARGE and can_be_read(written)


def can_be_read(written: str) -> bool:
    """Whether MetalLB would take it as a value."""
    sections = written.split(":")
    if len(sections) == _LEGACY:
        return all(_fits(section, 16) for section in sections)
    return len(sections) == _LARGE and sections[0] == "large" and all(_fits(section, 32) for section in sections[1:])


def _fits(section: str, bits: int) -> bool:
    return section.isascii() and section.isdigit() and int(section) < 1 << bits


def aliases(community: CustomObject) -> Iterator[tuple[str, str]]:
    """Name and value of what a Community object defines."""
    for each in spec.parts(community, "communities"):
        yield str(each.get("name", "")), str(each.get("value", ""))
