"""Streams as a queue: leases, retries, dead letters and children that can be killed.

A consumer group has what a queue needs: the pending list holds the leases, the delivery count tells a poisonous job.
One `Consumer` is one single-threaded process. Each piece of work runs in a forked child, because only a process can be
stopped at a deadline whatever it is doing; and only a single-threaded parent may fork without inheriting another
thread's locks.

Delivery is at least once. That is safe because a result is kept by job id and the first one stays.
"""

import contextlib
import ctypes
import logging
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import redis

from bot import store

GROUP = "netcheck"
LEASE_S = 3.0
"""A lease that was not renewed for so long is taken over; with a renewal a second, three are missed."""
MAX_DELIVERIES = 3
"""The first attempt and two retries."""
RENEW_EVERY_S = 1.0
DEAD_LETTERS_KEPT = 1000
STOP_GRACE_S = 5.0
_BUSY_BLOCK_MS = 50
_ERROR_BYTES = 2000
_LETTER_BYTES = 4096
_PR_SET_PDEATHSIG = 1
_PASSING = (
    "NOGROUP",  # a flush took the group away
    "UNBLOCKED",  # the same, while it was being read
    "READONLY",  # a fail-over made it a replica
    "MASTERDOWN",  # the same, and the new primary is not known yet
    "CLUSTERDOWN",
    "TRYAGAIN",  # slots are moving
    "NOREPLICAS",
    "MISCONF",  # its disk is full, so it writes nothing
    "BUSY Redis",  # a script of somebody's takes long
    "command not allowed when used memory",  # its memory is full; redis-py cuts off the word OOM
)
"""What Redis says when somebody will put it right, or it puts itself right; in scripts, behind words of their own."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lease:
    """One stream entry that this consumer holds."""

    stream: str
    entry: str
    fields: dict[bytes, bytes]
    deliveries: int


@dataclass(frozen=True, slots=True)
class Work:
    """What to do in a child, and for how long at most."""

    run: str
    """The run it belongs to: when that is cancelled, the child is killed."""
    act: Callable[[], None]
    """Does the work, stores the result and takes the entry off the stream."""
    deadline_s: float


class Handler(Protocol):
    """What a lane does with its entries. All of it is called in the parent, except `Work.act`."""

    def prepare(self, lease: Lease) -> Work | None:
        """The work behind an entry; None when the handler has dealt with it already (refused, too late, cancelled)."""

    def gave_up(self, lease: Lease, why: str, reason: str) -> None:
        """The work ended without a result and is not tried again; `why` is `overdue`, `broken` or `cancelled`."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One stream, how many of its entries may be worked on at once, and by what."""

    stream: str
    slots: int
    handler: Handler
    shared: bool
    """Whether other consumers read it too, whose leases may have to be taken over."""


@dataclass(slots=True)
class Child:
    """One forked process."""

    pid: int
    lane: Lane
    lease: Lease
    work: Work
    error_fd: int
    kill_at: float
    """`time.monotonic()`."""
    killed_for: str = ""
    next_renewal: float = field(default_factory=lambda: time.monotonic() + RENEW_EVERY_S)


