"""What happens to entries, for whoever wants to know: a log, metrics."""

import enum
import logging
from typing import Protocol

log = logging.getLogger(__name__)


class End(enum.Enum):
    """How work ends without a result."""

    OVERDUE = "overdue"
    """Not finished at its deadline, and killed."""
    BROKEN = "broken"
    """It failed, or its process died, as often as it may be tried."""
    UNWANTED = "unwanted"
    """Nobody waits for it any more, so it was killed."""


class Listener(Protocol):
    """Is told what happens to entries; `stream` and `entry` name one. Called in the consumer's loop, so it is quick."""

    def started(self, stream: str, entry: str, deliveries: int) -> None:
        """Its work runs."""

    def ended(self, stream: str, entry: str, elapsed_s: float) -> None:
        """Its work is done."""

    def failed(self, stream: str, entry: str, reason: str) -> None:
        """Its work failed and is tried again."""

    def gave_up(self, stream: str, entry: str, end: End, reason: str) -> None:
        """It is not tried again; if it was broken, it is among the dead letters now."""

    def refused(self, stream: str, entry: str, reason: str) -> None:
        """It must not be trusted, was never begun, and is among the dead letters now."""


class Log:
    """Writes to the log what somebody may have to look into."""

    def started(self, stream: str, entry: str, deliveries: int) -> None:
        """See `Listener`."""
        log.debug("%s %s started for the %d. time", stream, entry, deliveries)

    def ended(self, stream: str, entry: str, elapsed_s: float) -> None:
        """See `Listener`."""
        log.debug("%s %s took %.3f s", stream, entry, elapsed_s)

    def failed(self, stream: str, entry: str, reason: str) -> None:
        """See `Listener`."""
        log.warning("%s %s failed and is tried again: %s", stream, entry, reason)

    def gave_up(self, stream: str, entry: str, end: End, reason: str) -> None:
        """See `Listener`."""
        log.log(logging.INFO if end is End.UNWANTED else logging.WARNING, "gave %s %s up: %s", stream, entry, reason)

    def refused(self, stream: str, entry: str, reason: str) -> None:
        """See `Listener`."""
        log.warning("refused %s %s: %s", stream, entry, reason)
