"""One stream entry that a consumer holds, and the work behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from bot.queue.lifecycle import End

GROUP = "netcheck"


@dataclass(frozen=True, slots=True)
class Lease:
    """One stream entry that this consumer holds."""

    stream: str
    entry: str
    fields: dict[bytes, bytes]
    deliveries: int


@dataclass(frozen=True, slots=True)
class Work:
    """What to do in a child, and for how long at most."""

    act: Callable[[], None]
    """Does the work, stores what comes of it and takes the entry off the stream."""
    deadline_s: float
    still_wanted: Callable[[], bool]
    """Asked a few times a second, in the parent: when nobody wants the work any more, the child is killed."""


class Handler(Protocol):
    """What a lane does with its entries. All of it is called in the parent, except `Work.act`."""

    def prepare(self, lease: Lease) -> Work | None:
        """The work behind an entry; None when the handler has dealt with it already (too late, cancelled).

        Raises:
            BadEnvelope: it must not be trusted; the entry goes to the dead letters.
        """

    def gave_up(self, lease: Lease, end: End, reason: str) -> None:
        """The work ended without a result and is not tried again."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One stream, how many of its entries may be worked on at once, and by what."""

    stream: str
    slots: int
    handler: Handler
    shared: bool
    """Whether other consumers read it too, whose leases may have to be taken over."""


def finish(client: Any, lease: Lease) -> None:
    """Take an entry off its stream: it is dealt with."""
    with client.pipeline(transaction=True) as pipe:
        pipe.xack(lease.stream, GROUP, lease.entry)
        pipe.xdel(lease.stream, lease.entry)
        pipe.execute()
