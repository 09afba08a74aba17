"""Redis: the connection, the names of the keys and the scripts that change more than one of them at once.

Every key of a cluster carries the hash tag `{cluster}`, so that a script may touch several of them on Redis Cluster
too, and so that two clusters can share one Redis without ever meeting.
"""

import re
import socket
import time
from dataclasses import dataclass
from typing import Any

import redis
from checks.observation import Network
from checks.probes.tcp import SEGMENT_BYTES
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from bot.errors import ConfigError, Unavailable

REPLY_TIMEOUT_S = 5.0
"""How long a reply may take. Blocking reads must stay below it, or the client gives up while the server still waits."""
LONGEST_BLOCK_MS = 1000
_TCP = {"socket_keepalive": True, "socket_keepalive_options": {socket.TCP_MAXSEG: SEGMENT_BYTES}}
"""redis-py sets these options on the socket before it connects, so the peer keeps to the segment size as well."""
CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@-]{0,99}")
"""A name is part of every key, where braces mean something, and one word of a command."""
RETRYABLE = (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError)
"""What passes by itself: a restart, a fail-over, a server that still reads its append-only file."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one cluster.

    Raises:
        ConfigError: the cluster cannot be called so.
    """

    cluster: str

    def __post_init__(self) -> None:
        if not CLUSTER_NAME.fullmatch(self.cluster):
            raise ConfigError(
                f"A cluster cannot be called {self.cluster[:100]!r}.",
                hint="NETCHECK_CLUSTER takes up to 100 letters, digits and `. _ - / @`, the first a letter or digit.",
            )

    def _key(self, *parts: str) -> str:
        return ":".join((f"netcheck:{{{self.cluster}}}", *parts))

    @property
    def runs(self) -> str:
        """Stream: runs waiting for a worker."""
        return self._key("runs")

    def jobs(self, network: Network, node: str = "") -> str:
        """Stream: jobs waiting for one agent, or for any worker (`Network.CLUSTER`)."""
        return self._key("jobs", node, network.value) if node else self._key("jobs", network.value)

    @property
    def members(self) -> str:
        """Sorted set: `role/name` by the time it was last seen."""
        return self._key("members")

    @property
    def nodes(self) -> str:
        """String: JSON list of the nodes that the last snapshot saw."""
        return self._key("nodes")

    @property
    def recent(self) -> str:
        """Sorted set: run ids by the time they were asked for."""
        return self._key("recent")

    @property
    def announcements(self) -> str:
        """Sorted set: ids of runs whose message is due to be edited, by the time it is due."""
        return self._key("announcements")

    @property
    def dead(self) -> str:
        """Stream: jobs and runs that were given up, with the reason."""
        return self._key("dead")

    @property
    def audit(self) -> str:
        """Stream: who did what, as `bot.access.audit` writes it."""
        return self._key("audit")

    def run(self, run: str) -> str:
        """Hash: one run."""
        return self._key("run", run)

    def plan(self, run: str) -> str:
        """String: the snapshot and the jobs that a run decided on."""
        return self._key("run", run, "plan")

    def results(self, run: str) -> str:
        """Hash: observations of a run by job id."""
        return self._key("run", run, "results")

    def enqueued(self, run: str) -> str:
        """Hash: the stream entry of each of the run's jobs that has been enqueued."""
        return self._key("run", run, "enqueued")

    def events(self, run: str) -> str:
        """Stream: one entry whenever something about a run changed."""
        return self._key("run", run, "events")


CLUSTERS = "netcheck:clusters"
"""Sorted set: names of clusters by the time a worker of theirs was last seen."""
FORGOTTEN_S = 86400
"""After so long without a sign a cluster, a worker or an agent is forgotten."""


def connect(url: str, *, reply_timeout_s: float = REPLY_TIMEOUT_S, tries: int = 3) -> "redis.Redis":
    """A client for a Redis URL. Nothing is sent yet.

    `reply_timeout_s` and `tries` are smaller where somebody waits for an answer in the meantime.

    Raises:
        ConfigError: the URL cannot be understood.
    """
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=reply_timeout_s,
            socket_connect_timeout=min(2.0, reply_timeout_s),
            protocol=2,
            **({} if url.startswith("unix:") else _TCP),
            # One quick second try hides a restarted server from short commands; whoever loops has patience of its own.
            retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), tries - 1),
        )
    except ValueError as error:
        raise ConfigError(
            f"NETCHECK_REDIS_URL cannot be understood: {error}.", hint="Write it as redis://:password@host:6379/0."
        ) from None


def reachable(client: "redis.Redis", patience_s: float = 0.0) -> None:
    """Wait until Redis answers.

    Raises:
        Unavailable: it did not within the patience.
    """
    until = time.monotonic() + patience_s
    while True:
        try:
            client.ping()
        except redis.AuthenticationError as error:
            raise ConfigError(f"Redis refuses the password: {error}.", hint="Look at NETCHECK_REDIS_URL.") from None
        except redis.RedisError as error:
            if time.monotonic() >= until:
                raise Unavailable(
                    f"Redis does not answer: {error}.", hint="Look at NETCHECK_REDIS_URL and whether Redis runs."
                ) from None
            time.sleep(0.1)
        else:
            return


