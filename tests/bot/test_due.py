"""What is due when, in a real Redis."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.store.connection import connect, server_time
from bot.store.due import Due, Taken
from bot.store.keys import Keys
from tests.conftest import RedisServer
from tests.waiting import until


@pytest.fixture
def due(redis_client: Any) -> Due:
    """What is due in a cluster."""
    return Due(redis_client, Keys("lab"), "reminders")


@pytest.fixture
def now(redis_client: Any) -> float:
    """The time by Redis's clock."""
    return server_time(redis_client)


def names(taken: list[Taken]) -> list[str]:
    """The items alone."""
    return [each.item for each in taken]


def soon(take: Callable[[], list[Taken]]) -> list[Taken]:
    """What can be taken, as soon as something can."""
    return until(take)


def test_what_is_due_is_taken_by_one(due: Due, now: float) -> None:
    """The earliest first, no more than asked for, nothing before its time, and nothing twice."""
    for item, when in {"b": now - 1, "a": now - 2, "c": now - 0.5, "later": now + 60}.items():
        due.at(item, when)

    assert (["a", "b"], ["c"], []) == tuple(names(due.take(2, 5.0)) for _ in range(3))


def test_asking_again_never_makes_it_later(due: Due, now: float) -> None:
    """The earlier time wins, in either order."""
    due.at("a", now - 1)
    due.at("a", now + 60)
    due.at("b", now + 60)
    due.at("b", now - 1)

    assert ["a", "b"] == sorted(names(due.take(5, 5.0)))


def test_what_a_dead_taker_held_is_due_again(due: Due, now: float) -> None:
    """Nothing is lost with whoever took it, and the dead one's word comes too late."""
    due.at("a", now)
    (dead,) = due.take(1, 0.05)

    (second,) = soon(lambda: due.take(1, 5.0))
    dead.done()

    assert ("a", []) == (second.item, due.take(1, 5.0))
    assert ["a"] == list(due.waiting())
    second.done()
    assert {} == due.waiting()


def test_what_becomes_due_while_it_is_held_is_taken_once_more(due: Due, now: float) -> None:
    """A change that comes while the former one is dealt with is not lost, and waits until that is settled."""
    due.at("a", now)
    (taken,) = due.take(1, 5.0)
    due.at("a", now)

    while_held = due.take(1, 5.0)
    taken.done()

    assert ([], ["a"]) == (while_held, names(due.take(1, 5.0)))


def test_what_was_dealt_with_rests(due: Due, now: float) -> None:
    """Made due again it is taken, but not before it has rested."""
    due.at("a", now)
    (taken,) = due.take(1, 5.0)
    taken.done(rest_s=0.1)
    due.at("a", now)

    assert [] == due.take(1, 5.0)
    assert ["a"] == names(soon(lambda: due.take(1, 5.0)))


def test_what_is_put_off_comes_later(due: Due, now: float) -> None:
    """Also when it becomes due meanwhile: somebody asked to wait."""
    due.at("a", now)
    (taken,) = due.take(1, 5.0)
    taken.again(0.1)
    due.at("a", now)

    assert [] == due.take(1, 5.0)
    assert ["a"] == names(soon(lambda: due.take(1, 5.0)))


def test_what_is_due_survives_a_restart(redis_server: RedisServer) -> None:
    """It is written to disk like everything else."""
    due = Due(connect(redis_server.url), Keys("lab"), "reminders")
    due.at("a", 0.0)

    redis_server.restart()

    assert ["a"] == names(due.take(1, 5.0))
