"""What is kept in a real Redis: bounded, counted once, and there after a month."""

import random
from typing import Any

import pytest

from bot.history.episodes import Episode, Fix, Sight, Subject
from bot.history.history import EPISODES_KEPT, History
from bot.history.places import asking_node, its_nodes
from bot.history.points import DAY_S, series_bytes
from bot.history.signals import SIGNALS, Sample
from bot.store.keys import Keys
from checks.past import Bygone
from checks.place import Cluster, Node, Place, Pool

DAYS = 30
NOW = 1_780_000_000.0
LOSS = "paths.cross-tcp:loss"
FREE = "metallb.pools:free"
W1 = Node("w1")
TUNNEL = Subject("vmxnet3-tunnel-offload", W1)
AT_A_NODE = 2000
"""Bytes of one node and day that docs/history.md states."""


@pytest.fixture
def history(redis_client: Any) -> History:
    """The history of the cluster lab, in a real Redis."""
    return History(redis_client, "lab")


def measure(history: History, at: float, value: float, signal: str = LOSS, *, place: Place = W1, run: str = "") -> None:
    """One number of one run."""
    history.measured(run or f"{at}", at, [Sample(signal, place, value)], DAYS)


def means(history: History, since: float, signal: str = LOSS, place: Place = W1, now: float = NOW) -> list[float]:
    """What is read of it, rounded."""
    (series,) = history.series([(signal, place)], since, now)
    return [round(point.mean, 4) for point in series.points]


def test_a_run_that_is_done_again_counts_once(history: History) -> None:
    """A worker that dies before it has said that the run is done leaves it to another one."""
    for _ in range(2):
        measure(history, NOW - 60, 0.5, run="r1")
    measure(history, NOW - 30, 0.0, run="r2")

    (series,) = history.series([(LOSS, W1)], NOW - 3600, NOW)
    (point,) = series.points
    assert (2, 0.25, 0.5) == (point.count, point.mean, point.worst)


def test_a_month_is_kept_in_quarters_hours_and_days(history: History) -> None:
    """Runs of forty days every two hours: the last day by quarters, the last week by hours, thirty days by days."""
    begin = NOW - 40 * DAY_S
    for number in range(40 * 12 + 1):
        measure(history, begin + number * 7200, number % 12 / 12)

    quarters, week, month = means(history, NOW - DAY_S + 900), means(history, NOW - 6 * DAY_S), means(history, 0.0)
    assert 12 == len(quarters)
    assert 6 * 12 + 1 == len(week)
    assert DAYS == len(month)
    assert {round(sum(range(12)) / 144, 4)} == {*month[1:-1]}


def test_what_nobody_measured_is_a_gap_and_not_what_was_a_lap_ago(history: History) -> None:
    """A slot of a ring is used again, so it is known of which lap it is."""
    measure(history, NOW - DAY_S, 0.7)

    assert ([], [0.7]) == (means(history, NOW - 3600 * 20), means(history, NOW - 2 * DAY_S))


def test_a_late_run_does_not_undo_a_newer_one(history: History) -> None:
    """What is older than a lap finds its slot taken."""
    measure(history, NOW, 0.2)
    measure(history, NOW - DAY_S, 0.9)

    assert [0.2] == means(history, NOW - 3600)
    assert [0.9, 0.2] == means(history, NOW - 2 * DAY_S)


def test_of_free_addresses_the_least_is_the_worst(history: History) -> None:
    """A pool that was nearly used up for a moment shows it."""
    for run, free in enumerate((40.0, 2.0, 30.0)):
        measure(history, NOW - run, free, FREE, place=Pool("blue"), run=f"{run}")

    (series,) = history.series([(FREE, Pool("blue"))], NOW - 900, NOW)
    assert [(24.0, 2.0)] == [(point.mean, point.worst) for point in series.points]


@pytest.mark.parametrize("days", [7, 60])
def test_another_number_of_days_keeps_what_is_there(history: History, days: int) -> None:
    """The setting changes and the past stays, as far as it is within the new time."""
    for ago in range(20, -1, -1):
        measure(history, NOW - ago * DAY_S, ago / 100)
    history.measured("changed", NOW + 1, [Sample(LOSS, W1, 0.0)], days)

    expected = [ago / 100 for ago in range(min(20, days - 1), -1, -1)]
    assert expected == means(history, NOW - 20 * DAY_S)


def test_a_series_takes_the_same_room_however_often_it_is_written(history: History, redis_client: Any) -> None:
    """Once or a thousand times: what it takes is what `series_bytes` says and what Redis adds for a key."""
    key = Keys("lab").series(LOSS, '{"kind":"node","name":"w1"}')
    measure(history, NOW - 30 * DAY_S, 0.5)
    first = redis_client.memory_usage(key)
    for number in range(300):
        measure(history, NOW - 30 * DAY_S + number * 8640, random.random())

    assert first == redis_client.memory_usage(key)
    assert series_bytes(DAYS) <= first <= series_bytes(DAYS) + 400


