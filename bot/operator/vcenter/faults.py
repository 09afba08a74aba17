"""vSphere's faults in words: what happened, and what to do about it.

What each means is in the vSphere Web Services API reference; they come as the answer to a call or at the end of a task,
and a subclass stands for its base where it is not listed.
"""

from collections.abc import Callable
from typing import Any

from pyVmomi import vim, vmodl

from bot.operator.vcenter.errors import (
    BusyError,
    ChangedError,
    DeviceError,
    LoginError,
    PrivilegeError,
    SessionEndedError,
    StateError,
    ToolsError,
    VCenterError,
)

UNSURE = (vmodl.fault.HostCommunication, vmodl.fault.SystemError, vim.fault.Timedout)
"""After these nobody can say whether it was done: vCenter lost its host, or itself, on the way."""
_WORDS = 300
"""Characters of the server's own words that are passed on."""


def said(fault: Any, what: str) -> VCenterError:
    """The error for a fault.

    Args:
        fault: A `vmodl.MethodFault`.
        what: What was asked for, as the beginning of a sentence: "Switching w1 off".
    """
    for kind, word in _MEANINGS:
        if isinstance(fault, kind):
            return word(fault, what)
    return VCenterError(
        f"{what}: vCenter refused it ({_name(fault)}{_message(fault)}).",
        hint="Look at the machine's recent tasks in vCenter.",
    )


def _name(fault: Any) -> str:
    return type(fault).__name__.rsplit(".", 1)[-1]


def _message(fault: Any) -> str:
    words = " ".join(str(getattr(fault, "msg", "") or "").split())[:_WORDS]
    return f": {words}" if words and _name(fault) not in words else ""


def _ended(_fault: Any, what: str) -> VCenterError:
    return SessionEndedError(f"{what}: vCenter has ended the session, and did nothing.", hint="Ask again.")


def _privilege(fault: Any, what: str) -> VCenterError:
    missing = str(getattr(fault, "privilegeId", "") or "") or _listed_privileges(fault) or "it is not told which"
    return PrivilegeError(
        f"{what}: the vCenter user lacks a privilege: {missing}.",
        privilege=missing,
        hint="docs/vcenter.md lists the role that netcheck's user needs, and where.",
    )


def _listed_privileges(fault: Any) -> str:
    entities = getattr(fault, "missingPrivileges", None) or []
    return ", ".join(privilege for entity in entities for privilege in entity.privilegeIds or [])


def _login(_fault: Any, what: str) -> VCenterError:
    return LoginError(
        f"{what}: vCenter knows neither this user nor this password, or has locked the account.",
        hint="Set NETCHECK_VCENTER_USER (with its domain, as in `netcheck@vsphere.local`) and its password.",
    )


def _changed(_fault: Any, what: str) -> VCenterError:
    return ChangedError(
        f"{what}: somebody changed the machine after it was read, so nothing was done.",
        hint="Look at it again before you approve again.",
    )


def _busy(_fault: Any, what: str) -> VCenterError:
    return BusyError(
        f"{what}: another task is under way on the machine, so nothing was done.",
        hint="Wait until vCenter shows no task on it.",
    )


def _tools(_fault: Any, what: str) -> VCenterError:
    return ToolsError(
        f"{what}: no guest tools run in the machine, so it cannot be asked to shut down.",
        hint="Shut it down from inside, or approve to switch its power off.",
    )


def _backing(fault: Any, what: str) -> VCenterError:
    return DeviceError(
        f"{what}: vCenter cannot connect the adapter to its network ({_name(fault)}{_message(fault)}).",
        hint="See that the network or port group still exists on the machine's host, and has a port left.",
    )


def _device(fault: Any, what: str) -> VCenterError:
    where = str(getattr(fault, "property", "") or "")
    named = f" at {where}" if where else ""
    return DeviceError(
        f"{what}: vCenter does not accept the adapter{named} ({_name(fault)}{_message(fault)}).",
        hint="The guest operating system that is set for the machine, or its hardware version, does not allow it.",
    )


def _state(fault: Any, what: str) -> VCenterError:
    existing = getattr(fault, "existingState", None)
    now = f"its power state is {existing}" if existing else f"{_name(fault)}{_message(fault)}"
    return StateError(f"{what}: the machine is not in the state for it: {now}.", hint="Look at it again.")


def _disabled(_fault: Any, what: str) -> VCenterError:
    return StateError(
        f"{what}: vCenter has this operation switched off for the machine.",
        hint="A backup or another product holds it: wait until it is done, or ask its owner.",
    )


def _gone(_fault: Any, what: str) -> VCenterError:
    return ChangedError(
        f"{what}: what it is about is no longer in vCenter.", hint="Look again which virtual machine is this node's."
    )


_MEANINGS: tuple[tuple[Any, Callable[[Any, str], VCenterError]], ...] = (
    # Some are of a kind that comes later, as NotAuthenticated is a NoPermission: the more special one first.
    (vim.fault.NotAuthenticated, _ended),
    (vim.fault.NoPermission, _privilege),
    (vim.fault.InvalidLogin, _login),
    (vim.fault.ConcurrentAccess, _changed),
    (vim.fault.TaskInProgress, _busy),
    (vim.fault.ToolsUnavailable, _tools),
    (vim.fault.InvalidDeviceBacking, _backing),
    (vim.fault.InvalidDeviceSpec, _device),
    (vim.fault.InvalidVmConfig, _device),
    (vim.fault.MethodDisabled, _disabled),
    (vim.fault.InvalidState, _state),
    (vmodl.fault.ManagedObjectNotFound, _gone),
)
