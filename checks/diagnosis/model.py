"""A diagnosis, as it is stored and shown: causes at places, and the findings that they refer to."""

import msgspec

from checks.place import Place
from checks.text import Text

HEALTHY, UNKNOWN = "healthy", "unknown"
"""The verdicts that name no cause."""


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding, or what it saw at some of its places."""

    code: str
    places: tuple[Place, ...] = ()
    """Empty: the finding as a whole."""


class Cause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One cause at its places, as the diagnosis weighed it."""

    slug: str
    title: Text
    probability: float
    """0 to 1: the cause's own, whatever else may hold at the same time."""
    at: tuple[Place, ...] = ()
    """Where it is, and so where the fix belongs."""
    among: bool = False
    """Whether it is at one or more of these places, and what was seen does not tell at which."""
    pro: tuple[Reference, ...] = msgspec.field(default=(), name="for")
    """The findings that speak for it, first what is wrong, then the circumstances, then what it spares."""
    contra: tuple[Reference, ...] = msgspec.field(default=(), name="against")
    missing: tuple[Reference, ...] = msgspec.field(default=(), name="unknown")
    """What would bear on it but could not be seen."""
    fix: Text | None = None
    """The least disruptive first thing to do."""
    rollback: Text | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One link of the founding write-up's chain, answered."""

    claim: Text
    answer: str
    """`holds`, `does not hold` or `not measured`."""
    measured: tuple[Reference, ...] = ()
    remark: Text | None = None
    """What is true whatever was measured."""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The set of causes that explains most, what speaks for and against each, and what would decide."""

    verdict: str
    """The slug of the first cause; `unknown` when nothing fits or too little was seen; `healthy`."""
    summary: Text
    """One or two sentences for a person on a phone."""
    also: tuple[str, ...] = ()
    """Slugs of further causes that hold at the same time."""
    causes: tuple[Cause, ...] = ()
    """The named causes first, then candidates."""
    unexplained: tuple[Reference, ...] = ()
    """What failed and no named cause explains."""
    chain: tuple[Link, ...] = ()
    """Adapter -> IPv6 -> CoreDNS -> webhook, link by link."""
    decide: Text | None = None
    """What would tell the first candidates apart, when they are close."""
