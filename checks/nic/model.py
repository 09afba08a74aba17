"""What travels with a job of `nic` and what comes back."""

import enum
from typing import Annotated

import msgspec


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    window_s: Annotated[
        float, msgspec.Meta(ge=0, le=5, description="Seconds for which error counters are watched.")
    ] = 1.0


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one agent looks at."""

    addresses: tuple[Annotated[str, msgspec.Meta(max_length=45)], ...]
    """The node's InternalIPs: the interface that holds one of them carries the traffic between nodes."""
    window_s: Annotated[float, msgspec.Meta(ge=0, le=5)] = 1.0


class Role(enum.StrEnum):
    """What an interface is to the node."""

    NODE = "node"
    """It holds the node's address."""
    LOWER = "lower"
    """A bond, VLAN or bridge that holds the address stands on it."""
    TUNNEL = "tunnel"
    """A VXLAN or WireGuard device."""


class Feature(msgspec.Struct, frozen=True, omit_defaults=True):
    """One offload of an interface."""

    name: str
    """As ethtool's ioctl and its newer output call it: `tx-udp_tnl-segmentation`."""
    on: bool
    fixed: bool = False
    """It cannot be switched on this interface: ethtool shows `[fixed]`."""


class Interface(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One network interface."""

    name: str
    role: Role
    driver: str = ""
    driver_version: str = ""
    hardware: bool = False
    """It is a device of the machine's: no bridge, bond, VLAN or tunnel."""
    pci_id: str = ""
    """`15ad:07b0`: vendor and device; empty when it is no PCI device."""
    mac: str = ""
    mtu: int = 0
    """Bytes; 0 when it could not be read."""
    down: bool = False
    """Nobody switched it on, or somebody off: left over, as a rule."""
    collects_metadata: bool = False
    """A tunnel that is told each packet's peer by its sender (Cilium, OVS), who minds the MTU then, not the device."""
    wireguard: bool = False
    """A tunnel of WireGuard's, and not of VXLAN's."""
    over_ipv6: bool = False
    """A VXLAN whose own packets are IPv6."""
    carrier_changes: int = 0
    """Since boot."""
    features: tuple[Feature, ...] = ()
    """The offloads that checks read; empty when the kernel does not tell."""
    rises: dict[str, int] = {}
    """By how much the error counters, and the packets beside them, rose while they were watched, by sysfs' names; 0 for
    what stood still. A counter that could not be read is not there."""

    def feature(self, name: str) -> Feature | None:
        """The offload of that name, or None when the kernel does not tell."""
        return next((feature for feature in self.features if feature.name == name), None)


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one agent saw."""

    system_vendor: str = ""
    """DMI: `VMware, Inc.`."""
    product: str = ""
    """DMI: `VMware7,1`."""
    interfaces: tuple[Interface, ...] = ()
    window_s: float = 0.0
    """How long counters were watched."""
