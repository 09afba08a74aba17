"""Since when something is as it is, as far as anybody has looked.

It is part of a report, so that whoever shows one asks nobody.
"""

import msgspec


class Bygone(msgspec.Struct, frozen=True, omit_defaults=True):
    """A time that is over in which it was not well."""

    began: float
    """Unix time in seconds of the first look that saw it."""
    ended: float
    """Of the first look that saw it well again."""
    fixed_by: str = ""
    """The runbook that was finished in between; empty where nobody knows of one."""


class Past(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was seen before of something that is not well now."""

    since: float
    """Unix time in seconds of the first look that saw it, this time."""
    before: Bygone | None = None
    """The last time before this one."""
    times: int = 1
    """How often it began, this time counted, as far as it is kept."""
    earliest: float = 0.0
    """When the first of these times began; Unix time in seconds."""
