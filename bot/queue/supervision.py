"""The children of a consumer: started, watched, killed when they must be, and seen to their end."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bot.processes import ERROR_BYTES, fork
from bot.queue.lease import Lane, Lease, Work
from bot.queue.lifecycle import End

RENEW_EVERY_S = 1.0
ASK_EVERY_S = 0.25
"""How often it is asked whether work is still wanted."""


@dataclass(slots=True)
class Child:
    """One forked process. Times are of `time.monotonic()`."""

    pid: int
    lane: Lane
    lease: Lease
    work: Work
    error_fd: int
    started: float = field(default_factory=time.monotonic)
    killed: bool = False
    killed_for: End | None = None
    """Why it was killed; None with `killed` set when its lease belongs to somebody else now."""
    next_renewal: float = field(default_factory=lambda: time.monotonic() + RENEW_EVERY_S)
    next_question: float = 0.0

    def kill(self, end: End | None) -> None:
        """End it at once, whatever it is doing."""
        self.killed, self.killed_for = True, end
        os.kill(self.pid, signal.SIGKILL)  # not yet reaped, so the pid is still the child's


@dataclass(frozen=True, slots=True)
class Ended:
    """A child that is no more."""

    child: Child
    exit_code: int
    error: str
    """Its exception in words; empty when it raised none."""


class Children:
    """All children of one consumer."""

    def __init__(self) -> None:
        self._children: dict[int, Child] = {}

    def __bool__(self) -> bool:
        return bool(self._children)

    def start(self, lane: Lane, lease: Lease, work: Work) -> None:
        """Fork a child for a piece of work."""
        pid, error_fd = fork(work.act)
        self._children[pid] = Child(pid, lane, lease, work, error_fd)

    def of(self, lane: Lane) -> int:
        """How many there are for a lane."""
        return sum(child.lane is lane for child in self._children.values())

    def entries(self) -> set[str]:
        """The entries that are being worked on."""
        return {child.lease.entry for child in self._children.values()}

    def ended(self) -> Iterator[Ended]:
        """Those that have ended since the last time."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is not None:
                yield Ended(child, os.waitstatus_to_exitcode(status), _error(child))

    def kill_overdue(self) -> None:
        """Deadlines hold while Redis is away too."""
        for child in self._running():
            if time.monotonic() >= child.started + child.work.deadline_s:
                child.kill(End.OVERDUE)

    def supervise(self, renew: Callable[[Lease], bool]) -> None:
        """Kill what is past its deadline, not wanted any more, or no longer ours; renew the other leases."""
        self.kill_overdue()
        for child in self._running():
            now = time.monotonic()
            if now >= child.next_question:
                child.next_question = now + ASK_EVERY_S
                if not child.work.still_wanted():
                    child.kill(End.UNWANTED)
                    continue
            if child.lane.shared and now >= child.next_renewal:
                child.next_renewal = now + RENEW_EVERY_S
                if not renew(child.lease):
                    child.kill(None)

    def wait(self, timeout_s: float) -> None:
        """Until one of them ends or says something, for so long at most."""
        select.select([child.error_fd for child in self._children.values()], [], [], timeout_s)

    def end_all(self) -> None:
        """Kill whatever still runs."""
        for child in self._children.values():
            child.kill(None)
            os.waitpid(child.pid, 0)

    def _running(self) -> list[Child]:
        return [child for child in self._children.values() if not child.killed]


def _error(child: Child) -> str:
    error = os.read(child.error_fd, ERROR_BYTES).decode(errors="replace")
    os.close(child.error_fd)
    return error
