"""When a digest is due: cron in a time zone, and what makes two firings the same one. Pure.

Fields are cron's own: minute, hour, day, month, weekday. Weekdays are names, or cron's numbers (0 and 7 are Sunday);
APScheduler counts from Monday, so numbers never reach it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec
from apscheduler.triggers.cron import CronTrigger

from bot.errors import UsageError
from bot.names import nearest, short

PRESETS = {
    "hourly": "0 * * * *",
    "daily": "0 9 * * *",
    "weekdays": "0 9 * * mon-fri",
    "weekly": "0 9 * * mon",
}
"""By the word that people may write instead."""
SHOWN = 5
"""Firings that are shown before a digest is made."""
_FIELDS = ("minute", "hour", "day", "month", "weekday")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NUMBERS = re.compile(r"([0-7])(?:-([0-7]))?(?:/(\d+))?")
_WINDOWS = tuple(timedelta(days=days) for days in (1 / 24, 1, 8, 32, 367))
"""How far back the last firing is looked for: what fires every minute is found in the first one."""
_LONG = 200


class Schedule(msgspec.Struct, frozen=True):
    """A schedule that was understood."""

    cron: str
    """Five fields, weekdays as names."""
    zone: str = "UTC"

    @property
    def daily(self) -> bool:
        """Whether it fires once on a day at most: then the local date tells one firing from another.

        On the day on which clocks are set back 02:30 comes twice, and is still one digest.
        """
        minute, hour = self.cron.split()[:2]
        return minute.isdecimal() and hour.isdecimal()

    def next(self, after: float, count: int = 1) -> list[float]:
        """The next firings after a Unix time in seconds; fewer where there are no more."""
        found: list[float] = []
        keys = {self.key(after)} if self.daily and self._fires(after) else set[str]()
        moment = after
        while len(found) < count:
            upcoming = self._next(moment)
            if upcoming is None:
                break
            if self.key(upcoming) not in keys:
                found.append(upcoming)
                keys.add(self.key(upcoming))
            moment = upcoming
        return found

    def last(self, now: float, after: float) -> float | None:
        """The last firing that is due at a time and came after another one; None when there is none."""
        for window in _WINDOWS:
            start = max(after, now - window.total_seconds())
            due = list(self._between(start, now))
            if due:
                return due[-1]
            if start == after:
                return None
        return None

    def period(self, after: float) -> float:
        """Seconds between the next two firings after a Unix time in seconds; 0 where there are none."""
        upcoming = self.next(after, 2)
        return upcoming[-1] - upcoming[0] if upcoming else 0.0

    def key(self, fired_at: float) -> str:
        """What tells a firing from every other one of the same digest."""
        local = datetime.fromtimestamp(fired_at, ZoneInfo(self.zone))
        return local.strftime("%Y%m%d") if self.daily else str(int(fired_at))

    def trigger(self) -> CronTrigger:
        """The same for APScheduler."""
        return CronTrigger.from_crontab(self.cron, timezone=ZoneInfo(self.zone))

    def _fires(self, at: float) -> bool:
        return self._next(at - 1) == at

    def _between(self, start: float, end: float) -> Iterator[float]:
        moment = start
        while (upcoming := self._next(moment)) is not None and upcoming <= end:
            yield upcoming
            moment = upcoming

    def _next(self, after: float) -> float | None:
        # A microsecond later, or it is the same one again.
        then = datetime.fromtimestamp(after, UTC) + timedelta(microseconds=1)
        found: Any = self.trigger().get_next_fire_time(None, then)
        return None if found is None else float(found.timestamp())


def schedule(words: str, zone: str = "UTC") -> Schedule:
    """What somebody wrote.

    Raises:
        UsageError: it is no cron and no preset, it never fires, or there is no such time zone.
    """
    written = PRESETS.get(words.strip().lower(), words.strip().lower())
    understood = Schedule(_named(written), _zone(zone))
    try:
        upcoming = understood.next(datetime.now(tz=UTC).timestamp())
    except (ValueError, OverflowError) as error:
        raise _not_cron(words, str(error)) from None
    if not upcoming:
        raise _not_cron(words, "it never fires")
    return understood


def _named(written: str) -> str:
    fields = written.split()
    if len(fields) != len(_FIELDS) or len(written) > _LONG:
        raise _not_cron(written, f"it takes five fields: {', '.join(_FIELDS)}")
    return " ".join([*fields[:4], ",".join(map(_day, fields[4].split(",")))])


def _day(part: str) -> str:
    """A weekday or a range of them by names: with numbers cron means Sunday by 0, and a range may pass Sunday."""
    numbers = _NUMBERS.fullmatch(part)
    if numbers is None:
        return part
    first, last, step = int(numbers[1]), int(numbers[2] or numbers[1]), int(numbers[3] or 1)
    if last < first or not step:
        raise _not_cron(part, "a range of weekdays goes upwards")
    return ",".join(_DAYS[day % 7] for day in range(first, last + 1, step))


def _zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest(zone, sorted(available_timezones()))
        hint = f"Did you mean {near}?" if near else "It is written like Europe/Berlin or UTC."
        raise UsageError(f"There is no time zone {short(zone)!r}.", hint=hint) from None
    return zone


def _not_cron(words: str, why: str) -> UsageError:
    return UsageError(
        f"{short(words)!r} is no schedule: {why}.",
        hint=f"One of {', '.join(PRESETS)}, or cron in quotes, for example:",
        command='digest add "0 9 * * mon-fri" zone=Europe/Berlin',
    )
