"""`netcheck worker`: takes runs, and does the jobs that are asked of the API server."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis

from bot.config import SigningKey
from bot.errors import ConfigError, Unavailable
from bot.fleet import Fleet, cluster_seen
from bot.processes import on_stop
from bot.queue.consumer import Consumer
from bot.queue.lease import Lane
from bot.runs.bundle import Replay, read
from bot.runs.execution import Keeping, Source
from bot.runs.handler import RunHandler
from bot.runs.job import Job
from bot.runs.jobs import JobHandler, Observe, live
from bot.store.keys import Keys
from checks.cluster import api as api_server
from checks.cluster.snapshot import Snapshot
from checks.observation import ClusterAPI, Context, Network

RUN_SLOTS = 8
JOB_SLOTS = 8

log = logging.getLogger(__name__)


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
        """See `bot.runs.execution.Source`."""
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


def serve(connect: Callable[[], "redis.Redis"], key: SigningKey, cluster: Cluster, name: str, keeping: Keeping) -> None:
    """Do runs and jobs until SIGTERM."""
    keys = Keys(cluster.name)

    def context(_: Job) -> Context:
        return Context(network=Network.CLUSTER, cluster=cluster.api)

    def tick(client: Any) -> None:
        fleet = Fleet(client, cluster.name)
        fleet.seen("worker", name)
        cluster_seen(client, cluster.name)
        if isinstance(cluster.api, api_server.Cluster):
            # For the children that are forked from here on.
            cluster.api.servers = fleet.api_servers()

    runs = RunHandler(connect, key, cluster.name, cluster.source, keeping)
    jobs = JobHandler(connect, key, cluster.name, context, cluster.observe)
    lanes = [
        Lane(keys.runs, RUN_SLOTS, runs, shared=True),
        Lane(keys.jobs(Network.CLUSTER), JOB_SLOTS, jobs, shared=True),
    ]
    consumer = Consumer(connect, lanes, name=name, on_tick=tick)
    on_stop(consumer.stop)
    log.info("worker %s serves cluster %s", name, cluster.name)
    consumer.run()
