"""What the machine in QEMU runs as its first process: load the drivers, look at the adapters, switch features, end.

Prints one line of JSON between markers for each look. Nothing of the host is there but the interpreter and netcheck.
"""

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
import time
import traceback
from pathlib import Path

import msgspec

import checks.nic.observe  # while it can still be read: nobody cannot
from checks.observation import Context, Network
from checks.kernel.ethtool import ethtool
from checks.nic.model import Request

BEGIN, END = "@@begin@@", "@@end@@"
ADDRESSES = {"vmxnet3": "192.0.2.1", "e1000e": "192.0.2.2"}
"""The addresses that the adapters get, by their drivers."""
NOBODY = 65534
INIT_MODULE = 175
"""System call of x86-64."""
SFEATURES = 0x3B
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR = 0x8913, 0x8914, 0x8916
UP = 1
RESTART = 0x01234567
"""The machine is started with `-no-reboot`, so a restart ends it."""
libc = ctypes.CDLL(None, use_errno=True)


def mount(kind: str, target: str) -> None:
    """Mount a file system of the kernel's."""
    Path(target).mkdir(exist_ok=True)
    if libc.mount(kind.encode(), target.encode(), kind.encode(), ctypes.c_ulong(0), None):
        raise OSError(ctypes.get_errno(), f"mount {target}")


def load(module: Path) -> None:
    """Load a kernel module."""
    image = module.read_bytes()
    if libc.syscall(INIT_MODULE, image, ctypes.c_ulong(len(image)), b""):
        raise OSError(ctypes.get_errno(), f"load {module}")


def interfaces() -> dict[str, str]:
    """The interfaces by their drivers, once both are there."""
    found: dict[str, str] = {}
    for _ in range(1000):
        links = Path("/sys/class/net").glob("*/device/driver")
        found = {link.resolve().name: link.parents[1].name for link in links}
        if ADDRESSES.keys() <= found.keys():
            return found
        time.sleep(0.01)
    raise TimeoutError(f"only {found} appeared")


def configure(interface: str, address: str) -> None:
    """Give an interface its address and bring it up."""
    name = interface.encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sHH4s16x", name, socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(control, SIOCSIFADDR, request)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16s24x", name)), 16)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", name, flags | UP))


def switch(interface: str, feature: str, *, on: bool) -> None:
    """Switch one offload, as `ethtool -K` does."""
    with ethtool() as asked:
        names = asked.feature_names(interface)
        block, bit = divmod(names.index(feature), 32)
        valid = [1 << bit if i == block else 0 for i in range(-(-len(names) // 32))]
        blocks = b"".join(struct.pack("=II", one, one * on) for one in valid)
        asked.call(interface, struct.pack("=II", SFEATURES, len(valid)) + blocks)


def look(label: str) -> None:
    """Observe as nobody, in a process of its own, and print what was seen."""
    child = os.fork()
    if child == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        for driver, address in ADDRESSES.items():
            context = Context(network=Network.HOST, node=driver)
            data = checks.nic.observe.observe(Request(addresses=(address,), window_s=0), context)
            seen = {"label": label, "adapter": driver, "uid": os.getuid(), "data": msgspec.to_builtins(data)}
            sys.stdout.write(f"{BEGIN}{json.dumps(seen)}{END}\n")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def run() -> None:
    """Everything, in order."""
    mount("proc", "/proc")
    mount("sysfs", "/sys")
    for module in sorted(Path("/drivers").iterdir()):
        load(module)
    found = interfaces()
    for driver, address in ADDRESSES.items():
        configure(found[driver], address)
    look("as it is")
    switch(found["vmxnet3"], "tx-checksum-ip-generic", on=False)
    look("without checksum offload")
    switch(found["vmxnet3"], "tx-checksum-ip-generic", on=True)
    look("switched back")


def main() -> None:
    """Run, and end the machine however that went."""
    try:
        run()
    except BaseException:  # noqa: BLE001 - a first process that ends is a kernel's panic, which would hide why
        traceback.print_exc(file=sys.stdout)
    sys.stdout.flush()
    libc.reboot(RESTART)
