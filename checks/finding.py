"""What a check found out about the cluster, as data.

A finding is also the unit of evidence for `checks.diagnosis`: by code, by place and by outcome. That is why a judge
reports what is well as explicitly as what is not: without the first there is no evidence against a cause, and "nothing
was seen" could pass for "all is well".
"""

import enum
from collections.abc import Iterable

import msgspec

from checks.backing import Backing
from checks.pairs import Pairs
from checks.place import Place
from checks.text import Text


class Severity(enum.StrEnum):
    """How bad a finding is, mildest first."""

    OK = "ok"
    ADVICE = "advice"
    DEGRADED = "degraded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Could not look: a missing permission, an agent that does not answer, a check of ours that broke."""

    @property
    def well(self) -> bool:
        """Whether nothing is wrong."""
        return self in (Severity.OK, Severity.ADVICE)


WORST_LAST = (Severity.OK, Severity.ADVICE, Severity.UNKNOWN, Severity.DEGRADED, Severity.FAILED)
"""The order in which one severity stands for many: what was seen to fail outweighs what could not be seen."""


def worst(severities: Iterable[Severity]) -> Severity:
    """The one severity that stands for many; `UNKNOWN` for none, because nothing was looked at."""
    return max(severities, key=WORST_LAST.index, default=Severity.UNKNOWN)


UNSEEN = "unseen"
"""The outcome at a place that could not be looked at while others could; no code declares it."""


class Seen(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What was seen at one place.

    There are tens of thousands of them, and they have no cycles: the garbage collector would take longer than judging.
    """

    place: Place
    outcome: str
    """One of the code's declared words, or `UNSEEN`."""
    measures: dict[str, float] = {}
    """Numbers by the names that the code declares, in the units that it declares."""
    bad: bool = False
    """Whether a healthy cluster does not show this; `Code.found` sets it."""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One judgement about the cluster. Made by `checks.code.Code`, which holds it to what the code declares."""

    code: str
    """`check.what`; stable, declared once where it is judged."""
    severity: Severity
    text: Text
    """One sentence for a person."""
    outcome: str = ""
    """The one outcome that stands for all places; empty when it could not be looked at."""
    seen: tuple[Seen, ...] = ()
    """The outcome at every place that was looked at, the passing ones too; the worst first."""
    evidence: tuple[Text, ...] = ()
    """What was measured, one line each."""
    probe: str = ""
    """The letter in the probe matrix (A to I), for findings that are a row of it."""
    seen_in_all: int = 0
    """How many places were looked at, where `seen` was cut short for keeping."""
    backings: tuple[Backing, ...] = ()
    """What answers for the Services among its places, of a finding about Services."""
    pairs: Pairs | None = None
    """The places as a matrix has them, of the one finding of a report that is drawn, where `seen` was cut short."""

    @property
    def where(self) -> tuple[Place, ...]:
        """The places at which something is wrong, worst first."""
        return tuple(seen.place for seen in self.seen if seen.bad)
