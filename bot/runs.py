"""Runs: what a person or a schedule asked for, from the request to the report.

A run lives in Redis and belongs to no process. Whoever asks (`submit`), whoever does it (`bot.worker`) and whoever
shows it (Slack, a terminal) may each die and come back; the record says how far it is.
"""

import contextlib
import logging
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import redis
from checks.observation import Network
from checks.report import Report

from bot import store
from bot.errors import Refused, UsageError
from bot.messages.where import Where
from bot.queue.envelope import seal
from bot.runs.model import RunRequest

OPEN = ("queued", "running")
MEMBER_SEEN_S = 5.0
"""A worker or an agent that was not heard of for so long is gone; they tell about once a second."""
RUN_DEADLINE_S = 60.0
WAITING_S = 120.0
"""A run that nobody took for so long has missed its moment."""
_RETRY_PAUSE_S = 0.1
UNREADABLE = (msgspec.MsgspecError, RecursionError, LookupError, ValueError)
"""What decoding raises for what another version, or somebody else with access to Redis, has written."""

log = logging.getLogger(__name__)


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a run is."""

    stage: str = ""
    """What is being done, in a few words."""
    done: int = 0
    total: int = 0
    """Jobs."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it stands."""

    request: RunRequest
    state: str
    """`queued`, `running`, `done`, `failed` or `cancelled`."""
    version: int = 0
    """Rises with every change."""
    progress: Progress = Progress()
    report: Report | None = None
    error: str = ""
    """Why it failed or was cancelled, for a person."""
    where: Where | None = None
    message: str = ""
    """Slack's `ts` of the message that shows it; empty until posted."""

    @property
    def id(self) -> str:
        """Its id."""
        return self.request.id

    @property
    def open(self) -> bool:
        """Whether it is still to end."""
        return self.state in OPEN


class Member(msgspec.Struct, frozen=True):
    """A worker or an agent that was seen lately."""

    role: str
    """`worker`, `agent-host` or `agent-pod`."""
    name: str
    """The worker's name or the agent's node."""
    age_s: float


class Backlog(msgspec.Struct, frozen=True):
    """What waits on one stream."""

    stream: str
    entries: int
    oldest_s: float


