"""The connection to Redis, and which of its failures pass by themselves."""

import socket
import time
from typing import Any

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from bot.errors import ConfigError, Unavailable
from checks.probes.tcp import SEGMENT_BYTES

REPLY_TIMEOUT_S = 5.0
"""How long a reply may take. Blocking reads must stay below it, or the client gives up while the server still waits."""
LONGEST_BLOCK_MS = 1000
_TCP = {"socket_keepalive": True, "socket_keepalive_options": {socket.TCP_MAXSEG: SEGMENT_BYTES}}
"""redis-py sets these options on the socket before it connects, so the peer keeps to the segment size as well."""
RETRYABLE = (redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError)
"""What passes by itself: a restart, a fail-over, a server that still reads its append-only file."""
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


def passes(error: "redis.RedisError") -> bool:
    """Whether waiting helps: with a lost connection, or an answer that is one of `_PASSING`."""
    return isinstance(error, RETRYABLE) or any(words in str(error) for words in _PASSING)


def server_time(client: Any) -> float:
    """Unix time in seconds by Redis's clock, the one clock that all processes share."""
    seconds, micros = client.time()
    return float(seconds) + float(micros) / 1e6
