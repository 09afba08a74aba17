"""A week of schedules by a clock that the test moves: clocks are set back, replicas come and go, somebody pauses."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
import time_machine

from bot.access.requester import Requester
from bot.digests.digests import Digests
from bot.digests.model import Definition
from bot.digests.schedule import Schedule
from bot.digests.scheduler import CAUGHT_UP_EVERY_S, GRACE_S, Scheduler
from bot.messages.where import Where
from bot.runs.runs import Runs

BEGIN = datetime(2026, 10, 21, tzinfo=UTC)
"""A Wednesday; on Sunday, 25 October, clocks in Europe are set back from 03:00 to 02:00."""
STEP = timedelta(minutes=30)
SEEN_AFTER = timedelta(seconds=7)
"""Nobody looks exactly on time."""
OUTAGE = (datetime(2026, 10, 23, 10, 5, tzinfo=UTC), datetime(2026, 10, 23, 15, 5, tzinfo=UTC))
"""No replica runs: of what was due meanwhile the last is made up for."""
ALONE = (datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))
"""One of three replicas runs, begun anew."""
PAUSED = (datetime(2026, 10, 26, 12, 5, tzinfo=UTC), datetime(2026, 10, 26, 18, 5, tzinfo=UTC))
"""Somebody pauses all, and resumes them: what was due meanwhile is not made up for."""


class Clock:
    """The time by Redis and by the process."""

    def __init__(self, client: Any, traveller: Any) -> None:
        self._traveller = traveller
        self.now = BEGIN
        client.time = lambda: (int(self.now.timestamp()), self.now.microsecond)

    def move_to(self, moment: datetime) -> None:
        """It is then."""
        self.now = moment
        self._traveller.move_to(moment, tick=False)


@pytest.fixture
def clock(redis_client: Any) -> Iterator[Clock]:
    """It stands at the beginning of the week."""
    with time_machine.travel(BEGIN, tick=False) as traveller:
        yield Clock(redis_client, traveller)


def definition(name: str, cron: str, zone: str) -> Definition:
    """A digest that was made when the week began."""
    return Definition(
        id=name,
        cluster="prod",
        where=Where("C1"),
        schedule=Schedule(cron, zone),
        owner=Requester("ada", "U1", "T1"),
        created_at=BEGIN.timestamp(),
        watch_s=0,
    )


DEFINITIONS = {
    "hourly": definition("hourly", "0 * * * *", "UTC"),
    "daily": definition("daily", "0 9 * * *", "Europe/Berlin"),
    "night": definition("night", "30 2 * * *", "Europe/Berlin"),
    "weekdays": definition("weekdays", "30 8 * * mon-fri", "America/New_York"),
    "weekly": definition("weekly", "0 9 * * mon", "Asia/Kathmandu"),
}


def local(name: str, *days: int, hour: int, minute: int = 0) -> list[datetime]:
    """Days of October at an hour of a digest's own zone, the first of two where there are two."""
    zone = ZoneInfo(DEFINITIONS[name].schedule.zone)
    return [datetime(2026, 10, day, hour, minute, tzinfo=zone, fold=0).astimezone(UTC) for day in days]


def hours() -> list[datetime]:
    """Every hour of the week but those of the outage and of the pause, and of the outage's the last."""
    every = [BEGIN + timedelta(hours=number) for number in range(1, 7 * 24)]
    during = [at for at in every if OUTAGE[0] < at < OUTAGE[1]]
    left_out = {*during[:-1], *(at for at in every if PAUSED[0] < at < PAUSED[1])}
    return [at for at in every if at not in left_out]


EXPECTED = {
    "hourly": hours(),
    "daily": local("daily", 21, 22, 23, 24, 25, 26, 27, hour=9),
    # 02:30 comes twice on the 25th, and is one digest.
    "night": local("night", 21, 22, 23, 24, 25, 26, 27, hour=2, minute=30),
    # The 23rd lies in the outage and is made up for; the 26th lies in the pause and is not.
    "weekdays": local("weekdays", 21, 22, 23, 27, hour=8, minute=30),
    "weekly": local("weekly", 26, hour=9),
}


def test_a_week_in_which_much_happens(redis_client: Any, clock: Clock) -> None:
    """Each firing is made once by however many replicas there are, and none is lost."""
    runs = Runs(redis_client, "prod")
    digests = Digests(runs)
    for each in DEFINITIONS.values():
        digests.definitions.add(each)
    replicas = [Scheduler(runs) for _ in range(3)]
    while clock.now < BEGIN + timedelta(days=7) - STEP:
        clock.move_to(clock.now + (STEP if clock.now > BEGIN else STEP + SEEN_AFTER))
        wanted = 0 if OUTAGE[0] < clock.now < OUTAGE[1] else 1 if ALONE[0] < clock.now < ALONE[1] else 3
        replicas = [*replicas[:wanted], *(Scheduler(runs) for _ in range(wanted - len(replicas)))]
        if clock.now - STEP < PAUSED[0] <= clock.now:
            _change(digests, paused="by hand")
        if clock.now - STEP < PAUSED[1] <= clock.now:
            _change(digests, paused="", resumed_at=clock.now.timestamp())
        for replica in replicas:
            replica.refresh()

    made = [digest for digest in digests.latest(1000) if digest.fired_at > BEGIN.timestamp()]
    found = {
        name: sorted(datetime.fromtimestamp(d.fired_at, UTC) for d in made if d.definition == name) for name in EXPECTED
    }
    assert EXPECTED == found


def _change(digests: Digests, **fields: Any) -> None:
    for name in DEFINITIONS:
        digests.definitions.change(name, lambda seen: msgspec.structs.replace(seen, **fields))


@pytest.mark.parametrize("asleep_s", [CAUGHT_UP_EVERY_S, GRACE_S + 60.0])
def test_a_machine_that_slept_fires_when_it_wakes(redis_client: Any, clock: Clock, asleep_s: float) -> None:
    """Also where it slept longer than a firing is its own: then it is made up for, once."""
    digests = Digests(Runs(redis_client, "prod"))
    digests.definitions.add(DEFINITIONS["hourly"])
    scheduler = Scheduler(digests._runs)
    clock.move_to(BEGIN + timedelta(minutes=59))
    scheduler.refresh()
    assert () == digests.latest()

    clock.move_to(BEGIN + timedelta(hours=1, seconds=asleep_s))
    for _ in range(3):
        scheduler.refresh()

    (digest,) = digests.latest()
    assert ((BEGIN + timedelta(hours=1)).timestamp(), asleep_s) == (digest.fired_at, digest.late_s)


def test_a_digest_that_is_removed_or_paused_fires_no_more(redis_client: Any, clock: Clock) -> None:
    """Whoever has it loaded drops it."""
    digests = Digests(Runs(redis_client, "prod"))
    for name in ("hourly", "daily"):
        digests.definitions.add(DEFINITIONS[name])
    clock.move_to(BEGIN + SEEN_AFTER)
    scheduler = Scheduler(digests._runs)
    scheduler.refresh()
    digests.definitions.remove("daily")
    digests.definitions.change("hourly", lambda seen: msgspec.structs.replace(seen, paused="by hand"))

    clock.move_to(BEGIN + timedelta(hours=12))
    scheduler.refresh()

    assert () == digests.latest()
