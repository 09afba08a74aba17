"""The words of an incident."""

import enum

import msgspec

from bot.access.requester import Requester
from bot.messages.where import Where
from bot.runbooks.execution import Execution
from bot.store import records
from checks.text import Text

OPEN, CLOSED = "open", "closed"
TIMELINE_KEPT = 400
"""Entries of one incident: a rolling swap of twenty nodes has some two hundred."""

PAST_KEPT = 5
"""Plans of one incident that are kept with their steps; of older ones the timeline tells."""


class Sort(enum.StrEnum):
    """What a line of the timeline tells of."""

    OPENED = "opened"
    CHECK = "check"
    DECISION = "decision"
    APPROVAL = "approval"
    OVERRIDE = "override"
    ACTION = "action"
    ROLE = "role"
    REMINDER = "reminder"
    CLOSED = "closed"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of the timeline."""

    at: float
    """Unix time in seconds by Redis's clock."""
    sort: Sort
    what: Text
    by: Requester = Requester()
    """Nobody: netcheck itself."""
    details: tuple[Text, ...] = ()
    to: Requester = Requester()
    """Who is called by it; nobody where it is only told."""
    act: str = ""
    """Of what a person did, the same for every delivery of it: what Slack sends twice is done once."""


class Looking(msgspec.Struct, frozen=True, kw_only=True):
    """A diagnosis that somebody has asked for in an incident."""

    run: str
    by: Requester


class Incident(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An incident as it stands."""

    id: str
    cluster: str
    state: str = OPEN
    about: str
    """The cause's slug, or `unknown`: one open incident a cause."""
    title: Text
    severity: str = ""
    """Of the report that it was opened from."""
    opened_by: Requester
    opened_at: float
    where: Where | None = None
    room: str | None = None
    """The Slack channel of its own in which everything but its message stands; empty: its thread; None: not settled."""
    owner: Requester = Requester()
    approver: Requester = Requester()
    """Who is called where a second person's approval is awaited; whoever may approve still can.

    Nobody: the owner is.
    """
    run: str = ""
    """The latest diagnosis."""
    looking: Looking | None = None
    """The diagnosis that is on its way."""
    latest: Text | None = None
    """What the latest diagnosis said, where there was one since it was opened."""
    execution: Execution | None = None
    """The plan that is on its way, or the last one."""
    past: tuple[Execution, ...] = ()
    """The plans before it, the oldest first."""
    timeline: tuple[Entry, ...] = ()
    """The newest `TIMELINE_KEPT` entries, oldest first."""
    left_out: int = 0
    """How many older entries there were: an entry's number never changes."""
    moved_at: float = 0.0
    """When something was last done; reminders count from then."""
    reminded: int = 0
    """How often nobody moved since then and was told."""

    @property
    def open(self) -> bool:
        """Whether it goes on."""
        return self.state == OPEN

    @property
    def numbered(self) -> tuple[tuple[int, Entry], ...]:
        """The entries that are kept, each with its number; the first of all has the number 0."""
        return tuple(enumerate(self.timeline, self.left_out))


INCIDENT = records.Kind("incident", Incident, 1, lambda incident: incident.state)
