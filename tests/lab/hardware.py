"""What a node's sysfs shows beyond what is real: the machine is a VMware one, and eth0 is a vmxnet3 adapter.

The node's own live sysfs lies below; these few files are laid over it, so all else in /sys is as the kernel has it.
"""

from pathlib import Path

from tests.lab.layout import Node

DMI = {
    "sys_vendor": "VMware, Inc.",
    "product_name": "VMware7,1",
    "board_vendor": "Intel Corporation",
    "bios_vendor": "VMware, Inc.",
    "chassis_vendor": "No Enclosure",
}
VMXNET3 = {
    "vendor": "0x15ad",
    "device": "0x07b0",
    "subsystem_vendor": "0x15ad",
    "subsystem_device": "0x07b0",
    "class": "0x020000",
}
_PCI_SLOT = "0000:0b:00.0"


def write_overlay(node: Node, folder: Path) -> None:
    """Write the files to lay over the node's /sys below `folder`."""
    dmi = folder / "devices/virtual/dmi/id"
    _write(dmi, {**DMI, "product_uuid": system_uuid(node)})
    (dmi / "product_uuid").chmod(0o400)
    (folder / "class/dmi").mkdir(parents=True)
    (folder / "class/dmi/id").symlink_to("../../devices/virtual/dmi/id")
    device = folder / f"devices/pci0000:00/{_PCI_SLOT}"
    _write(
        device, {**VMXNET3, "uevent": f"DRIVER=vmxnet3\nPCI_CLASS=20000\nPCI_ID=15AD:07B0\nPCI_SLOT_NAME={_PCI_SLOT}"}
    )
    driver = folder / "bus/pci/drivers/vmxnet3"
    driver.mkdir(parents=True)
    (device / "driver").symlink_to("../../../bus/pci/drivers/vmxnet3")
    nic = folder / "devices/virtual/net/eth0"
    nic.mkdir(parents=True)
    (nic / "device").symlink_to(f"../../../pci0000:00/{_PCI_SLOT}")


def system_uuid(node: Node) -> str:
    """Return the UUID in the node's DMI, of the form that vSphere gives to virtual machines."""
    return f"4202c0de-0000-4000-8000-0000000000{10 + node.index:02x}"


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_text(content + "\n")
