"""The one way to wait in tests: until a condition holds, never for a time."""

import threading
from collections.abc import Callable
from time import monotonic, sleep
from typing import Protocol, TypeVar

TIMEOUT_S = 20.0
"""Only a failing test waits so long; a loaded machine may need a good part of it."""
TICK_S = 0.01

Result = TypeVar("Result")


class Wakes(Protocol):
    """Says when it is worth to look again."""

    @property
    def count(self) -> int:
        """Rises with every change."""

    def wait(self, seen: int, timeout_s: float) -> None:
        """Return once the count is above `seen`, or after the time."""


class Changes:
    """Changes that somebody tells, from any thread; none is missed between looking and waiting."""

    def __init__(self) -> None:
        self.count = 0
        self._condition = threading.Condition()

    def tell(self) -> None:
        """Wake whoever waits."""
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout_s: float) -> None:
        """Return once the count is above `seen`, or after the time."""
        with self._condition:
            self._condition.wait_for(lambda: self.count > seen, timeout_s)


class Ticks:
    """For what tells nobody when it changes: Redis, processes, sockets."""

    count = 0

    def wait(self, seen: int, timeout_s: float) -> None:  # noqa: ARG002 - shape of Wakes
        """Return a little later."""
        sleep(min(TICK_S, timeout_s))


def until(condition: Callable[[], Result], timeout_s: float = TIMEOUT_S, wakes: Wakes | None = None) -> Result:
    """What `condition` gives, once that is true; it is asked again at each change.

    Raises:
        TimeoutError: it was not true in time.
    """
    wakes, end = wakes or Ticks(), monotonic() + timeout_s
    while True:
        seen = wakes.count
        if result := condition():
            return result
        left = end - monotonic()
        if left <= 0:
            raise TimeoutError(f"nothing came within {timeout_s:g} s")
        wakes.wait(seen, left)
