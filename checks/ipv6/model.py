"""What travels with a job of `ipv6` and what comes back."""

import enum
from typing import Annotated

import msgspec

from checks.check import MOST_MINUTES
from checks.probes.outcome import Result


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    timeout_s: Annotated[float, msgspec.Meta(ge=0.2, le=3, description="Seconds that each probe may take.")] = 1.5
    minutes: Annotated[
        int, msgspec.Meta(ge=0, le=MOST_MINUTES, description="For how long to watch whether IPv6 stays; 0: one look.")
    ] = 0


class Target(enum.StrEnum):
    """What a probe is aimed at."""

    NODE = "node"
    """The host agent's echo on a node's own address."""
    POD = "pod"
    """A pod agent's echo."""
    DNS = "dns"
    """A CoreDNS replica."""


class Aim(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing to probe."""

    target: Target
    name: Annotated[str, msgspec.Meta(max_length=253)]
    """The node, or the replica's pod."""
    address: Annotated[str, msgspec.Meta(max_length=45)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent looks at."""

    aims: tuple[Aim, ...] = ()
    timeout_s: Annotated[float, msgspec.Meta(ge=0.2, le=3)] = 1.5
    watch_s: Annotated[float, msgspec.Meta(ge=0, le=60 * MOST_MINUTES)] = 0.0
    """Seconds for which to look again and again."""


class Address(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One IPv6 address of this network namespace."""

    interface: str
    address: str
    tentative: bool = False
    """Duplicate address detection has not ended, although the interface is up."""
    leased: bool = False
    """It has a lifetime: a router or a DHCP server gave it, and nobody by hand."""
    duplicate: bool = False
    """Duplicate address detection failed: somebody else has the address, and the kernel does not use it."""


class Probe(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One probe and how it ended."""

    target: Target
    name: str
    protocol: str
    """`tcp` or `udp`."""
    result: Result
    rtt_s: float = 0.0
    """Seconds until the answer, or until the failure was told."""
    detail: str = ""


class Look(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One of many looks: when, and what was wrong then."""

    at_s: float
    """Seconds since the first."""
    failed: tuple[Probe, ...] = ()
    """The probes that were not answered, of those of the first look."""
    unusable: tuple[str, ...] = ()
    """Addresses that the kernel did not use."""
    default_routes: tuple[str, ...] = ()


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one agent saw."""

    addresses: tuple[Address, ...] = ()
    disabled: tuple[str, ...] = ()
    """The interfaces for which `disable_ipv6` is set."""
    default_routes: tuple[str, ...] = ()
    """The interfaces that IPv6 default routes leave through."""
    learned_routes: tuple[str, ...] = ()
    """Those of them that routers have advertised, and that end unless they do so again."""
    ignores_advertisements: tuple[str, ...] = ()
    """The interfaces that forward and therefore ignore router advertisements: `accept_ra` is 1, and not 2."""
    probes: tuple[Probe, ...] = ()
    looks: tuple[Look, ...] = ()
    """All of them, the first too, where it was to be watched."""
    rises: dict[str, int] = {}
    """By how much the kernel's counters of IPv6 faults rose while probing; snmp6's names."""
