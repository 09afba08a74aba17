"""The queue on a real Redis: leases, retries, deadlines, dead letters, and every trap of streams as a queue."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from typing import Any

import pytest
from redis.crc import key_slot

from bot.errors import BadEnvelope
from bot.fleet import Fleet
from bot.processes import on_stop
from bot.queue import consumer
from bot.queue.consumer import Consumer
from bot.queue.lease import GROUP, Lane, Lease, Work, finish
from bot.queue.lifecycle import End, Log
from bot.store.connection import LONGEST_BLOCK_MS, REPLY_TIMEOUT_S, RETRYABLE, connect
from bot.store.keys import Keys
from bot.store.scripts import Script
from checks.observation import Network
from tests.conftest import RedisServer
from tests.waiting import until

STREAM = Keys("lab").jobs(Network.CLUSTER)
FORK = multiprocessing.get_context("fork")


class Scripted:
    """Does what an entry's field `do` says, and writes down what happened in the list `log`."""

    def __init__(self, url: str, deadline_s: float = 20.0) -> None:
        self._url = url
        self._deadline_s = deadline_s

    def prepare(self, lease: Lease) -> Work:
        """Every entry is work, unless it is forged."""
        if lease.fields[b"do"] == b"forge":
            raise BadEnvelope("The signature is wrong.", hint="Look at the keys.")
        client: Any = connect(self._url)
        return Work(lambda: self._act(lease), self._deadline_s, still_wanted=lambda: not client.exists("unwanted"))

    def gave_up(self, lease: Lease, end: End, reason: str) -> None:
        """Write down the end, and take the entry off the stream."""
        client: Any = connect(self._url)
        client.rpush("log", f"{end.value}: {reason}")
        finish(client, lease)

    def _act(self, lease: Lease) -> None:
        client: Any = connect(self._url)
        client.rpush("log", f"started {lease.deliveries} by {os.getppid()}")
        match lease.fields[b"do"]:
            case b"sleep":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                while True:
                    time.sleep(1)
            case b"crash":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"raise":
                raise ValueError("the check broke")
            case b"wait":
                client.blpop("go", timeout=20)
        while True:
            try:
                client.rpush("log", "done")
                finish(client, lease)
            except RETRYABLE:
                time.sleep(0.05)
            else:
                return


class Written:
    """A listener that writes down what it hears in the list `heard`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def started(self, stream: str, entry: str, deliveries: int) -> None:
        """See `Listener`."""
        self._hear(stream, entry, f"started {deliveries}")

    def ended(self, stream: str, entry: str, elapsed_s: float) -> None:
        """See `Listener`."""
        self._hear(stream, entry, f"ended {elapsed_s >= 0}")

    def failed(self, stream: str, entry: str, reason: str) -> None:
        """See `Listener`."""
        self._hear(stream, entry, f"failed {reason}")

    def gave_up(self, stream: str, entry: str, end: End, reason: str) -> None:
        """See `Listener`."""
        self._hear(stream, entry, f"gave up {end.value} {reason}")

    def refused(self, stream: str, entry: str, reason: str) -> None:
        """See `Listener`."""
        self._hear(stream, entry, f"refused {reason}")

    def _hear(self, stream: str, entry: str, words: str) -> None:
        self._client.rpush("heard", words if (STREAM, "-") == (stream, entry[-2]) else f"of another entry: {words}")


def consume(url: str, name: str, deadline_s: float, *, shared: bool) -> None:
    """A consumer's whole life, in a process of its own."""
    lane = Lane(STREAM, 4, Scripted(url, deadline_s), shared=shared)

    def tick(client: Any) -> None:
        Fleet(client, "lab").seen("worker", name)

    heard = (Log(), Written(connect(url)))
    running = Consumer(lambda: connect(url), [lane], name=name, on_tick=tick, listeners=heard)
    on_stop(running.stop)
    running.run()


