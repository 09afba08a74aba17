"""Fires digests on time, in every replica of the bot: APScheduler, loaded from the definitions and loaded anew.

Each replica runs a scheduler of its own that keeps nothing: a firing is claimed under an id made of its definition and
its time, so replicas make one digest together. What nobody fired, because nobody was there or Redis was not, is
caught up: the last missed firing of each definition, once.
"""

import logging
from typing import Any

import redis
from apscheduler.events import EVENT_JOB_SUBMITTED, JobSubmissionEvent
from apscheduler.executors.base import BaseExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.base import BaseScheduler

from bot.digests.digests import Digests
from bot.digests.model import Definition
from bot.runs.runs import Runs
from bot.store.connection import server_time

GRACE_S = 300
"""A firing that this process was too busy for is still its own for so long; APScheduler's default is one second."""
CAUGHT_UP_EVERY_S = 10.0
LATEST_S = 3 * 86400.0
"""What was missed longer ago is no news any more."""

log = logging.getLogger(__name__)


class _Nothing(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Jobs do nothing themselves: that one is due is what counts, with the time for which it was scheduled."""

    def _do_submit_job(self, job: Any, run_times: Any) -> None:  # noqa: ARG002 - its interface
        self._run_job_success(job.id, [])


class _Polled(BaseScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Looks when it is told to, and by the clock of that moment.

    APScheduler's own threads sleep until the next job, and wake late where the machine slept too or its clock was set.
    """

    def wakeup(self) -> None:
        """Whatever has changed is seen at the next look, within a second."""

    def shutdown(self, wait: bool = True) -> None:  # noqa: FBT001, FBT002 - its interface
        """Nothing waits: there is no thread."""
        super().shutdown(wait)

    def look(self) -> None:
        """Tell the listeners of every job that is due."""
        self._process_jobs()


class Scheduler:
    """The schedules of one cluster in one replica. `refresh` may raise `redis.RedisError`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._digests = Digests(runs)
        self._loaded: dict[str, Definition] = {}
        self._due: list[tuple[str, float]] = []
        self._scheduler = _Polled(
            jobstores={"default": MemoryJobStore()}, executors={"default": _Nothing()}, timezone="UTC"
        )
        self._scheduler.add_listener(self._submitted, EVENT_JOB_SUBMITTED)
        self._scheduler.start()
        self._caught_up_at = float("-inf")

    def stop(self) -> None:
        """End it."""
        self._scheduler.shutdown(wait=False)

    def refresh(self) -> None:
        """Load what has changed, and make the digests that are due."""
        known = self._digests.definitions.all()
        self._load({name: each for name, each in known.items() if not each.paused})
        self._due.clear()
        self._scheduler.look()
        try:
            for name, fired_at in self._due:
                if name in self._loaded:
                    self._digests.fire(self._loaded[name], fired_at)
        except redis.RedisError:
            self._caught_up_at = float("-inf")
            raise
        self._catch_up()

    def _load(self, wanted: dict[str, Definition]) -> None:
        for name in self._loaded.keys() - wanted.keys():
            self._scheduler.remove_job(name)
        for name, definition in wanted.items():
            former = self._loaded.get(name)
            if former is None or former.schedule != definition.schedule:
                self._scheduler.add_job(
                    _nothing,
                    definition.schedule.trigger(),
                    id=name,
                    name=f"digest {name}",
                    replace_existing=True,
                    misfire_grace_time=GRACE_S,
                    coalesce=True,
                )
        self._loaded = wanted

    def _submitted(self, event: JobSubmissionEvent) -> None:
        self._due.append((event.job_id, event.scheduled_run_times[-1].timestamp()))

    def _catch_up(self) -> None:
        now = server_time(self._runs.client)
        if now < self._caught_up_at + CAUGHT_UP_EVERY_S:
            return
        fired = self._digests.definitions.fired()
        late = []
        for name, definition in self._loaded.items():
            after = max(fired.get(name, 0.0), definition.created_at, definition.resumed_at, now - LATEST_S)
            missed = definition.schedule.last(now, after)
            if missed is None:
                self._digests.watch(definition, now)
            elif self._digests.fire(definition, missed):
                late.append(name)
        if late:
            log.warning("digests of %s caught up: %d, the first of them %s", self._runs.cluster, len(late), late[0])
        self._caught_up_at = now


def _nothing() -> None:
    """What APScheduler is given to run."""
