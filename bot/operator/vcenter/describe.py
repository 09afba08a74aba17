"""Read a virtual machine and say it as data."""

import re
from collections.abc import Iterable
from typing import Any

from pyVmomi import vim

from bot.operator.vcenter.errors import IdentityError, VCenterError
from bot.operator.vcenter.model import Backing, Distributed, Look, Machine, Nic, Opaque, Standard
from bot.operator.vcenter.session import Session, ref

_DEVICES = "config.hardware.device"
_PATHS = (
    "name",
    "availableField",
    "config.annotation",
    "config.changeVersion",
    "config.extraConfig",
    "config.ftInfo",
    "config.guestId",
    _DEVICES,
    "config.managedBy",
    "config.template",
    "config.uuid",
    "config.version",
    "customValue",
    "disabledMethod",
    "environmentBrowser",
    "guest.toolsRunningStatus",
    "parentVApp",
    "recentTask",
    "runtime.connectionState",
    "runtime.device",
    "runtime.faultToleranceState",
    "runtime.powerState",
    "runtime.question",
    "snapshot",
)
"""Asked for in one call: what is not set is absent then, while reading an attribute that is not set fails."""
ADAPTERS = {
    "VirtualE1000": "e1000",
    "VirtualE1000e": "e1000e",
    "VirtualPCNet32": "flexible",
    "VirtualSriovEthernetCard": "sriov",
    "VirtualVmxnet2": "vmxnet2",
    "VirtualVmxnet3": "vmxnet3",
    "VirtualVmxnet3Vrdma": "rdma",
}
"""The API's class -> what the adapter is called. By the class itself: to the API an RDMA adapter is a VMXNET3, too."""
_ORDINARY_SHARES = "normal"
_NO_FAULT_TOLERANCE = "notConfigured"
_HARDWARE = re.compile(r"vmx-(\d+)")
_UNDER_WAY = ("queued", "running")


def describe(session: Session, machine: str) -> Machine:
    """Describe a virtual machine.

    Args:
        session: The login.
        machine: Its id, `vm-42`.

    Raises:
        IdentityError: there is no such machine any more.
        VCenterError: it cannot be read.
    """
    what = f"Reading the virtual machine {machine}"
    vm = session.object(vim.VirtualMachine, machine)
    read = session.properties([vm], vim.VirtualMachine, _PATHS, what).get(machine)
    if not read or "config.changeVersion" not in read:
        raise IdentityError(f"{what}: vCenter has no such machine, or its host is away.", hint="Look for it again.")
    cards = [device for device in read[_DEVICES] if isinstance(device, vim.vm.device.VirtualEthernetCard)]
    names = _network_names(session, cards, what)
    direct = _passed_through(read)
    nics = tuple(_nic(card, names, direct) for card in cards)
    return Machine(
        ref=machine,
        name=read["name"],
        uuid=read.get("config.uuid", ""),
        power=str(read["runtime.powerState"]),
        connection=str(read.get("runtime.connectionState", "")),
        hardware=_hardware(read),
        guest_id=read.get("config.guestId", ""),
        guest_adapters=_guest_adapters(session, read),
        tools=read.get("guest.toolsRunningStatus") == "guestToolsRunning",
        version=read["config.changeVersion"],
        nics=nics,
        managed_by=read["config.managedBy"].extensionKey if "config.managedBy" in read else "",
        attributes=_attributes(read),
        annotation=read.get("config.annotation", ""),
        guestinfo=_guestinfo(read),
        snapshots=tuple(_snapshots(read["snapshot"].rootSnapshotList)) if "snapshot" in read else (),
        template=bool(read.get("config.template")),
        vapp="parentVApp" in read,
        fault_tolerance=_fault_tolerance(read),
        disabled=tuple(read.get("disabledMethod", ())),
        tasks=_tasks(session, read, what),
        question=read["runtime.question"].text if "runtime.question" in read else "",
        twins=_twins(session, machine, {nic.mac for nic in nics}, what),
    )


def look(session: Session, machine: str, mac: str) -> Look:
    """What is true now of the adapter with this MAC, for whoever does not know how far a change came.

    Raises:
        VCenterError: it cannot be read.
    """
    what = f"Looking at the virtual machine {machine}"
    vm = session.object(vim.VirtualMachine, machine)
    paths = ("runtime.powerState", _DEVICES, "recentTask")
    read = session.properties([vm], vim.VirtualMachine, paths, what).get(machine, {})
    types = [_type(card) for card in read.get(_DEVICES, ()) if getattr(card, "macAddress", "").lower() == mac.lower()]
    return Look(
        power=str(read.get("runtime.powerState", "")),
        type=types[0] if len(types) == 1 else "",
        tasks=_tasks(session, read, what),
    )


def _type(card: Any) -> str:
    name = type(card).__name__.rsplit(".", 1)[-1]
    return ADAPTERS.get(name, name)


def _nic(card: Any, names: dict[str, str], direct: set[int]) -> Nic:
    backing = _backing(card.backing)
    connection = card.connectable
    return Nic(
        key=card.key,
        label=card.deviceInfo.label if card.deviceInfo else "",
        type=_type(card),
        mac=str(card.macAddress or "").lower(),
        address_type=str(card.addressType or ""),
        backing=backing,
        network=names.get(backing.portgroup, backing.portgroup) if isinstance(backing, Distributed) else backing.name,
        unit=card.unitNumber,
        controller=card.controllerKey,
        start_connected=connection.startConnected if connection else True,
        allow_guest_control=connection.allowGuestControl if connection else True,
        wake_on_lan=card.wakeOnLanEnabled,
        passthrough=card.key in direct or bool(getattr(card, "uptv2Enabled", False)),
        reserves=_reserves(card.resourceAllocation),
    )


