"""`netcheck worker`: takes runs, and does the jobs that are asked of the API server."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis
from checks.cluster.snapshot import Snapshot
from checks.observation import ClusterAPI, Context, Network

from bot import store
from bot.errors import BadEnvelope, ConfigError, Unavailable
from bot.queue import GROUP, Consumer, Lane, Lease, Work, bury
from bot.queue.envelope import unseal
from bot.roles.agent import stop_on_signal
from bot.runs.bundle import Replay, read
from bot.runs.execution import Execution, Source
from bot.runs.jobs import JobHandler, Observe, live, run_state_of
from bot.runs.model import OPEN, RUN_DEADLINE_S, Job, RunRequest
from bot.runs.runs import Runs
from checks import cluster as api_server

RUN_SLOTS = 8
JOB_SLOTS = 8

log = logging.getLogger(__name__)


class RunHandler:
    """Sees runs to their end."""

    def __init__(
        self, connect: Callable[[], "redis.Redis"], key: bytes, cluster: str, source: Source, ttl_s: int
    ) -> None:
        self._connect = connect
        self._client: Any = connect()
        self._ttl_s = ttl_s
        self._runs = Runs(self._client, cluster, ttl_s=ttl_s)
        self._key = key
        self._source = source
        self._run_state = run_state_of(cluster)

    def prepare(self, lease: Lease) -> Work | None:
        """See `bot.queue.Handler`."""
        try:
            request = self._request(lease)
        except BadEnvelope as error:
            log.warning("refused a run: %s", error.text)
            bury(self._client, lease, error.text)
            return None
        state = self._run_state(self._client, request.id)
        if state not in OPEN:
            self._done(self._client, lease)
            return None
        if state == "queued" and store.server_time(self._client) > request.expires_at:
            self._fail(lease, request, "It waited so long that nobody needs the answer any more. Ask again.")
            return None
        return Work(request.id, lambda: self._act(lease, request), RUN_DEADLINE_S)

    def gave_up(self, lease: Lease, why: str, reason: str) -> None:
        """See `bot.queue.Handler`."""
        words = {
            "overdue": f"It was stopped: {reason} Look at `status`.",
            "broken": f"netcheck itself failed, which says nothing about the cluster: {reason}",
            "cancelled": "It was cancelled.",
        }
        # An entry that was delivered too often comes here unprepared, so it may be anything; its dead letter remains.
        with contextlib.suppress(BadEnvelope):
            self._fail(lease, self._request(lease), words[why])

    def _request(self, lease: Lease) -> RunRequest:
        """The request of an entry.

        Raises:
            BadEnvelope: it cannot be trusted, or was signed for another cluster.
        """
        request = unseal(self._key, lease.fields, RunRequest)
        if request.cluster != self._runs.cluster:
            raise BadEnvelope(
                f"The run is for the cluster {request.cluster}.",
                hint="Look who else may write to Redis: somebody copied it.",
            )
        return request

    def _act(self, lease: Lease, request: RunRequest) -> None:
        client = self._connect()
        Execution(client, Runs(client, request.cluster, ttl_s=self._ttl_s), request, self._key).execute(self._source)
        self._done(client, lease)

    def _fail(self, lease: Lease, request: RunRequest, error: str) -> None:
        self._runs.update(request.id, state="failed", error=error)
        self._done(self._client, lease)

    def _done(self, client: Any, lease: Lease) -> None:
        with client.pipeline(transaction=True) as pipe:
            pipe.xack(lease.stream, GROUP, lease.entry)
            pipe.xdel(lease.stream, lease.entry)
            pipe.execute()


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a worker needs of its cluster: live, or from a recording."""

    name: str
    source: Source
    api: ClusterAPI | None
    observe: Observe = live


class LiveSource:
    """The API server's snapshot, with the errors that people see."""

    def __init__(self, cluster: api_server.Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace

    def snapshot(self) -> Snapshot:
        """See `bot.execution.Source`."""
        try:
            return self._cluster.snapshot(self._namespace)
        except api_server.ClusterUnavailable as error:
            raise Unavailable(str(error)) from error


def live_cluster(name: str, namespace: str) -> Cluster:
    """The cluster of the service account or the kubeconfig.

    Raises:
        ConfigError: neither can be used.
    """
    try:
        connected = api_server.Cluster.connect(name)
    except api_server.ClusterUnavailable as error:
        raise ConfigError(str(error)) from error
    return Cluster(name, LiveSource(connected, namespace), connected)


def recorded_cluster(path: str) -> Cluster:
    """A recording in place of a cluster.

    Raises:
        ConfigError: the file is no bundle.
    """
    replay = Replay(read(path))
    return Cluster(replay.bundle.cluster, replay, None, replay)


def serve(connect: Callable[[], "redis.Redis"], key: bytes, cluster: Cluster, name: str, ttl_s: int) -> None:
    """Do runs and jobs until SIGTERM; runs are kept for `ttl_s` seconds after their last change."""
    keys = store.Keys(cluster.name)

    def context(_: Job) -> Context:
        return Context(network=Network.CLUSTER, cluster=cluster.api)

    def tick(client: Any) -> None:
        client.eval(store.SEEN, 1, keys.members, f"worker/{name}")
        client.eval(store.SEEN, 1, store.CLUSTERS, cluster.name)

    jobs = JobHandler(connect, key, cluster.name, context, cluster.observe)
    lanes = [
        Lane(keys.runs, RUN_SLOTS, RunHandler(connect, key, cluster.name, cluster.source, ttl_s), shared=True),
        Lane(keys.jobs(Network.CLUSTER), JOB_SLOTS, jobs, shared=True),
    ]
    consumer = Consumer(connect, lanes, name=name, run_state=run_state_of(cluster.name), on_tick=tick)
    stop_on_signal(consumer)
    log.info("worker %s serves cluster %s", name, cluster.name)
    consumer.run()
