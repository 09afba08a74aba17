"""Turns at what Slack counts, in a real Redis."""

from typing import Any

import pytest

from bot.messages.pace import Calls, Pace
from tests.waiting import until

SLOW = Calls("slow", interval_s=60.0)
BURST = Calls("burst", interval_s=60.0, burst=3)


@pytest.fixture
def pace(redis_client: Any) -> Pace:
    """The turns of one workspace."""
    return Pace(redis_client)


def test_one_turn_at_a_time(pace: Pace) -> None:
    """The second caller hears when to ask again; another kind of call is not concerned."""
    assert (0.0, 0.0) == (pace.then(SLOW, "a"), pace.then(BURST, "a"))
    assert 59 < pace.then(SLOW, "b") <= 60


def test_a_burst_is_allowed_after_a_rest(pace: Pace) -> None:
    """So many at once, and then the long run."""
    assert [0.0] * 3 == [pace.then(BURST, "a") for _ in range(3)]
    assert 59 < pace.then(BURST, "a") <= 60


def test_turns_come_back(pace: Pace) -> None:
    """Who asks again after the time that was named gets the turn."""
    quick = Calls("quick", interval_s=0.05)
    pace.then(quick, "a")
    until(lambda: pace.then(quick, "b") == 0)


def test_first_come_first_served_and_before_all_else(pace: Pace) -> None:
    """Each of those who are waited for is promised a turn of its own; the rest comes after all of them."""
    pace.first(SLOW, "a")

    waits = [pace.first(SLOW, caller) for caller in ("b", "c", "d")]
    rest = pace.then(SLOW, "e")

    assert [60, 120, 180, 240] == [round(wait_s) for wait_s in [*waits, rest]]
    assert 120 == round(pace.first(SLOW, "c"))


def test_a_promise_to_the_dead_lapses(pace: Pace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever does not come for its turn holds nobody up for long."""
    monkeypatch.setattr("bot.messages.pace.MISSED_S", 0.1)
    quick = Calls("quick", interval_s=0.05)
    pace.first(quick, "a")
    pace.first(quick, "dead")

    until(lambda: pace.then(quick, "b") == 0)


def test_slack_has_the_last_word(pace: Pace) -> None:
    """After a refusal that kind of call rests for as long as Slack asks, and no other does."""
    pace.delay(BURST, 10.0)

    assert [10, 0] == [round(pace.first(BURST, "a")), round(pace.first(SLOW, "a"))]


def test_a_wait_is_never_shortened(pace: Pace) -> None:
    """A second, shorter refusal does not undo the first."""
    pace.delay(SLOW, 100.0)
    pace.delay(SLOW, 1.0)

    assert 100 == round(pace.then(SLOW, "a"))


def test_a_wait_keeps_the_order(pace: Pace) -> None:
    """Whoever was promised a turn has it later by as much, also where that is longer than a promise to the dead."""
    pace.first(SLOW, "a")
    for caller in ("b", "c", "d"):
        pace.first(SLOW, caller)

    pace.delay(SLOW, 600.0)

    assert [780, 600, 720, 660] == [5 * round(pace.first(SLOW, caller) / 5) for caller in ("x", "b", "d", "c")]


def test_a_turn_that_came_to_nothing_comes_first(pace: Pace) -> None:
    """Slack refused what was its turn; those behind it wait for it."""
    pace.first(SLOW, "a")
    for caller in ("b", "c"):
        pace.first(SLOW, caller)
    pace.delay(SLOW, 100.0)
    pace.back(SLOW, "a")

    assert [220, 160, 100, 280] == [round(pace.first(SLOW, caller)) for caller in ("c", "b", "a", "d")]