def _passed_through(read: dict[str, Any]) -> set[int]:
    """Keys of the adapters whose packets pass by the hypervisor now.

    `uptCompatibilityEnabled` tells nothing: new VMXNET3 adapters have it, used or not (pyvmomi-community-samples #390).
    """
    states = ((each.key, each.runtimeState) for each in read.get("runtime.device", ()))
    flags = ("vmDirectPathGen2Active", "uptv2Active")
    return {key for key, state in states if any(getattr(state, flag, False) for flag in flags)}


def _backing(backing: Any) -> Backing:
    card = vim.vm.device.VirtualEthernetCard
    if isinstance(backing, card.DistributedVirtualPortBackingInfo):
        return Distributed(backing.port.switchUuid, backing.port.portgroupKey or "")
    if isinstance(backing, card.NetworkBackingInfo):
        return Standard(backing.deviceName, ref(backing.network) if backing.network else "")
    if isinstance(backing, card.OpaqueNetworkBackingInfo):
        return Opaque(backing.opaqueNetworkId)
    return Opaque("")


def _reserves(allocation: Any) -> bool:
    if allocation is None:
        return False
    ordinary = allocation.share is None or str(allocation.share.level) == _ORDINARY_SHARES
    return bool(allocation.reservation) or allocation.limit not in {None, -1} or not ordinary


def _network_names(session: Session, cards: Iterable[Any], what: str) -> dict[str, str]:
    """Port group -> its name. A port group's key is its object's id, too."""
    backings = [_backing(card.backing) for card in cards]
    keys = {each.portgroup for each in backings if isinstance(each, Distributed) and each.portgroup}
    kind = vim.dvs.DistributedVirtualPortgroup
    try:
        read = session.properties([session.object(kind, key) for key in keys], kind, ("name",), what) if keys else {}
    except VCenterError:  # whoever may assign a network may still not be allowed to read its name
        return {}
    return {key: values["name"] for key, values in read.items() if "name" in values}


def _hardware(read: dict[str, Any]) -> int:
    match = _HARDWARE.fullmatch(read.get("config.version", ""))
    return int(match[1]) if match else 0


def _guest_adapters(session: Session, read: dict[str, Any]) -> tuple[str, ...]:
    """The adapters that fit the guest, by the descriptor that vCenter has for its id; empty when it has none."""
    browser, guest = read.get("environmentBrowser"), read.get("config.guestId")
    if browser is None or not guest:
        return ()
    query = vim.EnvironmentBrowser.ConfigOptionQuerySpec(key=read.get("config.version"), guestId=[guest])
    try:
        option = session.read(lambda: browser.QueryConfigOptionEx(query), "Asking which adapters fit the guest")
    except VCenterError:  # refused, or an answer that cannot be read: then nobody can tell
        return ()
    described = [each for each in (option.guestOSDescriptor if option else []) if each.id == guest]
    kinds = (str(kind.__name__).rsplit(".", 1)[-1] for each in described for kind in each.supportedEthernetCard)
    return tuple(ADAPTERS.get(kind, kind) for kind in kinds)


def _attributes(read: dict[str, Any]) -> dict[str, str]:
    names = {each.key: each.name for each in read.get("availableField", ())}
    values = read.get("customValue", ())
    return {names.get(each.key, str(each.key)): str(each.value) for each in values if getattr(each, "value", "")}


def _guestinfo(read: dict[str, Any]) -> tuple[str, ...]:
    keys = (str(each.key) for each in read.get("config.extraConfig", ()) if each.value)
    return tuple(sorted(key for key in keys if key.startswith("guestinfo.")))


def _snapshots(trees: Iterable[Any]) -> Iterable[str]:
    for tree in trees:
        yield str(tree.name)
        yield from _snapshots(tree.childSnapshotList or [])


def _fault_tolerance(read: dict[str, Any]) -> bool:
    state = str(read.get("runtime.faultToleranceState", _NO_FAULT_TOLERANCE))
    return state != _NO_FAULT_TOLERANCE or "config.ftInfo" in read


def _tasks(session: Session, read: dict[str, Any], what: str) -> tuple[str, ...]:
    recent = read.get("recentTask") or []
    paths = ("info.state", "info.descriptionId")
    found = session.properties(recent, vim.Task, paths, what) if recent else {}
    under_way = (task for task in found.values() if task.get("info.state") in _UNDER_WAY)
    return tuple(str(task.get("info.descriptionId", "task")) for task in under_way)


def _twins(session: Session, machine: str, macs: set[str], what: str) -> dict[str, tuple[str, ...]]:
    """Which other machines have one of these MACs: vCenter lets both run, and the network loses their packets."""
    found: dict[str, tuple[str, ...]] = {}
    for key, read in session.all_machines(("name", _DEVICES), what).items():
        theirs = {str(getattr(device, "macAddress", "") or "").lower() for device in read.get(_DEVICES, ())}
        for mac in sorted(macs & theirs) if key != machine else ():
            found[mac] = (*found.get(mac, ()), str(read.get("name", key)))
    return found
