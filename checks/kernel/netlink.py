"""Questions to the kernel by rtnetlink, which any process of a network namespace may ask.

Numbers and structures are those of Linux's `include/uapi/linux/netlink.h` and `rtnetlink.h`.
"""

import errno
import os
import socket
import struct
from collections.abc import Iterator

NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300
NLM_F_DUMP_INTR = 0x10
NLMSG_ERROR, NLMSG_DONE = 2, 3
HEADER = struct.Struct("=IHHII")
"""`struct nlmsghdr`: length, type, flags, sequence number, sender."""
ATTRIBUTE = struct.Struct("=HH")
"""Length, header included, and type; the value follows, and all is padded to 4 bytes."""
NESTED_OR_ORDER = 0xC000
"""Two bits of a type that are flags."""
ANSWER = 1 << 18
"""Bytes of one answer; a link of a hundred virtual functions takes some 30 KiB, a part of a list at most 32."""
TIMEOUT_S = 1.0
"""The kernel answers in the same system call; this is for what is not known."""


def ask(kind: int, body: bytes, *, every: bool = False) -> Iterator[bytes]:
    """What the kernel answers to one question, each answer without its header.

    Args:
        kind: RTM_GET*.
        body: The question: a structure, and attributes behind it.
        every: Whether a list is asked for, and not one thing.

    Raises:
        OSError: the kernel refuses: there is no such thing. EINTR: a list changed while it was told.
    """
    flags = NLM_F_REQUEST | (NLM_F_DUMP if every else 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as control:
        control.settimeout(TIMEOUT_S)
        control.send(HEADER.pack(HEADER.size + len(body), kind, flags, 1, 0) + body)
        while True:
            for told, marks, answer in _messages(control.recv(ANSWER)):
                if marks & NLM_F_DUMP_INTR:
                    raise OSError(errno.EINTR, os.strerror(errno.EINTR))
                if told == NLMSG_DONE:
                    return
                if told == NLMSG_ERROR:
                    (code,) = struct.unpack_from("=i", answer)
                    raise OSError(-code, os.strerror(-code))
                yield answer
            if not every:
                return


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute as it is sent."""
    return ATTRIBUTE.pack(ATTRIBUTE.size + len(value), kind) + value + bytes(-len(value) % 4)


def attributes(packed: bytes) -> dict[int, bytes]:
    """The attributes behind a structure, by type."""
    found: dict[int, bytes] = {}
    at = 0
    while at + ATTRIBUTE.size <= len(packed):
        length, kind = ATTRIBUTE.unpack_from(packed, at)
        if length < ATTRIBUTE.size:
            break
        found.setdefault(kind & ~NESTED_OR_ORDER, packed[at + ATTRIBUTE.size : at + length])
        at += length + -length % 4
    return found


def _messages(received: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Type, flags and content of each message."""
    at = 0
    while at + HEADER.size <= len(received):
        length, kind, flags, _, _ = HEADER.unpack_from(received, at)
        if length < HEADER.size:
            return
        yield kind, flags, received[at + HEADER.size : at + length]
        at += length + -length % 4
