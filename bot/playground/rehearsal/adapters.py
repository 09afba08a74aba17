"""A node's adapter as `nic` sees it after what was done to it. Pure."""

import msgspec

from bot.playground.rehearsal.world import E1000E, Machine
from checks.nic.adapters import ADAPTERS, DRIVERS, TUNNEL_OFFLOADS
from checks.nic.model import Data, Feature, Interface, Role

_CARRIERS = (Role.NODE, Role.LOWER)
_PCI = {kind: pci for pci, kind in ADAPTERS.items()}
_DRIVER = {kind: driver for driver, kind in DRIVERS.items()}


def seen_now(recorded: Data, machine: Machine) -> Data:
    """What an agent would see of its node's interfaces."""
    interfaces = tuple(_changed(interface, machine) for interface in recorded.interfaces)
    return msgspec.structs.replace(recorded, interfaces=interfaces)


def offloads(data: Data) -> bool:
    """Whether some VMXNET3 adapter of a node may offload tunnels."""
    return any(
        _kind(interface) == "vmxnet3" and any(_on(interface, name) for name in TUNNEL_OFFLOADS)
        for interface in data.interfaces
        if interface.role in _CARRIERS
    )


def kind_of(data: Data) -> str:
    """What the adapter of a node is, as `nic.adapter` calls it; empty where none is known."""
    kinds = [_kind(interface) for interface in data.interfaces if interface.role in _CARRIERS]
    return next(filter(None, kinds), "")


def _kind(interface: Interface) -> str:
    return ADAPTERS.get(interface.pci_id) or DRIVERS.get(interface.driver, "")


def _on(interface: Interface, name: str) -> bool:
    feature = interface.feature(name)
    return feature is not None and feature.on


def _changed(interface: Interface, machine: Machine) -> Interface:
    if interface.role not in _CARRIERS or _kind(interface) not in (E1000E, "vmxnet3"):
        return interface
    if machine.adapter in ("", _kind(interface)):
        return _switched(interface, machine)
    # An e1000e has no tunnel offload that could be switched on; the rest of its features is the kernel's.
    without = tuple(
        Feature(f.name, on=False, fixed=True) if f.name in TUNNEL_OFFLOADS else f for f in interface.features
    )
    return msgspec.structs.replace(
        interface,
        driver=_DRIVER[machine.adapter],
        driver_version="",
        pci_id=_PCI[machine.adapter],
        features=without,
    )


def _switched(interface: Interface, machine: Machine) -> Interface:
    if machine.offloads is None:
        return interface
    features = tuple(
        msgspec.structs.replace(f, on=machine.offloads) if f.name in TUNNEL_OFFLOADS and not f.fixed else f
        for f in interface.features
    )
    return msgspec.structs.replace(interface, features=features)
