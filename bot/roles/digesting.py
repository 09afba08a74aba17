"""The loop that fires digests and moves them on, in every replica of the bot."""

import logging
import threading

import redis

from bot.commands.clusters import Clusters
from bot.config import SigningKey
from bot.digests.digests import Digests
from bot.digests.scheduler import Scheduler

POLL_S = 0.5
_AWAY_S = 1.0

log = logging.getLogger(__name__)


class Digesting:
    """The loop; `run` is its thread's target."""

    def __init__(self, clusters: Clusters, key: SigningKey) -> None:
        self._clusters = clusters
        self._key = key
        self._stop = threading.Event()
        self._schedulers: dict[str, Scheduler] = {}

    def stop(self) -> None:
        """End `run` soon."""
        self._stop.set()

    def run(self) -> None:
        """Fire what is due until told to stop."""
        away = False
        try:
            while not self._stop.wait(_AWAY_S if away else POLL_S):
                try:
                    self._turn()
                    away = False
                except redis.RedisError as error:
                    if not away:
                        log.warning("Redis does not answer (%s): digests are made when it does", error)
                    away = True
        finally:
            for scheduler in self._schedulers.values():
                scheduler.stop()

    def _turn(self) -> None:
        names = self._clusters.names()
        for name in self._schedulers.keys() - set(names):
            self._schedulers.pop(name).stop()
        for name in names:
            runs = self._clusters.runs(name)
            if name not in self._schedulers:
                self._schedulers[name] = Scheduler(runs)
            self._schedulers[name].refresh()
            Digests(runs).look(self._key)
