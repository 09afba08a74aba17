"""Exchange a virtual machine's network adapter for one of another type, in one reconfiguration.

vCenter refuses little of what would go wrong: two machines with one MAC run side by side, and an adapter may be plugged
into a running machine. So everything is checked here, before and after. A reconfiguration is done as a whole or not at
all (vSphere API reference, ReconfigVM_Task); the adapter is found by its MAC, because key and label are new each time.
"""

import time
from collections.abc import Iterable
from typing import Any

from pyVmomi import vim

from bot.operator.vcenter.describe import describe
from bot.operator.vcenter.errors import ChangedError, DeviceError, IdentityError, ResultError, StateError
from bot.operator.vcenter.model import POWERED_OFF, Adapter, Distributed, Machine, Nic, Opaque, Standard, Swapped
from bot.operator.vcenter.session import Session
from bot.operator.vcenter.waiting import persist
from checks.text import Text, say

_NEW_KEY = -101
"""A negative key is the caller's own, for a device that is not there yet."""
_KEPT = (
    "mac",
    "address_type",
    "backing",
    "unit",
    "controller",
    "start_connected",
    "allow_guest_control",
    "wake_on_lan",
)
"""What the new adapter has to have as the old one had it."""


def swap(
    session: Session, machine: str, mac: str, to: Adapter, *, expected: Nic | None = None, timeout_s: float = 120.0
) -> Swapped:
    """Exchange the adapter that has this MAC. Nothing is done when it is of that type already.

    Args:
        session: The login.
        machine: The virtual machine's id; it is off.
        mac: Of the adapter, which keeps it.
        to: The new type.
        expected: The adapter as it was shown to whoever approved; what differs from it stops the exchange.
        timeout_s: For waiting while another task is in the way, and for the task itself.

    Raises:
        IdentityError: no adapter, or more than one, has the MAC, or another machine has it too.
        StateError: the machine is not off.
        ChangedError: the adapter is not the expected one, or somebody changed the machine meanwhile.
        DeviceError: adapters of this type are not exchanged, or vCenter does not accept the new one.
        ResultError: it was done, but the machine is not as it should be now.
        OutcomeUnknownError: it may have been done; `describe.look` tells.
        VCenterError: vCenter refuses it or cannot be asked. Nothing was done.
    """
    deadline = time.monotonic() + timeout_s
    what = f"Exchanging the adapter {mac} of {machine} for {to}"

    def act() -> tuple[Machine, Nic]:
        now = describe(session, machine)
        nic = _the_one(now, mac, what)
        _compare(nic, expected, to, what)
        if nic.type != to:
            _check(now, nic, what)
            vm = session.object(vim.VirtualMachine, machine)
            spec = vim.vm.ConfigSpec(changeVersion=now.version, deviceChange=_exchange(session, now, nic, to, what))
            task = session.change(lambda: vm.ReconfigVM_Task(spec), what)
            session.finish(task, what, deadline)
        return now, nic

    before, old = persist(act, deadline)
    if old.type == to:
        return Swapped(changed=False, before=old, after=old)
    return Swapped(changed=True, before=old, after=_verified(describe(session, machine), before, old, to, what))


def differences(before: Nic, after: Nic) -> tuple[Text, ...]:
    """What is not the same of two adapters, type and device key aside, one sentence for each."""
    pairs = [(name, _value(before, name), _value(after, name)) for name in _KEPT]
    return tuple(
        say("{field} is {now}, not {wanted}.", field=name.replace("_", " "), now=str(new), wanted=str(old))
        for name, old, new in pairs
        # What vCenter did not tell before is its own to choose.
        if old is not None and old != new
    )


def _value(nic: Nic, name: str) -> object:
    value = getattr(nic, name)
    return value.name if isinstance(value, Standard) else value


def _the_one(machine: Machine, mac: str, what: str) -> Nic:
    found = machine.having(mac)
    if len(found) != 1:
        count = "no adapter" if not found else f"{len(found)} adapters"
        has = ", ".join(f"{nic.mac} ({nic.type})" for nic in machine.nics) or "none"
        raise IdentityError(
            f"{what}: {count} of {machine.name} has this MAC; it has {has}.", hint="Look at the machine in vCenter."
        )
    if twins := machine.twins.get(mac.lower()):
        raise IdentityError(
            f"{what}: other machines have this MAC, too: {', '.join(twins)}.",
            hint="Packets get lost while two machines have one MAC: give the other another one.",
        )
    return found[0]