def die_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, however that ends (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def fork(act: Callable[[], None]) -> tuple[int, int]:
    """Run a function in a child that dies with its parent: its pid, and a descriptor that its exception is read from.

    The child leaves by `os._exit`, so that nothing of the parent's (exit handlers, buffers) runs twice.
    """
    parent = os.getpid()
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write_fd)
        return pid, read_fd
    status = 1
    try:
        die_with_parent()
        if os.getppid() != parent:  # it died before the line above
            return os._exit(1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
        act()
        status = 0
    except BaseException as error:  # noqa: BLE001 - whatever it was, the parent must hear of it
        with contextlib.suppress(OSError):
            os.write(write_fd, f"{type(error).__name__}: {error}".encode()[:_ERROR_BYTES])
    finally:
        os._exit(status)


class Consumer:
    """Reads lanes, forks a child for each entry, and sees every entry to an end.

    `on_tick` is called about once a second, for heartbeats.
    """

    def __init__(
        self,
        connect: Callable[[], "redis.Redis"],
        lanes: list[Lane],
        *,
        name: str,
        run_state: Callable[["redis.Redis", str], str],
        on_tick: Callable[["redis.Redis"], None] = lambda _: None,
    ) -> None:
        self._client: Any = connect()
        self._lanes = lanes
        self._name = name
        self._run_state = run_state
        self._on_tick = on_tick
        self._children: dict[int, Child] = {}
        self._waiting: list[tuple[Lane, Lease]] = []
        self._next_tick = 0.0
        self._ready = False
        self.stopping = False

    def run(self) -> None:
        """Work until `stopping` is set; then let the children finish for a moment and leave the rest to others."""
        pause = 0.05
        while not self.stopping:
            try:
                if not self._ready:
                    self._join()
                self._turn()
                pause = 0.05
            except redis.RedisError as error:
                if not _passes(error):
                    raise
                log.warning("Redis: %s; trying again", error)
                self._ready = False
                self._reap_offline()
                time.sleep(pause)
                pause = min(pause * 2, 1.0)
        self._drain()

    def _turn(self) -> None:
        self._reap()
        self._supervise()
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + RENEW_EVERY_S
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
                self._client.eval(store.FORGET, 1, lane.stream, GROUP, store.FORGOTTEN_S * 1000)
        self._take_back()
        self._ready = True

    def _take_back(self) -> None:
        """Take up what Redis believes this consumer holds: of a former life, or in a reply that never arrived.

        redis-py reads again after a time-out without a word, and nobody else would take over an agent's leases.
        """
        held = {child.lease.entry for child in self._children.values()} | {lease.entry for _, lease in self._waiting}
        for lane in self._lanes:
            pending = self._client.xpending_range(lane.stream, GROUP, "-", "+", 100, consumername=self._name)
            own = [row["message_id"] for row in pending if _text(row["message_id"]) not in held]
            if own:
                self._claimed(lane, self._client.xclaim(lane.stream, GROUP, self._name, 0, own))

    def _take_over(self) -> None:
        for lane in self._lanes:
            free = self._free(lane)
            if lane.shared and free > 0:
                reply = self._client.xautoclaim(lane.stream, GROUP, self._name, int(LEASE_S * 1000), count=free)
                self._claimed(lane, reply[1])

    def _claimed(self, lane: Lane, entries: Any) -> None:
        for entry, fields in entries:
            if fields is None:
                continue
            row = self._client.xpending_range(lane.stream, GROUP, entry, entry, 1)
            deliveries = row[0]["times_delivered"] if row else 1
            self._waiting.append((lane, Lease(lane.stream, _text(entry), fields, deliveries)))

    def _free(self, lane: Lane) -> int:
        return lane.slots - sum(child.lane is lane for child in self._children.values())

    def _next_leases(self) -> Iterator[tuple[Lane, Lease]]:
        """Leases to start now: first those that were claimed, then new entries, never more than a lane has slots."""
        for item in list(self._waiting):
            if self._free(item[0]) > 0:
                self._waiting.remove(item)
                yield item
        held_back = {lane.stream for lane, _ in self._waiting}
        free = {lane.stream: lane for lane in self._lanes if self._free(lane) > 0 and lane.stream not in held_back}
        block = _BUSY_BLOCK_MS if self._children else store.LONGEST_BLOCK_MS
        if not free:
            self._wait_for_child(block)
            return
        count = min(self._free(lane) for lane in free.values())
        reply = self._client.xreadgroup(GROUP, self._name, dict.fromkeys(free, ">"), count=count, block=block)
        for stream, entries in reply:
            for entry, fields in entries:
                yield free[_text(stream)], Lease(_text(stream), _text(entry), fields, 1)

    def _start(self, lane: Lane, lease: Lease) -> None:
        if lease.deliveries > MAX_DELIVERIES:
            self._bury(lane, lease, f"It ended without a result {MAX_DELIVERIES} times; whatever ran it was killed.")
            return
        work = lane.handler.prepare(lease)
        if work is None:
            return
        pid, error_fd = fork(work.act)
        self._children[pid] = Child(pid, lane, lease, work, error_fd, time.monotonic() + work.deadline_s)

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is not None:
                self._ended(child, os.waitstatus_to_exitcode(status))

    def _ended(self, child: Child, exit_code: int) -> None:
        error = os.read(child.error_fd, _ERROR_BYTES).decode(errors="replace")
        os.close(child.error_fd)
        if exit_code == 0 or child.killed_for == "lost":
            return
        if child.killed_for:
            child.lane.handler.gave_up(child.lease, child.killed_for, f"It took more than {child.work.deadline_s:g} s.")
        elif child.lease.deliveries >= MAX_DELIVERIES:
            self._bury(child.lane, child.lease, error or f"Its process ended with {exit_code}.")
        else:
            log.warning("%s ended with %s (%s); trying again", child.lease.entry, exit_code, error or "no message")
            again = self._client.xclaim(child.lease.stream, GROUP, self._name, 0, [child.lease.entry])
            self._claimed(child.lane, again)

    def _bury(self, lane: Lane, lease: Lease, reason: str) -> None:
        lane.handler.gave_up(lease, "broken", reason)
        bury(self._client, lease, reason)

    def _supervise(self) -> None:
        """Kill what is past its deadline, cancelled, or no longer ours; renew the other leases."""
        now = time.monotonic()
        states = {run: self._run_state(self._client, run) for run in {c.work.run for c in self._children.values()}}
        for child in self._children.values():
            if child.killed_for:
                continue
            if now >= child.kill_at:
                self._kill(child, "overdue")
            elif states[child.work.run] == "cancelled":
                self._kill(child, "cancelled")
            elif child.lane.shared and now >= child.next_renewal:
                child.next_renewal = now + RENEW_EVERY_S
                lease = child.lease
                if not self._client.eval(store.RENEW, 1, lease.stream, GROUP, self._name, lease.entry):
                    self._kill(child, "lost")

    @staticmethod
    def _kill(child: Child, why: str) -> None:
        child.killed_for = why
        os.kill(child.pid, signal.SIGKILL)  # not yet reaped, so the pid is still the child's

    def _reap_offline(self) -> None:
        """Deadlines hold while Redis is away too."""
        for child in self._children.values():
            if not child.killed_for and time.monotonic() >= child.kill_at:
                self._kill(child, "overdue")

    def _wait_for_child(self, block_ms: int) -> None:
        select.select([child.error_fd for child in self._children.values()], [], [], block_ms / 1000)

    def _drain(self) -> None:
        until = time.monotonic() + STOP_GRACE_S
        while self._children and time.monotonic() < until:
            self._wait_for_child(_BUSY_BLOCK_MS)
            try:
                self._reap()
            except redis.RedisError:
                break
        for child in self._children.values():
            self._kill(child, "lost")
            os.waitpid(child.pid, 0)
        self._client.close()


def bury(client: Any, lease: Lease, reason: str) -> None:
    """Move an entry to the dead letters of its cluster."""
    cluster = lease.stream[lease.stream.index("{") + 1 : lease.stream.index("}")]
    letter = {"stream": lease.stream, "reason": reason, "body": lease.fields.get(b"body", b"")[:_LETTER_BYTES]}
    with client.pipeline(transaction=True) as pipe:
        pipe.xadd(store.Keys(cluster).dead, letter, maxlen=DEAD_LETTERS_KEPT)
        pipe.xack(lease.stream, GROUP, lease.entry)
        pipe.xdel(lease.stream, lease.entry)
        pipe.execute()


def _passes(error: "redis.RedisError") -> bool:
    """Whether waiting helps: with a lost connection, or an answer that is one of `_PASSING`."""
    return isinstance(error, store.RETRYABLE) or any(words in str(error) for words in _PASSING)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
