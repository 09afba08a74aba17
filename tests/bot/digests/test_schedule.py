"""When a digest is due: cron in a zone, weekdays by name, and one digest a day however clocks are set."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.digests.schedule import PRESETS, Schedule, schedule
from bot.errors import UsageError


def at(text: str, zone: str = "UTC") -> float:
    """A local time in Unix seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def local(moments: list[float], zone: str) -> list[str]:
    """Unix seconds as local times."""
    return [datetime.fromtimestamp(moment, ZoneInfo(zone)).strftime("%a %m-%d %H:%M") for moment in moments]


@pytest.mark.parametrize(
    ("words", "cron"),
    [
        ("daily", "0 9 * * *"),
        ("Weekdays", "0 9 * * mon-fri"),
        ("0 9 * * 1-5", "0 9 * * mon,tue,wed,thu,fri"),
        ("0 9 * * 0", "0 9 * * sun"),
        ("0 9 * * 7", "0 9 * * sun"),
        ("0 9 * * 5-7", "0 9 * * fri,sat,sun"),
        ("0 9 * * 1-5/2", "0 9 * * mon,wed,fri"),
        ("*/15 8-18 * * mon,3", "*/15 8-18 * * mon,wed"),
        ("  0   9 * *   MON ", "0 9 * * mon"),
    ],
)
def test_what_people_write(words: str, cron: str) -> None:
    """Presets, names, and cron's own numbers, in which Sunday is 0 and 7."""
    assert cron == schedule(words).cron


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "it takes five fields"),
        ("0 9 * *", "it takes five fields"),
        ("0 9 * * * *", "it takes five fields"),
        ("61 9 * * *", "61"),
        ("0 9 * * 9", "9"),
        ("0 9 * * fry", "fry"),
        ("0 9 31 2 *", "it never fires"),
        ("0 9 * * 5-1", "upwards"),
        ("0 9 * * 1-5/0", "upwards"),
        ("x" * 500, "it takes five fields"),
        ("0 9 * * $(reboot)", "no schedule"),
    ],
)
def test_what_is_no_schedule(words: str, said: str) -> None:
    """It is said why, and what one looks like."""
    with pytest.raises(UsageError) as caught:
        schedule(words)
    assert (True, True) == (said in str(caught.value), "for example:" in caught.value.hint)


@pytest.mark.parametrize(
    ("zone", "hint"),
    [("Europe/Berlim", "Did you mean Europe/Berlin?"), ("../../etc/passwd", "Europe/Berlin"), ("", "UTC")],
)
def test_what_is_no_zone(zone: str, hint: str) -> None:
    """The nearest right name is told."""
    with pytest.raises(UsageError, match="There is no time zone") as caught:
        schedule("daily", zone)
    assert hint in caught.value.hint


@pytest.mark.parametrize("words", PRESETS)
def test_every_preset_fires(words: str) -> None:
    """And more than once."""
    assert 5 == len(schedule(words).next(at("2026-11-25 00:00"), 5))


@pytest.mark.parametrize(
    ("zone", "cron", "start", "expected"),
    [
        # Clocks set forward: 02:30 does not exist, so the digest of that day comes when its moment is reached.
        ("Europe/Berlin", "30 2 * * *", "2026-03-28 12:00", ["Sun 03-29 03:30", "Mon 03-30 02:30"]),
        ("America/New_York", "30 2 * * *", "2026-03-07 12:00", ["Sun 03-08 03:30", "Mon 03-09 02:30"]),
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-03 12:00", ["Sun 10-04 02:45", "Mon 10-05 02:15"]),
        # Clocks set back: 02:30 comes twice, and the digest once.
        ("Europe/Berlin", "30 2 * * *", "2026-10-24 12:00", ["Sun 10-25 02:30", "Mon 10-26 02:30"]),
        ("America/New_York", "30 1 * * *", "2026-10-31 12:00", ["Sun 11-01 01:30", "Mon 11-02 01:30"]),
        ("Australia/Lord_Howe", "45 1 * * *", "2026-04-04 12:00", ["Sun 04-05 01:45", "Mon 04-06 01:45"]),
        # Every hour is every hour, also the one that comes twice.
        ("Europe/Berlin", "0 * * * *", "2026-10-25 01:30", ["Sun 10-25 02:00", "Sun 10-25 02:00", "Sun 10-25 03:00"]),
    ],
)
def test_days_on_which_clocks_are_set(zone: str, cron: str, start: str, expected: list[str]) -> None:
    """A daily digest comes once on each local date."""
    found = Schedule(cron, zone).next(at(start, zone), len(expected))
    assert (expected, sorted(set(found))) == (local(found, zone), found)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"])
def test_a_year_of_days_has_each_date_once(zone: str) -> None:
    """Whatever clocks do in it."""
    daily = Schedule("30 2 * * *", zone)
    keys = [daily.key(moment) for moment in daily.next(at("2026-01-01 00:00", zone), 365)]
    first = datetime(2026, 1, 1, tzinfo=UTC)
    assert [(first + timedelta(days=day)).strftime("%Y%m%d") for day in range(365)] == keys


@pytest.mark.parametrize(
    ("cron", "now", "after", "expected"),
    [
        ("0 9 * * *", "2026-11-25 08:59", "2026-11-24 09:00", None),
        ("0 9 * * *", "2026-11-25 09:00", "2026-11-24 09:00", "2026-11-25 09:00"),
        ("0 9 * * *", "2026-11-29 12:00", "2026-11-24 09:00", "2026-11-29 09:00"),
        ("* * * * *", "2026-11-29 12:00", "2026-01-01 00:00", "2026-11-29 12:00"),
        ("0 9 1 * *", "2026-11-29 12:00", "2026-09-01 09:00", "2026-11-01 09:00"),
        ("0 9 * * *", "2026-11-25 12:00", "2026-11-25 10:00", None),
    ],
)
def test_what_was_missed_is_the_last_one(cron: str, now: str, after: str, expected: str | None) -> None:
    """However long nobody was there, one firing is caught up."""
    assert (at(expected) if expected else None) == Schedule(cron).last(at(now), at(after))