def _compare(nic: Nic, expected: Nic | None, to: Adapter, what: str) -> None:
    differing = differences(expected, nic) if expected else ()
    if not differing:
        return
    if nic.type == to:
        raise _result(what, "its adapter is of that type but not as it was", differing)
    raise ChangedError(
        f"{what}: the adapter is not as it was shown: {_in_words(differing)}", hint="Look again before you approve."
    )


def _check(machine: Machine, nic: Nic, what: str) -> None:
    if machine.power != POWERED_OFF:
        raise StateError(
            f"{what}: {machine.name} is not off (its power state is {machine.power}).",
            hint="An adapter is exchanged only while the machine is off.",
        )
    if nic.type not in list(Adapter):
        raise DeviceError(f"{what}: it is of the type {nic.type}.", hint="Only vmxnet3 and e1000e are exchanged.")
    if isinstance(nic.backing, Opaque):
        raise DeviceError(
            f"{what}: it is on a network that vCenter does not manage itself.",
            hint="Exchange it by hand, and let the network's own product connect the new one.",
        )


def _exchange(session: Session, machine: Machine, nic: Nic, to: Adapter, what: str) -> list[Any]:
    vm, devices = session.object(vim.VirtualMachine, machine.ref), "config.hardware.device"
    read = session.properties([vm], vim.VirtualMachine, (devices, "config.changeVersion"), what).get(machine.ref, {})
    old = next((each for each in read.get(devices, ()) if each.key == nic.key), None)
    if old is None or read["config.changeVersion"] != machine.version:
        raise ChangedError(f"{what}: somebody changed the machine meanwhile.", hint="Look again before you approve.")
    spec = vim.vm.device.VirtualDeviceSpec
    # The old one first: the new one takes its place on the controller.
    return [spec(operation="remove", device=old), spec(operation="add", device=_card(session, nic, to))]


def _card(session: Session, nic: Nic, to: Adapter) -> Any:
    kinds = {Adapter.E1000E: vim.vm.device.VirtualE1000e, Adapter.VMXNET3: vim.vm.device.VirtualVmxnet3}
    return kinds[to](
        key=_NEW_KEY,
        controllerKey=nic.controller,
        unitNumber=nic.unit,
        macAddress=nic.mac,
        addressType=nic.address_type,
        wakeOnLanEnabled=nic.wake_on_lan,
        backing=_plug(session, nic),
        connectable=vim.vm.device.VirtualDevice.ConnectInfo(
            startConnected=nic.start_connected, allowGuestControl=nic.allow_guest_control, connected=False
        ),
    )


def _plug(session: Session, nic: Nic) -> Any:
    card, backing = vim.vm.device.VirtualEthernetCard, nic.backing
    if isinstance(backing, Distributed):
        # Without the old port's key and cookie: they name a port that the old adapter may still hold.
        port = vim.dvs.PortConnection(switchUuid=backing.switch, portgroupKey=backing.portgroup)
        return card.DistributedVirtualPortBackingInfo(port=port)
    network = session.object(vim.Network, backing.ref) if isinstance(backing, Standard) and backing.ref else None
    return card.NetworkBackingInfo(deviceName=backing.name, network=network)


def _verified(now: Machine, before: Machine, old: Nic, to: Adapter, what: str) -> Nic:
    known = {nic.key for nic in before.nics}
    # By its MAC, or, when the server gave it another, as the one that was not there before.
    found = now.having(old.mac) or tuple(nic for nic in now.nics if nic.key not in known)
    if len(found) != 1 or len(now.nics) != len(before.nics):
        count = say("It has {now} adapters, not {wanted}.", now=len(now.nics), wanted=len(before.nics))
        raise _result(what, "the machine does not have the adapters that it should", [count])
    differing = list(differences(old, found[0]))
    if found[0].type != to:
        differing.insert(0, say("type is {now}, not {wanted}.", now=found[0].type, wanted=str(to)))
    if differing:
        raise _result(what, "the new adapter is not as it should be", differing)
    return found[0]


def _result(what: str, how: str, differing: Iterable[Text]) -> ResultError:
    differing = tuple(differing)
    return ResultError(
        f"{what}: {how}: {_in_words(differing)}",
        differences=differing,
        hint="Do not switch the machine on before the adapter is put right or exchanged back.",
    )


def _in_words(sentences: Iterable[Text]) -> str:
    return " ".join(each.template.format(**each.values) for each in sentences)