def server_time(client: Any) -> float:
    """Unix time in seconds by Redis's clock, the one clock that all processes share."""
    seconds, micros = client.time()
    return float(seconds) + float(micros) / 1e6


SUBMIT = """
-- runs, run, recent | limit, id, now, body, signature, ttl, then the fields of the run
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return -1 end
redis.call('HSET', KEYS[2], unpack(ARGV, 7))
redis.call('EXPIRE', KEYS[2], ARGV[6])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[3] - ARGV[6])
redis.call('XADD', KEYS[1], '*', 'body', ARGV[4], 'signature', ARGV[5])
return 1
"""
"""Store a run and put it in the queue: 1 taken, 0 known already (the same request came twice), -1 the queue is full."""

ENQUEUE = """
-- stream, enqueued | job, body, signature, ttl
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 0 end
local entry = redis.call('XADD', KEYS[1], '*', 'body', ARGV[2], 'signature', ARGV[3])
redis.call('HSET', KEYS[2], ARGV[1], entry)
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
"""
"""Enqueue a job unless a former attempt at the same run already did."""

COMPLETE = """
-- results, events, stream | job, observation, group, entry, ttl
local first = redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
if first == 1 then
  redis.call('XADD', KEYS[2], '*', 'job', ARGV[1])
  redis.call('EXPIRE', KEYS[1], ARGV[5])
  redis.call('EXPIRE', KEYS[2], ARGV[5])
end
if ARGV[4] ~= '' then
  redis.call('XACK', KEYS[3], ARGV[3], ARGV[4])
  redis.call('XDEL', KEYS[3], ARGV[4])
end
return first
"""
"""Store a job's result, the first one for good, and take the job off its stream."""

UPDATE = """
-- run, events, announcements | id, ttl, then the fields
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 1000, '*', 'run', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
if redis.call('HEXISTS', KEYS[1], 'channel') == 1 then
  local now = redis.call('TIME')
  local at = now[1] + now[2] / 1e6
  local shown = redis.call('HGET', KEYS[1], 'shown')
  if shown and shown + 1.0 > at then at = shown + 1.0 end
  redis.call('ZADD', KEYS[3], 'NX', string.format('%.6f', at), ARGV[1])
end
return 1
"""
"""Change an open run, tell those who watch it, and have its message edited, at most once a second."""

RENEW = """
-- stream | group, consumer, entry
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
if #pending == 0 then return 0 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'JUSTID')
return 1
"""
"""Renew a lease, but only for its owner: a plain XCLAIM after a stall would steal the job back from its new holder."""

DUE = """
-- announcements | lease in seconds, count
local now = redis.call('TIME')
local at = string.format('%.6f', now[1] + now[2] / 1e6)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', at, 'LIMIT', 0, ARGV[2])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now[1] + ARGV[1], id) end
return due
"""
"""Take messages that are due. Each is leased, not removed: if the taker dies, it is due again."""

SETTLED = """
-- announcements, run | id, version, again in seconds
local now = redis.call('TIME')
local at = now[1] + now[2] / 1e6
if redis.call('EXISTS', KEYS[2]) == 0 then return redis.call('ZREM', KEYS[1], ARGV[1]) end
redis.call('HSET', KEYS[2], 'shown', string.format('%.6f', at))
if redis.call('HGET', KEYS[2], 'version') == ARGV[2] then return redis.call('ZREM', KEYS[1], ARGV[1]) end
redis.call('ZADD', KEYS[1], string.format('%.6f', at + ARGV[3]), ARGV[1])
return 0
"""
"""A message shows a version: done if that is the newest, else due again."""

BEGIN = """
-- run | part, hold in seconds
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local now = redis.call('TIME')
local at = string.format('%.6f', now[1] + now[2] / 1e6)
local last = redis.call('HGET', KEYS[1], 'posting:' .. ARGV[1])
if last and last + ARGV[2] > tonumber(at) then return -1 end
redis.call('HSET', KEYS[1], 'posting:' .. ARGV[1], at)
if redis.call('HSETNX', KEYS[1], 'begun:' .. ARGV[1], at) == 1 then return 0 end
return redis.call('HGET', KEYS[1], 'begun:' .. ARGV[1])
"""
"""Note that a post is begun: -1 while another one may be under way, 0 for the first, else when the first one began."""

SEEN = f"""
-- a sorted set | member
local now = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now[1] - {FORGOTTEN_S})
return redis.call('ZADD', KEYS[1], string.format('%.6f', now[1] + now[2] / 1e6), ARGV[1])
"""
"""Note that a worker, an agent or a cluster is alive, by Redis's clock, and forget who was not for long."""

FORGET = """
-- stream | group, idle milliseconds
if redis.call('EXISTS', KEYS[1]) == 0 then return end
for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #row, 2 do consumer[row[i]] = row[i + 1] end
  if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
  end
end
"""
"""Forget consumers that are long gone. What one of them still holds is taken over first."""
