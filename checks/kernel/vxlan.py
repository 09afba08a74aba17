"""What a VXLAN device is for, as rtnetlink tells any process of the network namespace.

Numbers and structures are those of Linux's `include/uapi/linux/rtnetlink.h`, `if_link.h` and `netlink.h`.
"""

import os
import socket
import struct
from collections.abc import Iterator

RTM_NEWLINK, RTM_GETLINK = 16, 18
NLM_F_REQUEST = 1
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_DATA, IFLA_VXLAN_COLLECT_METADATA = 3, 18, 2, 25
HEADER = struct.Struct("=IHHII")
"""`struct nlmsghdr`: length, type, flags, sequence number, sender."""
IFINFOMSG = struct.Struct("=BxHiII")
ATTRIBUTE = struct.Struct("=HH")
"""Length, header included, and type; the value follows, and all is padded to 4 bytes."""
NESTED_OR_ORDER = 0xC000
"""Two bits of a type that are flags."""
ANSWER = 65536
"""Bytes; a link of a hundred virtual functions takes some 30 KiB."""
TIMEOUT_S = 1.0
"""The kernel answers in the same system call; this is for what is not known."""


def collects_metadata(interface: str) -> bool:
    """Whether the sender of each packet names its peer (Cilium, OVS), so that the device's own MTU binds nobody.

    Raises:
        OSError: the kernel refuses: no such interface.
    """
    name = os.fsencode(interface) + b"\0"
    attribute = ATTRIBUTE.pack(ATTRIBUTE.size + len(name), IFLA_IFNAME) + name
    body = IFINFOMSG.pack(socket.AF_UNSPEC, 0, 0, 0, 0) + attribute + bytes(-len(attribute) % 4)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as control:
        control.settimeout(TIMEOUT_S)
        control.send(HEADER.pack(HEADER.size + len(body), RTM_GETLINK, NLM_F_REQUEST, 1, 0) + body)
        answer = control.recv(ANSWER)
    _, kind, _, _, _ = HEADER.unpack_from(answer)
    if kind != RTM_NEWLINK:
        (code,) = struct.unpack_from("=i", answer, HEADER.size)
        raise OSError(-code, os.strerror(-code))
    attributes = answer[HEADER.size + IFINFOMSG.size :]
    return any(_within(attributes, IFLA_LINKINFO, IFLA_INFO_DATA, IFLA_VXLAN_COLLECT_METADATA))


def _within(attributes: bytes, *path: int) -> bytes:
    """The value of an attribute within attributes; empty when it is not there."""
    for wanted in path:
        attributes = next((value for kind, value in _attributes(attributes) if kind == wanted), b"")
    return attributes


def _attributes(packed: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + ATTRIBUTE.size <= len(packed):
        length, kind = ATTRIBUTE.unpack_from(packed, at)
        if length < ATTRIBUTE.size:
            return
        yield kind & ~NESTED_OR_ORDER, packed[at + ATTRIBUTE.size : at + length]
        at += length + -length % 4