def test_the_bytes_of_a_node_and_day_are_as_the_document_says(history: History, redis_client: Any) -> None:
    """Every signal that each node has, at twenty nodes, over thirty days; what Redis needs for all keys is counted."""
    by_node = [signal.name for signal in SIGNALS.values() if signal.at in (asking_node, its_nodes)]
    nodes = [Node(f"worker-{number:03}.example.org") for number in range(20)]
    for number in range(DAYS * 4):
        found = [Sample(signal, node, random.random()) for signal in by_node for node in nodes]
        history.measured(f"{number}", NOW + number * 21600, found, DAYS)

    used = sum(redis_client.memory_usage(key, samples=0) for key in redis_client.keys("netcheck:*"))
    assert 15 == len(by_node)
    assert used / len(nodes) / DAYS <= AT_A_NODE


def test_the_places_that_were_not_written_for_longest_go_first(
    history: History, redis_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster whose nodes have a new name every day does not fill Redis."""
    monkeypatch.setattr("bot.history.history.MOST_PLACES", 3)
    for number in range(6):
        measure(history, NOW + number, 0.1, place=Node(f"w{number}"))

    assert (Node("w5"), Node("w4"), Node("w3")) == history.places(LOSS)
    assert 3 == len(redis_client.keys("netcheck:{lab}:series:*"))


def test_everything_is_forgotten_in_time(history: History, redis_client: Any) -> None:
    """No key of history stays without an end."""
    measure(history, NOW, 0.1)
    history.noted(NOW, [Sight(TUNNEL, bad=True)], DAYS)
    history.note_fixed(Fix("x", "y", "z"), NOW)

    assert [] == [key for key in redis_client.keys("*") if redis_client.ttl(key) < 0]


def seen(history: History, *sights: tuple[float, bool]) -> list[Episode]:
    """What is kept of the tunnel after these sights."""
    for at, bad in sights:
        history.noted(at, [Sight(TUNNEL, bad=bad)], DAYS)
    told = history.told().get(TUNNEL)
    return list(told.episodes) if told else []


def test_an_episode_begins_with_the_first_bad_sight_and_ends_with_the_first_good_one(history: History) -> None:
    """Further sights of the same only say how long."""
    found = seen(history, (1.0, False), (10.0, True), (20.0, True), (30.0, False), (40.0, False), (50.0, True))

    assert [Episode(10, 20, 30), Episode(50, 50)] == found


def test_a_sight_that_comes_late_changes_nothing_that_is_newer(history: History) -> None:
    """Two runs end in another order than they began in, and one is written twice."""
    assert [Episode(10, 20, 30)] == seen(
        history, (10.0, True), (20.0, True), (20.0, True), (15.0, False), (30.0, False), (25.0, True), (30.0, False)
    )


def test_what_comes_and_goes_is_counted_and_its_newest_times_are_kept(history: History) -> None:
    """Flapping neither fills Redis nor hides how often."""
    found = seen(history, *((10.0 * number, number % 2 == 0) for number in range(1, 42)))

    told = history.told()[TUNNEL]
    assert (EPISODES_KEPT, 20) == (len(found), told.times)
    assert Episode(400.0, 400.0, 410.0) == found[-1]
    assert 3 == told.began_since(360.0)


def test_the_past_of_what_is_not_well_names_the_last_time_and_what_fixed_it(history: History) -> None:
    """Since when, when before, and which runbook was finished then."""
    history.noted(10.0, [Sight(TUNNEL, bad=True)], DAYS)
    history.noted(30.0, [Sight(TUNNEL, bad=False, fixed_by="offload-off")], DAYS)
    history.noted(90.0, [Sight(TUNNEL, bad=True)], DAYS)

    past = history.told()[TUNNEL].past
    assert (90.0, Bygone(10.0, 30.0, "offload-off"), 2, 10.0) == (past.since, past.before, past.times, past.earliest)


def test_the_subjects_that_did_not_change_for_longest_go_first(
    history: History, redis_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what was not seen within the time that is kept goes."""
    monkeypatch.setattr("bot.history.history.MOST_SUBJECTS", 2)
    for number in range(4):
        history.noted(NOW + number, [Sight(Subject("x", Node(f"w{number}")), bad=True)], DAYS)
    assert {Subject("x", Node("w2")), Subject("x", Node("w3"))} == set(history.told())

    history.noted(NOW + 31 * DAY_S, [Sight(Subject("y", Cluster()), bad=True)], DAYS)
    assert {Subject("y")} == set(history.told())
    assert 1 == redis_client.hlen(Keys("lab").episodes)


def test_a_finished_runbook_is_noted_once(history: History) -> None:
    """Whoever moves an incident on may die and do it again."""
    for at in (10.0, 20.0):
        history.note_fixed(Fix("vmxnet3-tunnel-offload", "offload-off", "i-1"), at)

    assert [(Fix("vmxnet3-tunnel-offload", "offload-off", "i-1"), 10.0)] == history.fixes()


def test_what_another_version_wrote_is_left_out(history: History, redis_client: Any) -> None:
    """It is no reason to fail."""
    redis_client.hset(Keys("lab").episodes, mapping={"[1]": b"x", '["a",{"kind":"cluster"}]': b"\xc1"})
    redis_client.zadd(Keys("lab").places(LOSS), {"{}": 1, '{"kind":"galaxy"}': 2})
    redis_client.set(Keys("lab").series(LOSS, '{"kind":"node","name":"w1"}'), b"short")

    assert ({}, ()) == (history.told(), history.places(LOSS))
    assert [] == means(history, 0.0)
