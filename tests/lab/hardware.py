"""What a node's sysfs shows beyond what is real: the machine is a VMware one, and eth0 is one of VMware's adapters.

The node's own live sysfs lies below; these few files are laid over it, so all else in /sys is as the kernel has it.
"""

import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.lab.layout import LabError, Node

DMI = {
    "sys_vendor": "VMware, Inc.",
    "product_name": "VMware7,1",
    "board_vendor": "Intel Corporation",
    "bios_vendor": "VMware, Inc.",
    "chassis_vendor": "No Enclosure",
}
_VMWARE = "15ad"
_ETHERNET = "0x020000"
_PCI_SLOT = "0000:0b:00.0"


@dataclass(frozen=True)
class Adapter:
    """A kind of network adapter, by its PCI numbers in hexadecimal digits; its driver has the kind's own name."""

    vendor: str
    device: str
    subsystem_device: str


VMXNET3 = "vmxnet3"
E1000E = "e1000e"
ADAPTERS = {VMXNET3: Adapter(_VMWARE, "07b0", "07b0"), E1000E: Adapter("8086", "10d3", "07d0")}
"""Every kind that a node may have."""


def adapter(node: Node) -> str:
    """Return the kind of the node's adapter; a node that was never given another has a vmxnet3."""
    kept = _kept(node)
    return kept.read_text().strip() if kept.exists() else VMXNET3


def keep_adapter(node: Node, kind: str) -> None:
    """Remember which kind of adapter the node has from its next boot on.

    Raises:
        LabError: there is no such kind.
    """
    if kind not in ADAPTERS:
        raise LabError(f"no adapter {kind!r}: there are {', '.join(ADAPTERS)}")
    _kept(node).write_text(f"{kind}\n")


def _kept(node: Node) -> Path:
    return node.run / "adapter"


def write_overlay(node: Node, folder: Path) -> None:
    """Write the files to lay over the node's /sys below `folder`; what is mounted already does not take them up."""
    dmi = folder / "devices/virtual/dmi/id"
    _write(dmi, {**DMI, "product_uuid": system_uuid(node)})
    (dmi / "product_uuid").chmod(0o400)
    (folder / "class/dmi").mkdir(parents=True)
    (folder / "class/dmi/id").symlink_to("../../devices/virtual/dmi/id")
    kind = adapter(node)
    device = folder / f"devices/pci0000:00/{_PCI_SLOT}"
    _write(device, _pci_files(kind))
    driver = folder / f"bus/pci/drivers/{kind}"
    driver.mkdir(parents=True)
    (device / "driver").symlink_to(f"../../../bus/pci/drivers/{kind}")
    nic = folder / "devices/virtual/net/eth0"
    nic.mkdir(parents=True)
    (nic / "device").symlink_to(f"../../../pci0000:00/{_PCI_SLOT}")


def system_uuid(node: Node) -> str:
    """Return the UUID in the node's DMI, as Linux and so the Node object show it."""
    return f"4202c0de-0000-4000-8000-0000000000{10 + node.index:02x}"


def vsphere_uuid(node: Node) -> str:
    """Return the same as vSphere writes it: the first three groups byte by byte the other way round."""
    return str(uuid.UUID(bytes_le=uuid.UUID(system_uuid(node)).bytes))


def _pci_files(kind: str) -> dict[str, str]:
    numbers = ADAPTERS[kind]
    identity = f"{numbers.vendor}:{numbers.device}".upper()
    return {
        "vendor": f"0x{numbers.vendor}",
        "device": f"0x{numbers.device}",
        "subsystem_vendor": f"0x{_VMWARE}",
        "subsystem_device": f"0x{numbers.subsystem_device}",
        "class": _ETHERNET,
        "uevent": f"DRIVER={kind}\nPCI_CLASS=20000\nPCI_ID={identity}\nPCI_SLOT_NAME={_PCI_SLOT}",
    }


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_text(content + "\n")
