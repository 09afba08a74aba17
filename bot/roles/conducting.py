"""The loop that moves the executions of all clusters on and reminds people of them, in every replica of the bot."""

import logging
import threading

import redis

from bot.commands.clusters import Clusters
from bot.config import SigningKey
from bot.incidents.conductor import Conductor
from bot.incidents.reminders import Reminders

POLL_S = 0.2
_AWAY_S = 1.0

log = logging.getLogger(__name__)


class Conducting:
    """The loop; `run` is its thread's target."""

    def __init__(self, clusters: Clusters, jobs: SigningKey, operations: SigningKey | None, remind_s: float) -> None:
        self._clusters = clusters
        self._remind_s = remind_s
        self._jobs = jobs
        self._operations = operations
        self._stop = threading.Event()

    def stop(self) -> None:
        """End `run` soon."""
        self._stop.set()

    def run(self) -> None:
        """Move on what is due until told to stop."""
        away = False
        while not self._stop.wait(_AWAY_S if away else POLL_S):
            try:
                for cluster in self._clusters.names():
                    runs = self._clusters.runs(cluster)
                    Conductor(runs, self._jobs, self._operations).look()
                    Reminders(runs.client, cluster, self._remind_s).look()
                away = False
            except redis.RedisError as error:
                if not away:
                    log.warning("Redis does not answer (%s): plans stand still until it does", error)
                away = True
