"""Boot a machine with both adapters and gather what it prints."""

import subprocess
from pathlib import Path

from tests.qemu.initramfs import LOADER, Archive, interpreter, loaded, names_of
from tests.qemu.kernel import Kernel, kernel

GUEST = "tests.qemu.guest"
DRIVERS = ("vmxnet3", "e1000e")
BOOT_TIMEOUT_S = 150
"""Some 20 s on two cores without KVM; several times that while other tests use them."""
MACHINE = (
    *("-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", "512", "-smp", "1"),
    *("-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot"),
    # The two adapters are wired to each other alone: no packet leaves the machine.
    *("-netdev", "hubport,id=a,hubid=0", "-device", "vmxnet3,netdev=a,romfile=,mac=00:50:56:00:00:01"),
    *("-netdev", "hubport,id=b,hubid=0", "-device", "e1000e,netdev=b,romfile=,mac=00:50:56:00:00:02"),
    *("-smbios", "type=1,manufacturer=VMware,, Inc.,product=VMware7,,1"),
)


def boot(folder: Path) -> str:
    """What the guest prints until it ends itself.

    Raises:
        subprocess.TimeoutExpired: it does not; what it printed is in the exception.
    """
    system = kernel()
    initramfs = folder / "initramfs"
    pack(system).write(initramfs)
    command = ["qemu-system-x86_64", *MACHINE, "-kernel", str(system.image), "-initrd", str(initramfs)]
    command += ["-append", "console=ttyS0 quiet panic=-1 net.ifnames=0 mitigations=off"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=BOOT_TIMEOUT_S).stdout


def pack(system: Kernel) -> Archive:
    """The guest's whole file system: the interpreter, netcheck, the drivers, and the guest's program as `/init`."""
    files, search_path = loaded(GUEST)
    archive = Archive()
    for file in {*files, interpreter()}:
        archive.copy(file)
        for name in names_of(file) if ".so" in file.name else ():
            archive.link(name, file.name)
    archive.add(LOADER, LOADER.read_bytes(), 0o100755)
    archive.link("/lib", "usr/lib")
    archive.folder("/dev")
    for number, content in enumerate(system.load_order(*DRIVERS).values()):
        archive.add(f"/drivers/{number:02}.ko", content)
    run = f"import sys; sys.path[:] = {search_path!r}; from {GUEST} import main; main()"
    archive.add("/init", f"#!{interpreter()} -IS\n{run}\n".encode(), 0o100755)
    return archive
