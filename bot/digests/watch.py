"""Looks between two digests: what fails anew is called out at once, once until it clears. Pure.

Who is called every time something comes and goes reads no message after the third. So what comes back within an hour is
called out as flapping once, and then not before it was well for an hour.
"""

from collections.abc import Mapping

import msgspec

from bot.digests.model import Alarm, Digest
from checks.changes import Change, Turn
from checks.finding import Finding, Severity
from checks.report import Report

STEADY_S = 3600.0
"""What was well for so long is over; when it comes back, it is new."""
FLAPPING = 3
"""From so many times on, what comes and goes is flapping."""


def called_out(
    digest: Digest, changed: tuple[Change, ...], report: Report, alarms: Mapping[str, Alarm], now: float
) -> tuple[tuple[Change, ...], tuple[str, ...], dict[str, Alarm]]:
    """What is called out, which of it is flapping, and what is remembered of it."""
    kept = _settled(report, alarms, now)
    told, flapping = [], []
    for change in changed:
        if change.now is not Severity.FAILED or change.turn not in (Turn.NEW, Turn.WORSE):
            continue
        former = kept.get(change.code)
        if former is not None and former.digest != digest.id and not former.cleared_at:
            continue  # it was called out, and has not cleared since
        again = former is not None and former.digest != digest.id
        times = former.times + again if former else 1
        kept[change.code] = Alarm(digest=digest.id, at=now, times=times)
        if times <= FLAPPING:
            told.append(change)
        if times == FLAPPING:
            flapping.append(change.code)
    return tuple(told), tuple(flapping), kept


def _settled(report: Report, alarms: Mapping[str, Alarm], now: float) -> dict[str, Alarm]:
    """What is remembered, with what has cleared marked so; what was well for long is forgotten."""
    seen = {finding.code: finding for finding in report.findings}
    kept = {}
    for code, alarm in alarms.items():
        after = _cleared(alarm, seen.get(code), now)
        if not after.cleared_at or now - after.cleared_at < STEADY_S:
            kept[code] = after
    return kept


def _cleared(alarm: Alarm, finding: Finding | None, now: float) -> Alarm:
    """What could not be looked at has not cleared."""
    if finding is None or not finding.severity.well or alarm.cleared_at:
        return alarm
    return msgspec.structs.replace(alarm, cleared_at=now)