Start = Callable[..., BaseProcess]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts consumers; whatever still runs at the end is killed."""
    running = []

    def begin(url: str, name: str = "one", *, deadline_s: float = 20.0, shared: bool = True) -> BaseProcess:
        process = FORK.Process(target=consume, args=(url, name, deadline_s), kwargs={"shared": shared})
        process.start()
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.join()


def add(client: Any, do: str) -> None:
    """Put an entry on the stream."""
    client.xadd(STREAM, {"do": do})


def logged(client: Any, count: int) -> list[str]:
    """What happened, as soon as `count` things have."""
    until(lambda: client.llen("log") >= count)
    return [line.decode().split(" by ")[0] for line in client.lrange("log", 0, -1)]


def until_gone(client: Any) -> None:
    """Wait until the stream is empty: every entry is acknowledged and deleted."""
    until(lambda: not client.xlen(STREAM))


def test_an_entry_is_done_once_and_leaves_the_stream(redis_url: str, redis_client: Any, start: Start) -> None:
    """What is done is acknowledged and deleted, so the stream's length is the backlog."""
    start(redis_url)
    add(redis_client, "ok")

    assert ["started 1", "done"] == logged(redis_client, 2)
    until_gone(redis_client)
    assert redis_client.xpending(STREAM, GROUP)["pending"] == 0


def test_an_entry_from_before_the_first_consumer_is_done(redis_url: str, redis_client: Any, start: Start) -> None:
    """The group begins at the first entry: nothing that was accepted early is skipped."""
    add(redis_client, "ok")
    start(redis_url)

    assert ["started 1", "done"] == logged(redis_client, 2)


def test_a_child_is_killed_at_its_deadline(redis_url: str, redis_client: Any, start: Start) -> None:
    """A child that ignores SIGTERM ends at the deadline all the same, and is not tried again."""
    start(redis_url, deadline_s=0.3)
    add(redis_client, "sleep")

    assert ["started 1", "overdue: It took more than 0.3 s."] == logged(redis_client, 2)


def test_a_crash_is_tried_twice_more_and_then_buried(redis_url: str, redis_client: Any, start: Start) -> None:
    """Three attempts, then the entry goes to the dead letters with the reason, and its owner hears of it."""
    start(redis_url)
    add(redis_client, "crash")

    assert ["started 1", "started 2", "started 3", "broken: Its process ended with -9."] == logged(redis_client, 4)
    until_gone(redis_client)
    letters = until(lambda: redis_client.xrange(Keys("lab").dead))
    assert [b"Its process ended with -9."] == [fields[b"reason"] for _, fields in letters]


def test_an_exception_reaches_the_dead_letter_in_its_own_words(redis_url: str, redis_client: Any, start: Start) -> None:
    """The child's exception is read through a pipe, because the child itself is gone."""
    start(redis_url)
    add(redis_client, "raise")

    assert "broken: ValueError: the check broke" == logged(redis_client, 4)[-1]


def test_a_killed_consumer_is_replaced_within_five_seconds(redis_url: str, redis_client: Any, start: Start) -> None:
    """SIGKILL takes the child along; another consumer takes the lease over once three renewals are missing."""
    first = start(redis_url, "one")
    add(redis_client, "wait")
    logged(redis_client, 1)
    start(redis_url, "two")

    first.kill()

    assert ["started 1", "started 2"] == logged(redis_client, 2)
    redis_client.rpush("go", "on")
    assert "done" == logged(redis_client, 3)[-1]
    assert consumer.LEASE_S + consumer.TICK_S < 5


