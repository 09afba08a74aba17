"""The addresses of all interfaces of this network namespace."""

import array
import fcntl
import ipaddress
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checks.kernel.sysfs import read_table

SIOCGIFCONF = 0x8912
"""Linux's `include/uapi/linux/sockios.h`: the IPv4 addresses of all interfaces."""
IFREQ = struct.Struct("=16sHH4s16x")
"""One answer of it: name, family, port, address. 40 bytes where pointers have 8."""
INTERFACES = 4096
"""More IPv4 addresses than a node has."""


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """One address of an interface."""

    interface: str
    """The name of its folder in sysfs, as `os.fsdecode` gives it."""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    flags: int = 0
    """IFA_F_* of `include/uapi/linux/if_addr.h`; of IPv6 addresses alone."""


def ipv4_addresses() -> Iterator[InterfaceAddress]:
    """The IPv4 addresses. An alias (`eth0:1`) counts for its interface."""
    memory = array.array("B", bytes(IFREQ.size * INTERFACES))
    address, _ = memory.buffer_info()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        answer = fcntl.ioctl(control, SIOCGIFCONF, struct.pack("iP", len(memory), address))
    (size,) = struct.unpack_from("i", answer)
    for name, _, _, ipv4 in IFREQ.iter_unpack(memory[:size].tobytes()):
        label = os.fsdecode(name.split(b"\0", 1)[0])
        yield InterfaceAddress(label.partition(":")[0], ipaddress.IPv4Address(ipv4))


def ipv6_addresses(procfs: Path) -> Iterator[InterfaceAddress]:
    """The IPv6 addresses; a line that is none is passed over."""
    # Each line of if_inet6: address, index, prefix length, scope, flags, name; numbers in hexadecimal.
    for fields in read_table(procfs / "net" / "if_inet6"):
        try:
            address, _, _, _, flags, interface = fields
            found = InterfaceAddress(interface, ipaddress.IPv6Address(bytes.fromhex(address)), int(flags, 16))
        except ValueError:
            continue
        yield found
