"""A moment as people write it, and as they read it where nothing knows their time zone."""

import re
from datetime import UTC, datetime

from bot.errors import UsageError
from bot.names import short

_UNITS_S = {"m": 60, "h": 3600, "d": 86400}
_AGO = re.compile(r"(\d{1,6})([mhd])")


def since(text: str, now: float, example: str) -> float:
    """A moment as Unix time in seconds; without a time zone it is UTC.

    Args:
        text: As it was typed.
        now: Unix time in seconds.
        example: A command in which one is written right.

    Raises:
        UsageError: it is none.
    """
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * _UNITS_S[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{short(text)!r} is no moment.",
            hint="Write how long ago it is (30m, 12h, 7d) or when it was (2026-11-29, 2026-11-29T10:00), for example:",
            command=example,
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def iso(at: float) -> str:
    """A Unix time in seconds for programs."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
