"""Switch a virtual machine off and on. Each looks first, so that doing it twice does it once."""

import time
from typing import Any

from pyVmomi import vim

from bot.operator.vcenter.errors import GuestStaysOnError, IdentityError, StateError
from bot.operator.vcenter.model import POWERED_OFF, POWERED_ON
from bot.operator.vcenter.session import Session
from bot.operator.vcenter.waiting import persist, wait

_ASKING_S = 10.0
"""For asking the guest again when the session had ended."""


def shutdown_guest(session: Session, machine: str) -> bool:
    """Ask the guest to shut down. It is not off yet when this returns: `wait_powered_off`.

    Returns:
        Whether it was asked; not when the machine is off.

    Raises:
        ToolsError: no guest tools run.
        VCenterError: vCenter refuses it or cannot be asked.
    """
    what = f"Shutting down the guest of {machine}"
    vm = session.object(vim.VirtualMachine, machine)

    def act() -> bool:
        if _state(session, vm, what) == POWERED_OFF:
            return False
        session.change(vm.ShutdownGuest, what)
        return True

    return persist(act, time.monotonic() + _ASKING_S)


def wait_powered_off(session: Session, machine: str, timeout_s: float) -> None:
    """Wait until the machine is off.

    Raises:
        GuestStaysOnError: it is not within the time.
        VCenterError: vCenter cannot be asked.
    """
    what = f"Waiting until {machine} is off"
    vm = session.object(vim.VirtualMachine, machine)
    if not wait(lambda: _state(session, vm, what) == POWERED_OFF, time.monotonic() + timeout_s):
        raise GuestStaysOnError(
            f"{what}: its guest has not shut down within {timeout_s:g} s.",
            hint="Look at its console: wait longer, or approve to switch its power off.",
        )


def power_off(session: Session, machine: str, timeout_s: float) -> bool:
    """Switch the power off, without asking the guest.

    Returns:
        Whether it was on.

    Raises:
        VCenterError: vCenter refuses it or cannot be asked.
    """
    return _switch(session, machine, POWERED_OFF, timeout_s)


def power_on(session: Session, machine: str, timeout_s: float) -> bool:
    """Switch the power on. The guest has not booted yet when this returns.

    Returns:
        Whether it was off.

    Raises:
        VCenterError: vCenter refuses it or cannot be asked.
    """
    return _switch(session, machine, POWERED_ON, timeout_s)


def _switch(session: Session, machine: str, wanted: str, timeout_s: float) -> bool:
    what = f"Switching {machine} {'on' if wanted == POWERED_ON else 'off'}"
    vm = session.object(vim.VirtualMachine, machine)
    deadline = time.monotonic() + timeout_s

    def act() -> bool:
        if _state(session, vm, what) == wanted:
            return False
        task = session.change(vm.PowerOnVM_Task if wanted == POWERED_ON else vm.PowerOffVM_Task, what)
        session.finish(task, what, deadline)
        return True

    switched = persist(act, deadline)
    now = _state(session, vm, what)
    if now != wanted:
        raise StateError(f"{what}: vCenter says that it is done, but its power state is {now}.", hint="Look at it.")
    return switched


def _state(session: Session, vm: Any, what: str) -> str:
    read = session.properties([vm], vim.VirtualMachine, ("runtime.powerState",), what)
    if not read:
        raise IdentityError(f"{what}: vCenter has no such machine.", hint="Look for it again.")
    ((_, values),) = read.items()
    return str(values["runtime.powerState"])
