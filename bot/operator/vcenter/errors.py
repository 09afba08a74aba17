"""What can go wrong with vCenter, as a tree below `NetcheckError`.

    VCenterError
    ├── UnreachableError     it does not answer in time, or is not who it should be (TLS)
    ├── LoginError           it knows neither the user nor the password
    ├── SessionEndedError    it forgot the login; what was asked for was not done
    ├── PrivilegeError       the user may not; `privilege` is the id of what is missing
    ├── IdentityError        no virtual machine, or more than one, is this node's
    ├── ChangedError         somebody changed the machine meanwhile: look again and show again
    ├── BusyError            another task is under way on the machine: wait
    ├── StateError           the machine is not in the state that this takes
    ├── ToolsError           no guest tools run, so the guest cannot be asked to shut down
    ├── GuestStaysOnError    the guest was asked and did not shut down in time
    ├── DeviceError          vCenter does not accept the adapter
    ├── ResultError          it was done, but what is there now is not what was asked for
    └── OutcomeUnknownError  it may have been done: look before anything else

Only BusyError and SessionEndedError say for certain that nothing was done *and* that trying again may help.
"""

from bot.errors import NetcheckError
from checks.text import Text


class VCenterError(NetcheckError):
    """Something went wrong with vCenter."""


class UnreachableError(VCenterError):
    """It does not answer, or is not the one that was asked for."""


class LoginError(VCenterError):
    """It does not know the user or the password."""


class SessionEndedError(VCenterError):
    """It forgot the login; the call that found out did nothing."""


class PrivilegeError(VCenterError):
    """The user lacks a privilege."""

    def __init__(self, message: str, *, privilege: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.privilege = privilege


class IdentityError(VCenterError):
    """Which virtual machine or adapter is meant is not certain."""


class ChangedError(VCenterError):
    """The machine is no longer as it was shown."""


class BusyError(VCenterError):
    """Another task is under way on the machine."""


class StateError(VCenterError):
    """The machine is not in the state that this takes."""


class ToolsError(VCenterError):
    """The guest cannot be asked to shut down."""


class GuestStaysOnError(VCenterError):
    """The guest did not shut down in time."""


class DeviceError(VCenterError):
    """VCenter does not accept the adapter."""


class ResultError(VCenterError):
    """What is there now differs from what was asked for."""

    def __init__(self, message: str, *, differences: tuple[Text, ...], hint: str) -> None:
        super().__init__(message, hint=hint)
        self.differences = differences
        """One sentence for each."""


class OutcomeUnknownError(VCenterError):
    """The call was sent, and whether it was done is not known."""