def test_each_further_holder_is_waited_for_longer(
    redis_url: str, redis_client: Any, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A consumer that cannot renew over a lossy network lives: taken over each time, nobody would come to an end."""
    monkeypatch.setattr(consumer, "LEASE_S", 1.0)
    redis_client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    often, once = (redis_client.xadd(STREAM, {"do": "wait"}) for _ in range(2))
    redis_client.xreadgroup(GROUP, "silent", {STREAM: ">"})
    redis_client.xclaim(STREAM, GROUP, "silent", 0, [often])
    redis_client.xclaim(STREAM, GROUP, "silent", 0, [often, once], idle=1500, justid=True)

    start(redis_url, "two")

    assert ["started 2", "started 3"] == logged(redis_client, 2)


def test_a_restarted_consumer_takes_back_at_once_what_it_held(
    redis_url: str, redis_client: Any, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node's agent is the only consumer of its stream: nobody else would take its leases over, nor does it wait."""
    monkeypatch.setattr(consumer, "LEASE_S", 600.0)
    first = start(redis_url, "agent", shared=False)
    add(redis_client, "wait")
    logged(redis_client, 1)
    first.kill()
    first.join()

    start(redis_url, "agent", shared=False)

    assert ["started 1", "started 2"] == logged(redis_client, 2)


def test_an_entry_whose_delivery_was_lost_on_the_way_is_done(redis_url: str, redis_client: Any, start: Start) -> None:
    """Redis gave it to the consumer, but the reply never arrived: it must not lie there until the next restart."""
    start(redis_url, "agent", shared=False)
    add(redis_client, "ok")
    logged(redis_client, 2)

    with redis_client.pipeline(transaction=True) as pipe:
        pipe.xadd(STREAM, {"do": "ok"})
        pipe.xreadgroup(GROUP, "agent", {STREAM: ">"})
        pipe.execute()

    assert ["started 2", "done"] == logged(redis_client, 4)[2:]


def test_consumers_that_are_gone_are_forgotten(redis_client: Any) -> None:
    """Workers have a new name at every start; one that still holds something is kept until that is taken over."""
    redis_client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    add(redis_client, "ok")
    redis_client.xreadgroup(GROUP, "holds", {STREAM: ">"})
    redis_client.xgroup_createconsumer(STREAM, GROUP, "gone")
    while min(row["idle"] for row in redis_client.xinfo_consumers(STREAM, GROUP)) < 2:
        time.sleep(0.001)

    Script("forget_consumers")(redis_client, stream=STREAM, group=GROUP, idle_ms=1)

    assert [b"holds"] == [row["name"] for row in redis_client.xinfo_consumers(STREAM, GROUP)]


def test_a_lease_that_is_renewed_stays(redis_url: str, redis_client: Any, start: Start) -> None:
    """Long work is not taken over while its consumer lives."""
    start(redis_url, "one")
    add(redis_client, "wait")
    logged(redis_client, 1)
    start(redis_url, "two")

    end = time.monotonic() + consumer.LEASE_S + 1.5
    while time.monotonic() < end:
        assert redis_client.llen("log") == 1
        time.sleep(0.05)


def test_a_renewal_never_steals_a_lease_back(redis_client: Any) -> None:
    """After a stall the former owner finds that the lease is somebody else's, and leaves it there."""
    redis_client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    entry = redis_client.xadd(STREAM, {"do": "ok"})
    redis_client.xreadgroup(GROUP, "stalled", {STREAM: ">"})
    redis_client.xclaim(STREAM, GROUP, "new", 0, [entry])

    renewed = Script("renew_lease")(redis_client, stream=STREAM, group=GROUP, consumer="stalled", entry=entry)

    assert (0, b"new") == (renewed, redis_client.xpending_range(STREAM, GROUP, "-", "+", 1)[0]["consumer"])


def test_what_nobody_wants_any_more_is_killed(redis_url: str, redis_client: Any, start: Start) -> None:
    """Whatever it is doing, and the reason is that, not how long it took."""
    start(redis_url)
    add(redis_client, "sleep")
    logged(redis_client, 1)

    redis_client.set("unwanted", 1)

    assert "unwanted: It was stopped: nobody waits for it any more." == logged(redis_client, 2)[-1]


@pytest.mark.parametrize(
    ("do", "heard"),
    [
        ("ok", ["started 1", "ended True"]),
        ("sleep", ["started 1", "gave up overdue It took more than 0.3 s."]),
        (
            "raise",
            [
                "started 1",
                "failed ValueError: the check broke",
                "started 2",
                "failed ValueError: the check broke",
                "started 3",
                "gave up broken ValueError: the check broke",
            ],
        ),
        ("forge", ["refused The signature is wrong. Look at the keys."]),
    ],
)
def test_listeners_hear_what_happens_to_an_entry(
    redis_url: str, redis_client: Any, start: Start, do: str, heard: list[str]
) -> None:
    """From its start to its end, in order: metrics and logs need nothing else."""
    # Only what is to take too long: on a busy machine the others may as well.
    start(redis_url, deadline_s=0.3 if do == "sleep" else 10.0)
    add(redis_client, do)

    until(lambda: redis_client.llen("heard") >= len(heard))
    until_gone(redis_client)

    assert heard == [line.decode() for line in redis_client.lrange("heard", 0, -1)]


def test_a_flush_while_reading_is_survived(redis_url: str, redis_client: Any, start: Start) -> None:
    """Redis unblocks the read with an error when the stream goes; the group is made again and work goes on."""
    start(redis_url)
    add(redis_client, "ok")
    logged(redis_client, 2)

    redis_client.flushall()
    add(redis_client, "ok")

    assert ["started 1", "done"] == logged(redis_client, 2)


def test_a_redis_restart_loses_nothing(redis_server: RedisServer, start: Start) -> None:
    """What was accepted before a power cut is done after it; work under way finishes and stores its result."""
    client: Any = connect(redis_server.url)
    start(redis_server.url)
    add(client, "wait")
    logged(client, 1)
    client.rpush("go", "on")
    logged(client, 2)
    for _ in range(20):
        add(client, "ok")

    redis_server.restart()

    until(lambda: client.lrange("log", 0, -1).count(b"done") >= 21)
    until_gone(client)


def test_a_full_redis_is_waited_out(redis_server: RedisServer, start: Start) -> None:
    """Redis out of memory refuses every write; workers and agents live on until somebody has put that right."""
    client: Any = connect(redis_server.url)
    client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    add(client, "ok")
    client.config_set("maxmemory", 1)

    start(redis_server.url)
    until(
        lambda: [
            row
            for row in client.xpending_range(STREAM, GROUP, "-", "+", 1)
            if row["times_delivered"] > consumer.MAX_DELIVERIES
        ]
    )
    client.config_set("maxmemory", 0)

    assert logged(client, 1)[0].startswith("broken: ")


def test_sigterm_lets_work_finish(redis_url: str, redis_client: Any, start: Start) -> None:
    """A consumer that is asked to end takes nothing new and gives what runs a moment."""
    process = start(redis_url)
    add(redis_client, "wait")
    logged(redis_client, 1)

    os.kill(process.pid or 0, signal.SIGTERM)
    redis_client.rpush("go", "on")
    process.join(5)

    assert (0, ["started 1", "done"]) == (process.exitcode, logged(redis_client, 2))


def test_no_more_children_than_slots(redis_url: str, redis_client: Any, start: Start) -> None:
    """A lane starts as many as it has slots; the rest waits on the stream, unread."""
    start(redis_url)
    for _ in range(6):
        add(redis_client, "wait")

    assert ["started 1"] * 4 == logged(redis_client, 4)
    assert redis_client.xpending(STREAM, GROUP)["pending"] == 4
    redis_client.rpush("go", *["on"] * 6)
    assert 6 == logged(redis_client, 12).count("done")


def test_reads_block_for_less_than_the_client_waits() -> None:
    """A block as long as the socket's time-out fails every time the stream is quiet."""
    assert LONGEST_BLOCK_MS / 1000 < REPLY_TIMEOUT_S


def test_all_keys_of_a_cluster_share_a_slot() -> None:
    """Scripts over several keys work on Redis Cluster only if one hash tag holds them together."""
    keys = Keys("prod")
    names = [
        keys.runs,
        keys.members,
        keys.nodes,
        keys.index("run"),
        keys.due("messages"),
        keys.held("messages"),
        keys.dead,
        keys.jobs(Network.CLUSTER),
    ]
    names += [keys.jobs(Network.HOST, "w1"), keys.results("1"), keys.arrivals("1"), keys.enqueued("1")]
    names += [keys.record("run", "1"), keys.changes("run", "1"), keys.message("run", "1")]

    assert 1 == len({key_slot(name.encode()) for name in [*names, keys.plan("1")]})
