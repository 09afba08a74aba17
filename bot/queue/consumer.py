"""Reads streams, forks a child for each entry, and sees every entry to an end."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import redis

from bot.errors import BadEnvelope
from bot.queue.dead_letters import bury
from bot.queue.lease import GROUP, Lane, Lease
from bot.queue.lifecycle import End, Listener, Log
from bot.queue.supervision import Children, Ended
from bot.store.connection import LONGEST_BLOCK_MS, passes
from bot.store.scripts import Script

LEASE_S = 3.0
"""A lease that was not renewed for so long is taken over; with a renewal a second, three are missed."""
PATIENCE = 3.0
"""How many times longer each further holder is waited for. Where the network loses a third of everything, one that
lives cannot renew for seconds, and would be taken for dead until nobody is left to try."""
MAX_DELIVERIES = 3
"""The first attempt and two retries."""
TICK_S = 1.0
STOP_GRACE_S = 5.0
FORGOTTEN_MS = 86_400_000
"""Consumers that were idle for a day are forgotten: workers have a new name at every start."""
_BUSY_BLOCK_MS = 50
_RENEW = Script("renew_lease")
_FORGET = Script("forget_consumers")

log = logging.getLogger(__name__)


class Consumer:
    """One single-threaded process that reads lanes.

    `on_tick` is called about once a second, for heartbeats; listeners hear what happens to every entry.
    """

    def __init__(
        self,
        connect: Callable[[], "redis.Redis"],
        lanes: list[Lane],
        *,
        name: str,
        on_tick: Callable[["redis.Redis"], None] = lambda _: None,
        listeners: Sequence[Listener] = (Log(),),
    ) -> None:
        self._client: Any = connect()
        self._lanes = lanes
        self._name = name
        self._on_tick = on_tick
        self._listeners = listeners
        self._children = Children()
        self._waiting: list[tuple[Lane, Lease]] = []
        self._next_tick = 0.0
        self._ready = False
        self._stopping = False

    def stop(self) -> None:
        """Have `run` end; may be called from a signal's handler."""
        self._stopping = True

    def run(self) -> None:
        """Work until told to stop; then let the children finish for a moment and leave the rest to others."""
        pause = 0.05
        while not self._stopping:
            try:
                if not self._ready:
                    self._join()
                self._turn()
                pause = 0.05
            except redis.RedisError as error:
                if not passes(error):
                    raise
                log.warning("Redis: %s; trying again", error)
                self._ready = False
                self._children.kill_overdue()
                time.sleep(pause)
                pause = min(pause * 2, 1.0)
        self._drain()

    def _turn(self) -> None:
        self._reap()
        self._children.supervise(self._renew)
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + TICK_S
            self._on_tick(self._client)
            self._take_back()
            self._take_over()
        for lane, lease in self._next_leases():
            self._start(lane, lease)

    def _join(self) -> None:
        """Make the groups, and take back what this consumer held before it was restarted."""
        for lane in self._lanes:
            with contextlib.suppress(redis.ResponseError):  # BUSYGROUP: it is there
                self._client.xgroup_create(lane.stream, GROUP, id="0", mkstream=True)
            if lane.shared:
                _FORGET(self._client, stream=lane.stream, group=GROUP, idle_ms=FORGOTTEN_MS)
        self._take_back()
        self._ready = True

    def _take_back(self) -> None:
        """Take up what Redis believes this consumer holds: of a former life, or in a reply that never arrived.

        redis-py reads again after a time-out without a word, and nobody else would take over an agent's leases.
        """
        held = self._children.entries() | {lease.entry for _, lease in self._waiting}
        for lane in self._lanes:
            pending = self._client.xpending_range(lane.stream, GROUP, "-", "+", 100, consumername=self._name)
            own = [row["message_id"] for row in pending if _text(row["message_id"]) not in held]
            if own:
                self._claimed(lane, self._client.xclaim(lane.stream, GROUP, self._name, 0, own))

    def _take_over(self) -> None:
        """Take up what others hold and did not renew."""
        for lane in self._lanes:
            free = self._free(lane) - sum(waiting is lane for waiting, _ in self._waiting)
            if not lane.shared or free <= 0:
                continue
            stale = self._client.xpending_range(lane.stream, GROUP, "-", "+", 100, idle=int(LEASE_S * 1000))
            lapsed = [row for row in stale if row["time_since_delivered"] >= _lease_ms(row["times_delivered"])]
            for row in lapsed[:free]:
                # Whoever is first claims it: that it is idle for so long is asked once more.
                idle_ms = _lease_ms(row["times_delivered"])
                self._claimed(lane, self._client.xclaim(lane.stream, GROUP, self._name, idle_ms, [row["message_id"]]))

    def _claimed(self, lane: Lane, entries: Any) -> None:
        waiting = {(lease.stream, lease.entry) for _, lease in self._waiting}
        for entry, fields in entries:
            if fields is None or (lane.stream, _text(entry)) in waiting:
                continue
            row = self._client.xpending_range(lane.stream, GROUP, entry, entry, 1)
            deliveries = row[0]["times_delivered"] if row else 1
            self._waiting.append((lane, Lease(lane.stream, _text(entry), fields, deliveries)))

    def _free(self, lane: Lane) -> int:
        return lane.slots - self._children.of(lane)

    def _next_leases(self) -> Iterator[tuple[Lane, Lease]]:
        """Leases to start now: first those that were claimed, then new entries, never more than a lane has slots."""
        for item in list(self._waiting):
            if self._free(item[0]) > 0:
                self._waiting.remove(item)
                yield item
        held_back = {lane.stream for lane, _ in self._waiting}
        free = {lane.stream: lane for lane in self._lanes if self._free(lane) > 0 and lane.stream not in held_back}
        block = _BUSY_BLOCK_MS if self._children else LONGEST_BLOCK_MS
        if not free:
            self._children.wait(block / 1000)
            return
        count = min(self._free(lane) for lane in free.values())
        reply = self._client.xreadgroup(GROUP, self._name, dict.fromkeys(free, ">"), count=count, block=block)
        for stream, entries in reply:
            for entry, fields in entries:
                yield free[_text(stream)], Lease(_text(stream), _text(entry), fields, 1)

    def _start(self, lane: Lane, lease: Lease) -> None:
        if lease.deliveries > MAX_DELIVERIES:
            reason = f"It ended without a result {MAX_DELIVERIES} times; whatever ran it was killed."
            self._give_up(lane, lease, End.BROKEN, reason)
            return
        try:
            work = lane.handler.prepare(lease)
        except BadEnvelope as error:
            self._refuse(lease, error.text)
            return
        if work is not None:
            self._children.start(lane, lease, work)
            for listener in self._listeners:
                listener.started(lease.stream, lease.entry, lease.deliveries)

    def _renew(self, lease: Lease) -> bool:
        return bool(_RENEW(self._client, stream=lease.stream, group=GROUP, consumer=self._name, entry=lease.entry))

    def _reap(self) -> None:
        for ended in self._children.ended():
            self._ended(ended)

    def _ended(self, ended: Ended) -> None:
        child, lease = ended.child, ended.child.lease
        if ended.exit_code == 0:
            for listener in self._listeners:
                listener.ended(lease.stream, lease.entry, time.monotonic() - child.started)
        elif child.killed_for is not None:
            reasons = {
                End.OVERDUE: f"It took more than {child.work.deadline_s:g} s.",
                End.UNWANTED: "It was stopped: nobody waits for it any more.",
            }
            self._give_up(child.lane, lease, child.killed_for, reasons[child.killed_for])
        elif not child.killed:
            self._failed(child.lane, lease, ended.error or f"Its process ended with {ended.exit_code}.")

    def _failed(self, lane: Lane, lease: Lease, reason: str) -> None:
        if lease.deliveries >= MAX_DELIVERIES:
            self._give_up(lane, lease, End.BROKEN, reason)
            return
        for listener in self._listeners:
            listener.failed(lease.stream, lease.entry, reason)
        self._claimed(lane, self._client.xclaim(lease.stream, GROUP, self._name, 0, [lease.entry]))

    def _give_up(self, lane: Lane, lease: Lease, end: End, reason: str) -> None:
        # Its owner hears of it first: a death in between costs a dead letter, and not somebody's answer.
        lane.handler.gave_up(lease, end, reason)
        if end is End.BROKEN:
            bury(self._client, lease, reason)
        for listener in self._listeners:
            listener.gave_up(lease.stream, lease.entry, end, reason)

    def _refuse(self, lease: Lease, reason: str) -> None:
        bury(self._client, lease, reason)
        for listener in self._listeners:
            listener.refused(lease.stream, lease.entry, reason)

    def _drain(self) -> None:
        until = time.monotonic() + STOP_GRACE_S
        while self._children and time.monotonic() < until:
            self._children.wait(_BUSY_BLOCK_MS / 1000)
            try:
                self._reap()
            except redis.RedisError:
                break
        self._children.end_all()
        self._client.close()


def _lease_ms(deliveries: int) -> int:
    """How long the holder of an entry that was delivered so often may be silent."""
    return int(LEASE_S * 1000 * PATIENCE ** (deliveries - 1))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