class DeadLetter(msgspec.Struct, frozen=True):
    """A job or run that was given up."""

    stream: str
    reason: str
    age_s: float


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How netcheck itself is, for one cluster."""

    cluster: str
    members: tuple[Member, ...]
    nodes: tuple[str, ...]
    backlog: tuple[Backlog, ...]
    dead: tuple[DeadLetter, ...]
    recent: tuple[Run, ...]


class Runs:
    """All runs of one cluster.

    Every method may raise `redis.RedisError`; whoever talks to a person turns it into words.
    """

    def __init__(self, client: "redis.Redis", cluster: str, *, ttl_s: int = 604800, limit: int = 200) -> None:
        self.client: Any = client
        self.keys = store.Keys(cluster)
        self.cluster = cluster
        self._ttl = ttl_s
        self._limit = limit

    def submit(self, request: RunRequest, key: bytes, where: Where | None = None) -> bool:
        """Store a run and queue it, in one step; False when the same run is known already.

        Raises:
            Refused: the queue is full.
        """
        envelope = seal(key, request)
        fields: list[Any] = ["request", msgspec.json.encode(request), "state", "queued", "version", 0]
        if where is not None:
            fields += ["channel", where.channel, "where", msgspec.json.encode(where)]
        taken = self.client.eval(
            store.SUBMIT,
            3,
            self.keys.runs,
            self.keys.run(request.id),
            self.keys.recent,
            self._limit,
            request.id,
            request.requested_at,
            envelope["body"],
            envelope["signature"],
            self._ttl,
            *fields,
        )
        if taken == -1:
            raise Refused(
                f"{self._limit} runs are waiting in {self.cluster} already, so this one was not taken.",
                hint="Try again in a minute, and see what the workers are doing:",
                command="status",
            )
        if taken == 1:
            self.update(request.id, state="queued")
        return bool(taken == 1)

    def update(self, run: str, **fields: Any) -> bool:
        """Change fields of an open run (structs as JSON) and tell everyone; False when it has ended or is unknown."""
        encoded = [v if isinstance(v, str | int | float | bytes) else msgspec.json.encode(v) for v in fields.values()]
        pairs = [item for pair in zip(fields, encoded, strict=True) for item in pair]
        return bool(
            self.client.eval(
                store.UPDATE,
                3,
                self.keys.run(run),
                self.keys.events(run),
                self.keys.announcements,
                run,
                self._ttl,
                *pairs,
            )
        )

    def get(self, run: str) -> Run | None:
        """A run by its id, or None when there is none, its time to live has passed or it is of another version."""
        fields = self.client.hgetall(self.keys.run(run))
        try:
            return _run(fields) if b"request" in fields else None
        except UNREADABLE as error:
            log.warning("the record of run %s cannot be read: %s", run, error)
            return None

    def find(self, prefix: str) -> Run:
        """A run by its id or by the first characters of it, as people type it.

        Raises:
            UsageError: none or several begin so.
        """
        recent = [r.decode() for r in self.client.zrevrange(self.keys.recent, 0, 499)]
        matches = [r for r in recent if prefix and r.startswith(prefix)]
        run = self.get(matches[0]) if len(matches) == 1 else None
        if run is None:
            what = "Several runs begin" if len(matches) > 1 else "No run begins"
            raise UsageError(
                f"{what} with {prefix!r} in {self.cluster}.",
                hint="The recent runs are listed:",
                command=f"status in {self.cluster}",
            )
        return run

    def cancel(self, run: Run, by: str) -> bool:
        """End a run that is still open; its jobs are killed or never start. False when it had ended already."""
        return self.update(run.id, state="cancelled", error=f"Cancelled by {by}.")

    def watch(self, run: str, timeout_s: float) -> Iterator[Run]:
        """The run now and after every change, until it has ended, for `timeout_s` seconds at most.

        A restart of Redis meanwhile is waited out: the run goes on after it, too.
        """
        until = time.monotonic() + timeout_s
        last = "0"
        while True:
            try:
                current = self.get(run)
            except store.RETRYABLE:
                if time.monotonic() > until:
                    raise
                time.sleep(_RETRY_PAUSE_S)
                continue
            if current is None:
                return
            yield current
            if not current.open or time.monotonic() > until:
                return
            with contextlib.suppress(*store.RETRYABLE):
                reply = self.client.xread({self.keys.events(run): last}, block=store.LONGEST_BLOCK_MS)
                last = reply[0][1][-1][0] if reply else last

    def recent(self, count: int = 5) -> tuple[Run, ...]:
        """The newest runs first."""
        ids = self.client.zrevrange(self.keys.recent, 0, count - 1)
        found = (self.get(i.decode()) for i in ids)
        return tuple(run for run in found if run is not None)

    def members(self) -> tuple[Member, ...]:
        """Workers and agents that were seen within the last minute."""
        now = store.server_time(self.client)
        rows = self.client.zrangebyscore(self.keys.members, now - 60, "+inf", withscores=True)
        pairs = ((_words(member).partition("/"), score) for member, score in rows)
        return tuple(Member(role, name, max(0.0, now - score)) for (role, _, name), score in pairs)

    def nodes(self) -> tuple[str, ...]:
        """The names of the cluster's nodes, as far as they are known; empty before the first snapshot."""
        stored = self.client.get(self.keys.nodes)
        known = set(msgspec.json.decode(stored, type=list[str])) if stored else set()
        return tuple(sorted(known | {m.name for m in self.members() if m.role.startswith("agent-")}))

    def status(self) -> Status:
        """How netcheck itself is."""
        now = store.server_time(self.client)
        streams = [self.keys.runs, self.keys.jobs(Network.CLUSTER)]
        streams += [self.keys.jobs(n, node) for node in self.nodes() for n in (Network.HOST, Network.POD)]
        backlog = (self._backlog(stream, now) for stream in streams)
        dead = self.client.xrevrange(self.keys.dead, count=5)
        return Status(
            cluster=self.cluster,
            members=self.members(),
            nodes=self.nodes(),
            backlog=tuple(b for b in backlog if b.entries),
            dead=tuple(
                DeadLetter(_words(f.get(b"stream")), _words(f.get(b"reason")), now - _entry_time(entry))
                for entry, f in dead
            ),
            recent=self.recent(),
        )

    def _backlog(self, stream: str, now: float) -> Backlog:
        first = self.client.xrange(stream, count=1)
        return Backlog(stream, self.client.xlen(stream), now - _entry_time(first[0][0]) if first else 0.0)


def clusters(client: "redis.Redis") -> tuple[str, ...]:
    """The names of all clusters that a worker was seen of within a day."""
    now = store.server_time(client)
    rows: Any = client.zrangebyscore(store.CLUSTERS, now - store.FORGOTTEN_S, "+inf")
    return tuple(sorted(name for name in map(_words, rows) if store.CLUSTER_NAME.fullmatch(name)))


def _run(fields: dict[bytes, bytes]) -> Run:
    def decoded(name: bytes, kind: Any, default: Any) -> Any:
        return msgspec.json.decode(fields[name], type=kind) if name in fields else default

    return Run(
        request=msgspec.json.decode(fields[b"request"], type=RunRequest),
        state=fields[b"state"].decode(),
        version=int(fields.get(b"version", b"0")),
        progress=decoded(b"progress", Progress, Progress()),
        report=decoded(b"report", Report, None),
        error=fields.get(b"error", b"").decode(),
        where=decoded(b"where", Where, None),
        message=fields.get(b"message", b"").decode(),
    )


def _words(stored: bytes | None) -> str:
    """Text for a person, whatever it is that was stored."""
    return (stored or b"").decode(errors="replace")


def _entry_time(entry: bytes) -> float:
    """Unix time in seconds of a stream entry's id."""
    return int(entry.split(b"-")[0]) / 1000
