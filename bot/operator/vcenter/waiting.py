"""Wait for vCenter: until something holds, and until nothing is in the way."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from bot.operator.vcenter.errors import BusyError, SessionEndedError

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0

Result = TypeVar("Result")
log = logging.getLogger(__name__)


def wait(condition: Callable[[], bool], deadline: float) -> bool:
    """Whether a condition holds by the deadline (`time.monotonic`). It is asked often at first, then less often."""
    pause = _FIRST_PAUSE_S
    while not condition():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE_S)
    return True


def persist(act: Callable[[], Result], deadline: float) -> Result:
    """Do it again for as long as another task is in the way, or when the session ended before it.

    Args:
        act: Reads what is true and then changes at most one thing, so it never repeats what was done.
        deadline: By `time.monotonic`.
    """
    pause = _FIRST_PAUSE_S
    while True:
        try:
            return act()
        except (BusyError, SessionEndedError) as error:
            if time.monotonic() + pause > deadline:
                raise
            log.info("trying again: %s", error)
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)
