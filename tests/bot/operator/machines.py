"""Descriptions of virtual machines."""

from typing import Any

import msgspec

from bot.operator.vcenter.model import Distributed, Machine, Nic, Standard

MAC = "00:50:56:00:00:01"


def nic(**fields: Any) -> Nic:
    """A VMXNET3 adapter on a standard network."""
    usual: dict[str, Any] = {
        "key": 4000,
        "label": "Network adapter 1",
        "type": "vmxnet3",
        "mac": MAC,
        "address_type": "manual",
        "backing": Standard("VM Network", "network-7"),
        "network": "VM Network",
        "unit": 7,
        "controller": 100,
    }
    return Nic(**{**usual, **fields})


def distributed(**fields: Any) -> Nic:
    """A VMXNET3 adapter on a port group."""
    return nic(**{"backing": Distributed("50 2a", "dvportgroup-9"), "network": "prod's", **fields})


def machine(**fields: Any) -> Machine:
    """A machine with nothing that stands in the way: it is on, and its guest tools run."""
    usual: dict[str, Any] = {
        "ref": "vm-42",
        "name": "talos w1",
        "uuid": "4223a1b2-c3d4-e5f6-0718-293a4b5c6d01",
        "power": "poweredOn",
        "hardware": 19,
        "guest_id": "other5xLinux64Guest",
        "guest_adapters": ("vmxnet3", "e1000e"),
        "tools": True,
        "version": "1",
        "nics": (nic(),),
    }
    return msgspec.convert({**usual, **fields}, Machine, from_attributes=True)
