"""The words of digests."""

import enum

import msgspec

from bot.access.requester import Requester
from bot.digests.schedule import Schedule
from bot.digests.week import Week
from bot.messages.where import Where
from bot.pictures.model import Lines
from bot.store import records
from checks.changes import Change
from checks.finding import Finding, Severity
from checks.report import Report
from checks.text import Quantity, Text


class Trend(msgspec.Struct, frozen=True, kw_only=True):
    """One signal over the last days."""

    what: Text
    line: str
    """A sparkline, the newest on the right; blanks where nothing was measured."""
    last: Quantity
    worst: Quantity


class When(enum.StrEnum):
    """Which digests are posted."""

    ALWAYS = "always"
    CHANGE = "change"
    """Where something changed since the one before."""
    UNWELL = "unwell"
    """Where the cluster is not healthy."""


class Alarm(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding that was called out between two digests."""

    digest: str
    """The one that called it out last: whoever composes that once more calls the same out."""
    at: float
    """Unix time in seconds."""
    times: int = 1
    """How often it came back since it was first called out; see `bot.digests.watch`."""
    cleared_at: float = 0.0
    """When it was seen to be well; 0: it is not."""


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one channel hears of one cluster, and when."""

    id: str
    cluster: str
    where: Where
    schedule: Schedule
    checks: tuple[str, ...] = ()
    """Empty: a whole diagnosis."""
    when: When = When.ALWAYS
    mention: tuple[str, ...] = ()
    """Whom an escalation calls, as Slack writes them: ids of users or groups."""
    owner: Requester
    created_at: float
    watch_s: int = 600
    """Seconds between two looks in between, for what fails anew; 0: nobody looks."""
    alarms: dict[str, Alarm] = {}
    """What was called out, by the finding's code."""
    paused: str = ""
    """Why nothing is posted; empty: it is."""
    resumed_at: float = 0.0
    """When it was last resumed: what was due while it was paused is not made up for. Unix time in seconds."""
    muted_until: float = 0.0
    """Unix time in seconds."""
    last: str = ""
    """The last digest whose run came to an end."""


class State(enum.StrEnum):
    """Where a digest is."""

    ASKED = "asked"
    """Its run is on its way."""
    POSTED = "posted"
    """It says what was found."""
    SILENT = "silent"
    """It has nothing to say that its definition wants to hear."""


class Digest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One firing and what came of it."""

    id: str
    definition: str
    cluster: str
    where: Where
    fired_at: float
    """The scheduled time."""
    late_s: float = 0.0
    """How much later it was made: after an outage."""
    checks: tuple[str, ...] = ()
    when: When = When.ALWAYS
    watch: bool = False
    """Whether it is a look in between: it speaks up in the thread of the digest before it, or not at all."""
    mention: tuple[str, ...] = ()
    flapping: tuple[str, ...] = ()
    """Codes among the changes that come and go."""
    by: Requester
    state: State = State.ASKED
    heading: Text | None = None
    severity: Severity = Severity.UNKNOWN
    changes: tuple[Change, ...] = ()
    since: float = 0.0
    """When the digest was made that the changes are counted from; 0: there was none."""
    past: Text | None = None
    """Since when the cause that is named is there, where history knows."""
    next_step: Text | None = None
    silent: tuple[str, ...] = ()
    """Nodes that were not heard of."""
    incidents: tuple[str, ...] = ()
    """Open ones."""
    trends: tuple[Trend, ...] = ()
    drawn: Finding | None = None
    """The finding whose pairs tell most, where something fails in them: it is drawn in the thread."""
    week: Week | None = None
    """What became of the time since the one before, of a digest that comes once a week or less often."""
    course: Lines | None = None
    """How DNS went, where that is told: it is drawn in the thread."""
    found: Report | None = None
    """The findings in brief, for the digest after it."""
    failed: str = ""
    """Why its run came to nothing."""

    @property
    def run(self) -> str:
        """The id of its run."""
        return f"{self.id}-run"


DIGEST = records.Kind("digest", Digest, 1, lambda digest: digest.state)
