"""vCenter, for the operator: one object that finds, describes and changes a node's virtual machine."""

from types import TracebackType
from typing import Self

from bot.operator.vcenter import describe, find, power, swap
from bot.operator.vcenter.account import Account
from bot.operator.vcenter.model import Adapter, Look, Machine, Nic, Swapped
from bot.operator.vcenter.session import CALL_TIMEOUT_S, Session
from bot.runbooks.identity import Sought

TASK_TIMEOUT_S = 120.0
"""For one task of vCenter's, and for waiting while another is in its way."""


class VCenter:
    """One login to a vCenter. It is of one thread; `with` logs out at the end.

    Each of its methods may raise any `VCenterError`. Of those that change something, one that raises
    `OutcomeUnknownError` may have done it: `look` tells what is true.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def connect(cls, account: Account, *, timeout_s: float = CALL_TIMEOUT_S) -> Self:
        """Log in. Certificates are always verified.

        Args:
            account: Which vCenter, and as whom.
            timeout_s: How long the server may be silent within one call.

        Raises:
            ConfigError: the file with the authorities cannot be read.
            LoginError: vCenter does not know the user or the password.
            UnreachableError: it does not answer in time, or its certificate does not fit.
        """
        return cls(Session(account, timeout_s))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Log out."""
        self._session.close()

    def find(self, sought: Sought) -> str:
        """The id of a node's virtual machine, or IdentityError."""
        return find.find(self._session, sought)

    def describe(self, machine: str) -> Machine:
        """A virtual machine as it is now."""
        return describe.describe(self._session, machine)

    def look(self, machine: str, mac: str) -> Look:
        """What is true now of the adapter with this MAC: the first thing to ask after a crash."""
        return describe.look(self._session, machine, mac)

    def shutdown_guest(self, machine: str) -> bool:
        """Ask the guest to shut down; whether it was asked. ToolsError when it cannot be."""
        return power.shutdown_guest(self._session, machine)

    def wait_powered_off(self, machine: str, timeout_s: float) -> None:
        """Wait until the machine is off, or raise GuestStaysOnError."""
        power.wait_powered_off(self._session, machine, timeout_s)

    def power_off(self, machine: str, *, timeout_s: float = TASK_TIMEOUT_S) -> bool:
        """Switch the power off without asking the guest; whether it was on."""
        return power.power_off(self._session, machine, timeout_s)

    def power_on(self, machine: str, *, timeout_s: float = TASK_TIMEOUT_S) -> bool:
        """Switch the power on; whether it was off."""
        return power.power_on(self._session, machine, timeout_s)

    def swap(
        self, machine: str, mac: str, to: Adapter, *, expected: Nic | None = None, timeout_s: float = TASK_TIMEOUT_S
    ) -> Swapped:
        """Exchange the adapter that has this MAC, and check the result; see `swap.swap`."""
        return swap.swap(self._session, machine, mac, to, expected=expected, timeout_s=timeout_s)
