"""`netcheck agent`: the part on a node that probes.

It holds no token of the cluster, needs no capability and runs as nobody. It does only what its signed jobs name, and
serves the echo that other agents probe.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis

from bot.config import SigningKey
from bot.fleet import Fleet
from bot.processes import fork, give_back_memory, on_stop
from bot.queue.consumer import Consumer
from bot.queue.lease import Lane
from bot.runs.job import Job
from bot.runs.jobs import JobHandler, Observe, live
from bot.store.keys import Keys
from checks.observation import Context, Network
from checks.probes import echo
from checks.registry import CHECKS

SLOTS = 8
"""Jobs at once. All checks of one diagnosis fit; more would only disturb each other's measurements."""
CONSUMER = "agent"
"""The same name on every start: the agent is its stream's only consumer, and so finds what it held before."""
ECHO_PORTS = {Network.HOST: 9708, Network.POD: 9707}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Station:
    """Where an agent stands and how it sees the node."""

    cluster: str
    node: str
    network: Network
    sysfs: str = "/sys"
    procfs: str = "/proc"
    echo: tuple[str, ...] = ()
    """Addresses that its echo listens on; none: no echo."""


def serve(
    connect: Callable[[], "redis.Redis"], key: SigningKey, stations: list[Station], observe: Observe = live
) -> None:
    """Do jobs until SIGTERM. More than one station only for a recording: each is a stream."""
    lanes, echoes = [], []
    for station in stations:
        handler = JobHandler(connect, key, station.cluster, _context(station), observe)
        stream = Keys(station.cluster).jobs(station.network, station.node)
        lanes.append(Lane(stream, SLOTS, handler, shared=False))
        echoes += [Echo(station)] if station.echo else []

    def tick(client: Any) -> None:
        for one in echoes:
            one.keep_alive()
        for station in stations:
            Fleet(client, station.cluster).seen(f"agent-{station.network}", station.node)

    consumer = Consumer(connect, lanes, name=CONSUMER, on_tick=tick)
    on_stop(consumer.stop)
    for check in CHECKS.values():
        if any(station.network in check.networks for station in stations):
            check.load()
    give_back_memory()
    log.info("serving %s", ", ".join(f"{p.node}/{p.network}" for p in stations))
    consumer.run()


class Echo:
    """The echo that other agents probe, in a child that is replaced when it dies."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._pid = 0

    def keep_alive(self) -> None:
        """Start it unless it runs. The consumer reaps it with the other children, so its pid vanishes at its end."""
        try:
            os.kill(self._pid, 0) if self._pid else self._start()
        except ProcessLookupError:
            log.warning("the echo ended; starting it again")
            self._start()

    def _start(self) -> None:
        self._pid, error_fd = fork(self._serve)
        os.close(error_fd)

    def _serve(self) -> None:
        station = self._station
        echo.serve(list(station.echo), ECHO_PORTS[station.network], station.node)


def _context(station: Station) -> Callable[[Job], Context]:
    context = Context(network=station.network, node=station.node, sysfs=station.sysfs, procfs=station.procfs)
    return lambda _: context
