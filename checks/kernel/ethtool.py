"""The ethtool ioctls that tell about an interface, which any process may use in its network namespace.

Numbers and structures are those of Linux's `include/uapi/linux/ethtool.h` and `sockios.h`.
"""

import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

SIOCETHTOOL = 0x8946
GDRVINFO = 0x03
GSTRINGS = 0x1B
GSSET_INFO = 0x37
GFEATURES = 0x3A
SFEATURES = 0x3B
SS_FEATURES = 4
STRING = 32
"""Bytes of one name (`ETH_GSTRING_LEN`)."""
BLOCK = struct.Struct("=IIII")
"""32 features: available, requested, active, never_changed."""
_WISH = struct.Struct("=II")
"""32 features: which of them are meant, and what they shall be."""


@dataclass(frozen=True, slots=True)
class Driver:
    """What drives an interface."""

    name: str
    version: str
    """For drivers in the kernel's tree, the kernel's version."""
    bus: str
    """`0000:03:00.0` for a PCI device."""


@dataclass(frozen=True, slots=True)
class State:
    """One offload."""

    on: bool
    fixed: bool
    """It cannot be switched on this interface."""


class Ethtool:
    """Asks the kernel about interfaces. Errors are `OSError`: no such interface, or one that does not tell (`lo`)."""

    def __init__(self, control: socket.socket) -> None:
        """Asks through a socket, whose network namespace counts; see `ethtool`."""
        self._control = control

    def driver(self, interface: str) -> Driver:
        """Its driver."""
        answer = self.call(interface, struct.pack("=I192x", GDRVINFO))
        _, name, version, _, bus = struct.unpack_from("=I32s32s32s32s", answer)
        return Driver(_text(name), _text(version), _text(bus))

    def features(self, interface: str) -> dict[str, State]:
        """Its offloads by the kernel's names."""
        names = self.feature_names(interface)
        blocks = -(-len(names) // 32)
        answer = self.call(interface, struct.pack("=II", GFEATURES, blocks) + bytes(blocks * BLOCK.size))
        states: dict[str, State] = {}
        for number, name in enumerate(names):
            available, _, active, never_changed = BLOCK.unpack_from(answer, 8 + number // 32 * BLOCK.size)
            bit = 1 << number % 32
            fixed = not available & bit or bool(never_changed & bit)
            states[name] = State(on=bool(active & bit), fixed=fixed)
        return states

    def switch(self, interface: str, wanted: Mapping[str, bool]) -> None:
        """Switch offloads on or off, by the kernel's names. It takes CAP_NET_ADMIN.

        Raises:
            OSError: the kernel refuses.
            KeyError: the kernel knows no offload of that name.
        """
        names = self.feature_names(interface)
        numbers = {name: number for number, name in enumerate(names)}
        blocks = [[0, 0] for _ in range(-(-len(names) // 32))]
        for name, on in wanted.items():
            number = numbers[name]
            blocks[number // 32][0] |= 1 << number % 32
            blocks[number // 32][1] |= on << number % 32
        packed = b"".join(_WISH.pack(valid, requested) for valid, requested in blocks)
        self.call(interface, struct.pack("=II", SFEATURES, len(blocks)) + packed)

    def feature_names(self, interface: str) -> list[str]:
        """The kernel's names of offloads, in the order of their bits."""
        info = self.call(interface, struct.pack("=IIQI", GSSET_INFO, 0, 1 << SS_FEATURES, 0))
        (count,) = struct.unpack_from("=I", info, 16)
        answer = self.call(interface, struct.pack("=III", GSTRINGS, SS_FEATURES, count) + bytes(count * STRING))
        return [_text(answer[12 + i * STRING : 12 + (i + 1) * STRING]) for i in range(count)]

    def call(self, interface: str, command: bytes) -> bytes:
        """One ioctl: a command structure goes in, the same memory comes back.

        Raises:
            OSError: the kernel refuses.
        """
        memory = ctypes.create_string_buffer(command, len(command))
        request = struct.pack("16sP", os.fsencode(interface)[:15], ctypes.addressof(memory))
        fcntl.ioctl(self._control, SIOCETHTOOL, request)
        return memory.raw


@contextmanager
def ethtool() -> Iterator[Ethtool]:
    """An `Ethtool` for this process's network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        yield Ethtool(control)


def _text(padded: bytes) -> str:
    return padded.split(b"\0", 1)[0].decode(errors="replace")
