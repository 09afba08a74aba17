"""Who waits is reminded."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from bot.incidents import reminders
from bot.incidents.model import Sort
from bot.runbooks.machine import State
from tests.handlers.clusters import Answering
from tests.handlers.conftest import Bot
from tests.handlers.incident.channel import ONE_STEP, count
from tests.handlers.incidents import at, opened, plan
from tests.playground import Playground
from tests.waiting import until


def test_who_waits_is_reminded_and_not_for_ever(
    slack: Playground, start: Callable[..., Bot], cluster: Answering, file: Path
) -> None:
    """Once after the time that is set, again after twice as long, four times at most, whatever number of bots."""
    settings = {"NETCHECK_ACCESS": str(file), "NETCHECK_REMIND_AFTER": "1"}
    start(**settings)
    start(**settings)
    slack.command("on-call", "incidents", ONE_STEP)
    until(lambda: count(cluster, Sort.REMINDER) == 2)
    times = [entry.at for entry in cluster.incident.timeline if entry.sort is Sort.REMINDER]

    assert times[1] - times[0] > 1.8
    slack.wait_for(lambda: len(reminded(slack)) >= 2, 20)
    assert reminded(slack)[0].startswith("<@U0ONCALL> Nothing has moved for 1 s. Waiting for somebody to do it")
    assert count(cluster, Sort.REMINDER) <= reminders.MOST


def reminded(slack: Playground) -> list[str]:
    """The reminders that were posted."""
    return [m["text"] for m in slack.messages("incidents") if "Nothing has moved" in m["text"]]


def test_the_next_reminder_is_due_after_twice_as_long() -> None:
    """Counted from when something last moved; never for what waits for nobody."""
    waiting = msgspec.structs.replace(at(State.OFFERED, plan("redeploy-metallb")), moved_at=1000.0)
    busy = at(State.VERIFYING, plan("redeploy-metallb"))
    closed = msgspec.structs.replace(waiting, state="closed")

    after = [reminders.next_at(msgspec.structs.replace(waiting, reminded=n), 900.0) for n in range(5)]
    assert [1900.0, 3700.0, 7300.0, 14500.0, None] == after
    assert [None] * 3 == [reminders.next_at(each, 900.0) for each in (busy, closed, opened())]
    assert 1 == reminders.reminded(waiting, 2000.0).reminded
    assert 1000.0 == reminders.reminded(waiting, 2000.0).moved_at
