"""Whether a virtual machine's adapter may be exchanged, and what else to know before: judged from a description alone.

Sources: the vSphere Web Services API reference for each property, and VMware's documentation for the limits (e1000e
since hardware version 8, MAC addresses for people to assign).
"""

from collections.abc import Iterator

from bot.operator.vcenter.model import POWERED_OFF, POWERED_ON, Adapter, Machine, Nic, Opaque
from bot.operator.vcenter.owners import owners
from checks.cluster.owner import Owner
from checks.text import Text, names, say, say_many

OLDEST_HARDWARE = {Adapter.E1000E: 8, Adapter.VMXNET3: 7}
"""The hardware version that the adapter came with."""
_MANUAL_MACS = ("00:50:56:00", "00:50:56:3f")
"""First and last of the addresses that vSphere lets people assign, by their first four bytes."""
_NEEDED = ("ReconfigVM_Task", "PowerOnVM_Task")
"""Without them the adapter cannot be exchanged, or the machine does not come back."""


def refusals(
    machine: Machine,
    mac: str,
    to: Adapter = Adapter.E1000E,
    *,
    chosen: bool = False,
    maker: Owner | None = None,
    owned: bool = False,
) -> list[Text]:
    """Why the adapter must not be exchanged, one sentence for each reason; empty when it may be.

    Args:
        machine: As it was described.
        mac: The adapter's.
        to: The new type.
        chosen: A person picked this adapter of several.
        maker: What made the machine, as the Kubernetes node tells.
        owned: A person said that it shall be done although somebody else has a say about the machine.
    """
    found = machine.having(mac)
    if len(found) != 1:
        return [
            say_many(
                "{count} adapter of the VM has the MAC {mac}; it has {adapters}.",
                "{count} adapters of the VM have the MAC {mac}; it has {adapters}.",
                len(found),
                mac=mac.lower(),
                adapters=names(f"{nic.mac} ({nic.type})" for nic in machine.nics),
            )
        ]
    (nic,) = found
    return [
        *_adapter(machine, nic, chosen=chosen),
        *_fit(machine, to),
        *_kind(machine),
        *_moment(machine),
        *([] if owned else owners(machine, maker)),
    ]


def warnings(machine: Machine, mac: str, to: Adapter = Adapter.E1000E) -> list[Text]:
    """What whoever approves should know, one sentence each.

    Args:
        machine: As it was described.
        mac: The adapter's.
        to: The new type.
    """
    return [*_about_machine(machine), *(word for nic in machine.having(mac) for word in _about_adapter(nic, to))]


def _adapter(machine: Machine, nic: Nic, *, chosen: bool) -> Iterator[Text]:
    if len(machine.nics) > 1 and not chosen:
        adapters = names(f"{each.mac} ({each.type}, {each.network})" for each in machine.nics)
        yield say("The VM has several adapters: {adapters}. Say which one.", adapters=adapters)
    if nic.type not in list(Adapter):
        yield say("The adapter is of the type {type}; only vmxnet3 and e1000e are exchanged.", type=nic.type)
    if nic.passthrough:
        yield say("The adapter passes packets by the hypervisor (DirectPath I/O, UPT), which no other type does.")
    if isinstance(nic.backing, Opaque):
        yield say("The adapter is on a network that vCenter does not manage itself: exchange it by hand.")
    if others := machine.twins.get(nic.mac):
        yield say("Other VMs have the MAC {mac}, too: {others}.", mac=nic.mac, others=names(others))


def _fit(machine: Machine, to: Adapter) -> Iterator[Text]:
    oldest = OLDEST_HARDWARE[to]
    if machine.hardware and machine.hardware < oldest:
        yield say(
            "The VM's hardware version is {has}; {to} needs {oldest}.", has=machine.hardware, to=str(to), oldest=oldest
        )
    if machine.guest_adapters and to not in machine.guest_adapters:
        yield say(
            "For the guest operating system {guest}, vCenter has no {to}: set the right one for the VM first.",
            guest=machine.guest_id,
            to=str(to),
        )


def _kind(machine: Machine) -> Iterator[Text]:
    if machine.template:
        yield say("It is a template and no VM.")
    if machine.vapp:
        yield say("The VM is part of a vApp, which decides about its power.")
    if machine.fault_tolerance:
        yield say("The VM is protected by Fault Tolerance, which allows no such change.")


def _moment(machine: Machine) -> Iterator[Text]:
    if machine.connection != "connected":
        yield say("vCenter has lost the VM: its connection state is {state}.", state=machine.connection)
    if machine.power not in {POWERED_ON, POWERED_OFF}:
        yield say("The VM's power state is {state}: resume it first.", state=machine.power)
    if machine.question:
        yield say("The VM waits for an answer in vCenter: {question}", question=machine.question)
    if machine.tasks:
        yield say("A task is under way on the VM: {tasks}.", tasks=names(machine.tasks))
    if disabled := [method for method in _NEEDED if method in machine.disabled and not _by_state(method, machine)]:
        yield say("vCenter has switched off for the VM: {methods}.", methods=names(disabled))


def _by_state(method: str, machine: Machine) -> bool:
    """A machine that is on cannot be switched on: vCenter lists that among what is disabled."""
    return method == "PowerOnVM_Task" and machine.power == POWERED_ON


def _about_machine(machine: Machine) -> Iterator[Text]:
    if machine.snapshots:
        yield say(
            "The VM has snapshots ({snapshots}): going back to one brings the old adapter back.",
            snapshots=names(machine.snapshots),
        )
    if machine.power == POWERED_ON and not machine.tools:
        yield say("No guest tools run: the guest cannot be asked to shut down, only its power can be switched off.")
    if machine.guestinfo:
        yield say(
            "A provisioning tool configures the VM ({settings}): if it makes the VM again, the old adapter comes back.",
            settings=names(machine.guestinfo),
        )


def _about_adapter(nic: Nic, to: Adapter) -> Iterator[Text]:
    yield say(
        "The guest may call its interface otherwise then, unless it is named by its MAC or `net.ifnames=0` is set "
        "(Talos on the platform vmware sets it).",
    )
    prefix = nic.mac[:11]
    if nic.address_type == "manual" and not _MANUAL_MACS[0] <= prefix <= _MANUAL_MACS[1]:
        yield say(
            "The MAC {mac} is outside of the range for people to assign: vCenter may refuse to switch the VM on.",
            mac=nic.mac,
        )
    if nic.address_type == "assigned":
        yield say("vCenter assigned the MAC {mac} and may give another: that is checked.", mac=nic.mac)
    if nic.reserves:
        yield say("The adapter has a bandwidth reservation, limit or shares of its own, which {to} loses.", to=str(to))
    if not nic.start_connected:
        yield say("The adapter is not connected when the VM starts, and stays so.")
