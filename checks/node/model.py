"""What travels with a job of `node` and what comes back."""

from typing import Annotated

import msgspec


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    window_s: Annotated[
        float, msgspec.Meta(ge=0, le=5, description="Seconds for which counters of dropped packets are watched.")
    ] = 1.0
    neighbours: Annotated[
        int,
        msgspec.Meta(ge=2, le=50, description="Peers whose overlay entries each node tells, plus one, above 8 nodes."),
    ] = 10


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One peer's pod subnet, of which the kernel's way there is asked for."""

    subnet: Annotated[str, msgspec.Meta(max_length=49)]
    mac: Annotated[str, msgspec.Meta(max_length=17)] = ""
    """Of the peer's VXLAN device; empty where there is none."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent looks at."""

    addresses: tuple[Annotated[str, msgspec.Meta(max_length=45)], ...] = ()
    """The node's InternalIPs: the adapters that hold them are told with their MACs."""
    devices: tuple[Annotated[str, msgspec.Meta(max_length=15)], ...] = ()
    """The VXLAN devices that the network plugin has made, as it says."""
    ways: tuple[Wanted, ...] = ()
    window_s: Annotated[float, msgspec.Meta(ge=0, le=5)] = 1.0


class Adapter(msgspec.Struct, frozen=True, kw_only=True):
    """An interface that holds one of the node's addresses."""

    name: str
    mac: str


class Bridge(msgspec.Struct, frozen=True, kw_only=True):
    """A Linux bridge that has ports which are no hardware, and an IPv4 address."""

    name: str
    address: str


class Connections(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The table of tracked connections (conntrack) of the node's own network namespace."""

    count: int
    limit: int
    dropped: int | None = None
    """Packets that were dropped in the window for want of an entry or a place for one; None: not told."""
    insert_failed: int = 0
    """Entries that lost a race, or found no room, in the window."""


class Neighbours(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The table of neighbours of one family."""

    family: int
    """4 for ARP, 6 for NDP."""
    count: int
    """Entries of the node's own network namespace that the kernel may take away when it wants room."""
    limit: int
    """`gc_thresh3`."""
    overflows: int | None = None
    """How often an entry found no room in the window; None: not told."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A VXLAN device."""

    name: str
    mac: str
    """Empty: there is no such device."""
    up: bool = True


class Way(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How the kernel would send packets to a pod subnet."""

    subnet: str
    network: str = ""
    """Of the route that is taken; empty: no route leads there."""
    gateway: str = ""
    interface: str = ""
    neighbour: str = ""
    """The MAC that the gateway has on that interface; empty: none is known."""
    machines: tuple[str, ...] = ()
    """Where that interface sends what is for the MAC that was asked for."""


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one agent saw."""

    clock_s: float
    """The node's clock, as Unix time."""
    vendor: str = ""
    """DMI: `VMware, Inc.`."""
    adapters: tuple[Adapter, ...] = ()
    forwards: dict[str, bool] = {}
    """Whether the kernel forwards IPv4 (`4`) and IPv6 (`6`); what could not be read is not there."""
    bridges: tuple[Bridge, ...] = ()
    bridge_filter: bool | None = None
    """Whether what crosses a bridge passes iptables; None: the module for it is not loaded."""
    strict: tuple[str, ...] = ()
    """Interfaces with a strict filter of reverse paths (`rp_filter` 1)."""
    strict_drops: int | None = None
    """Packets that the filter of reverse paths dropped in the window; None: not told."""
    tracks: bool = True
    """Whether the kernel tracks connections at all."""
    connections: Connections | None = None
    """None: not told."""
    neighbours: tuple[Neighbours, ...] | None = None
    """Empty: this network namespace has no limits of its own. None: not told."""
    devices: tuple[Device, ...] = ()
    ways: tuple[Way, ...] | None = None
    """None: the kernel did not tell; `ways_error` says why."""
    ways_error: str = ""
    window_s: float = 0.0
    """How long counters were watched."""
