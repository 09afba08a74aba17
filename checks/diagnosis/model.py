"""A diagnosis, as it is stored and shown."""

import msgspec


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One hypothesis as the diagnosis weighed it."""

    slug: str
    title: str
    probability: float
    """0 to 1, over all causes together."""
    where: tuple[str, ...] = ()
    pro: tuple[str, ...] = msgspec.field(default=(), name="for")
    """Summaries of the findings that speak for it, strongest first."""
    contra: tuple[str, ...] = msgspec.field(default=(), name="against")
    missing: tuple[str, ...] = msgspec.field(default=(), name="unknown")
    """What would bear on it but could not be seen."""
    fix: str = ""
    """The least disruptive first thing to do."""
    rollback: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the founding write-up's chain, answered."""

    claim: str
    answer: str
    """`holds`, `does not hold` or `not measured`."""
    measured: tuple[str, ...] = ()


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """Causes ranked, with what speaks for and against each, and what would decide."""

    verdict: str
    """The slug of the first cause; `unknown` when nothing fits or too little was seen; `healthy`."""
    summary: str
    """One or two sentences for a person on a phone."""
    also: tuple[str, ...] = ()
    """Slugs of further causes that hold at the same time."""
    causes: tuple[Cause, ...] = ()
    chain: tuple[Link, ...] = ()
    """Adapter -> IPv6 -> CoreDNS -> webhook, link by link."""
    decide: str = ""
    """The probe that would tell the first two candidates apart, when they are close."""
