"""What is known of the clusters, without asking Redis for every command.

Many people type at once when something is broken. The names of clusters and nodes change rarely, so one command a
second asks for them and the others share the answer; when Redis does not answer, they share that too instead of
waiting in turn.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import redis

from bot.fleet import clusters
from bot.runs.runs import Runs
from bot.store.connection import server_time

MAX_AGE_S = 1.0
Value = TypeVar("Value")


class Shared(Generic[Value]):
    """A value that is loaded by one thread at a time and is good for `MAX_AGE_S`; so is the failure to load it."""

    def __init__(self, load: Callable[[], Value]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded_at = float("-inf")
        self._result: Callable[[], Value] = load

    def get(self) -> Value:
        """The value.

        Raises:
            redis.RedisError: it could not be loaded.
        """
        with self._lock:
            if time.monotonic() - self._loaded_at > MAX_AGE_S:
                self._result = self._outcome()
                self._loaded_at = time.monotonic()
        return self._result()

    def _outcome(self) -> Callable[[], Value]:
        try:
            value = self._load()
        except redis.RedisError as error:
            failure = error
            return lambda: _raise(failure)
        return lambda: value


class Clusters:
    """All clusters that share one Redis. Every method may raise `redis.RedisError`."""

    def __init__(self, client: "redis.Redis", *, ttl_s: int, limit: int) -> None:
        self.client = client
        self._limits = {"ttl_s": ttl_s, "limit": limit}
        self._names: Shared[Sequence[str]] = Shared(lambda: clusters(client))
        # How far Redis's clock is ahead of this process's monotonic one; neither jumps.
        self._ahead = Shared(lambda: server_time(client) - time.monotonic())
        self._nodes: dict[str, Shared[Sequence[str]]] = {}

    def names(self) -> Sequence[str]:
        """Every cluster that a worker was seen of lately."""
        return self._names.get()

    def nodes(self, cluster: str) -> Sequence[str]:
        """The nodes of a cluster, as far as they are known."""
        return self._nodes.setdefault(cluster, Shared(self.runs(cluster).fleet.nodes)).get()

    def now(self) -> float:
        """Unix time in seconds by Redis's clock."""
        return time.monotonic() + self._ahead.get()

    def runs(self, cluster: str) -> Runs:
        """The runs of a cluster."""
        return Runs(self.client, cluster, **self._limits)


def _raise(error: "redis.RedisError") -> Any:
    raise error
