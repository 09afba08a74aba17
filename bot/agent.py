"""`netcheck agent`: the part on a node that probes.

It holds no token of the cluster, needs no capability and runs as nobody. It does only what its signed jobs name, and
serves the echo that other agents probe.
"""

import contextlib
import ctypes
import gc
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis
from checks.observation import Context, Network
from checks.probes import echo

from bot import store
from bot.queue import Consumer, Lane, fork
from bot.runs.jobs import JobHandler, Observe, live, run_state_of
from bot.runs.model import Job
from checks.registry import CHECKS

SLOTS = 8
"""Jobs at once. All checks of one diagnosis fit; more would only disturb each other's measurements."""
CONSUMER = "agent"
"""The same name on every start: the agent is its stream's only consumer, and so finds what it held before."""
ECHO_PORTS = {Network.HOST: 9708, Network.POD: 9707}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent stands and how it sees the node."""

    cluster: str
    node: str
    network: Network
    sysfs: str = "/sys"
    procfs: str = "/proc"
    echo: tuple[str, ...] = ()
    """Addresses that its echo listens on; none: no echo."""


def serve(connect: Callable[[], "redis.Redis"], key: bytes, places: list[Place], observe: Observe = live) -> None:
    """Do jobs until SIGTERM. More than one place only for a recording: each place is a stream."""
    lanes, echoes = [], []
    for place in places:
        handler = JobHandler(connect, key, place.cluster, _context(place), observe)
        stream = store.Keys(place.cluster).jobs(place.network, place.node)
        lanes.append(Lane(stream, SLOTS, handler, shared=False))
        echoes += [Echo(place)] if place.echo else []

    def tick(client: Any) -> None:
        for one in echoes:
            one.keep_alive()
        seen(client, places)

    consumer = Consumer(
        connect,
        lanes,
        name=CONSUMER,
        run_state=run_state_of(places[0].cluster),
        on_tick=tick,
    )
    stop_on_signal(consumer)
    for check in CHECKS.values():
        if any(place.network in check.networks for place in places):
            check.load()
    give_back_memory()
    log.info("serving %s", ", ".join(f"{p.node}/{p.network}" for p in places))
    consumer.run()


def give_back_memory() -> None:
    """Return to the kernel what importing left behind: about a third of an agent's memory (measured: 47 to 34 MiB).

    Only glibc can; elsewhere nothing happens. What stays is frozen, so that children share it instead of copying it.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    gc.freeze()


class Echo:
    """The echo that other agents probe, in a child that is replaced when it dies."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._pid = 0

    def keep_alive(self) -> None:
        """Start it unless it runs. The consumer reaps it with the other children, so its pid vanishes at its end."""
        try:
            os.kill(self._pid, 0) if self._pid else self._start()
        except ProcessLookupError:
            log.warning("the echo ended; starting it again")
            self._start()

    def _start(self) -> None:
        self._pid, error_fd = fork(lambda: echo.serve(list(self._place.echo), ECHO_PORTS[self._place.network]))
        os.close(error_fd)


def seen(client: Any, places: list[Place]) -> None:
    """Say that these agents are alive."""
    for place in places:
        client.eval(store.SEEN, 1, store.Keys(place.cluster).members, f"agent-{place.network}/{place.node}")


def stop_on_signal(consumer: Consumer) -> None:
    """Let SIGTERM and Ctrl-C end a consumer in order."""

    def stop(*_: object) -> None:
        consumer.stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _context(place: Place) -> Callable[[Job], Context]:
    context = Context(network=place.network, node=place.node, sysfs=place.sysfs, procfs=place.procfs)
    return lambda _: context
