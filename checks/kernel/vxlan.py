"""What a VXLAN device is, as rtnetlink tells any process of the network namespace.

Numbers and structures are those of Linux's `include/uapi/linux/rtnetlink.h` and `if_link.h`.
"""

import os
import socket
import struct
from dataclasses import dataclass

from checks.kernel.netlink import ask, attribute, attributes

RTM_GETLINK = 18
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_DATA = 3, 18, 2
IFLA_VXLAN_GROUP6, IFLA_VXLAN_LOCAL6, IFLA_VXLAN_COLLECT_METADATA = 16, 17, 25
IFINFOMSG = struct.Struct("=BxHiII")


@dataclass(frozen=True, slots=True)
class Vxlan:
    """One device."""

    collects_metadata: bool = False
    """The sender of each packet names its peer (Cilium, OVS), so that the device's own MTU binds nobody."""
    over_ipv6: bool = False
    """Its own address, or its only peer's, is an IPv6 one."""


def vxlan(interface: str) -> Vxlan:
    """What the kernel tells of a device.

    Raises:
        OSError: the kernel refuses: no such interface.
    """
    name = attribute(IFLA_IFNAME, os.fsencode(interface) + b"\0")
    (answer,) = ask(RTM_GETLINK, IFINFOMSG.pack(socket.AF_UNSPEC, 0, 0, 0, 0) + name)
    inside = answer[IFINFOMSG.size :]
    for kind in (IFLA_LINKINFO, IFLA_INFO_DATA):
        inside = attributes(inside).get(kind, b"")
    told = attributes(inside)
    return Vxlan(
        collects_metadata=any(told.get(IFLA_VXLAN_COLLECT_METADATA, b"")),
        over_ipv6=any(any(told.get(kind, b"")) for kind in (IFLA_VXLAN_LOCAL6, IFLA_VXLAN_GROUP6)),
    )
