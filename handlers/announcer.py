"""Keeps the message of every run as it should be: posted once, edited in place, details in its thread at the end.

Any replica may do it for any run, and may be killed at any line. A message carries its run's id as metadata; a post is
noted before it is made; so whoever comes next looks for the message in the channel before posting it again.
"""

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import redis
from bot.messages.messages import MESSAGE, Announcements
from bot.runs.model import Run
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.commands.clusters import Clusters
from bot.messages.where import Where
from handlers import refusals
from handlers.posts import Pauses, Posts, TooSoonError
from handlers.views.details import details
from handlers.views.run import run_message

WORKERS = 4
"""Messages that are edited at the same time: Slack answers in some hundred milliseconds."""
POLL_S = 0.1
"""Nobody is woken for a new run: when many people type at once, their acknowledgements go first."""

log = logging.getLogger(__name__)


class Announcer:
    """The loop; `run` is its thread's target."""

    def __init__(self, clusters: Clusters, slack: WebClient) -> None:
        self._clusters = clusters
        self._slack = slack
        self._pauses = Pauses()
        self._stop = threading.Event()
        self._away = False

    def stop(self) -> None:
        """End `run` after the calls that are under way."""
        self._stop.set()

    def run(self) -> None:
        """Show what is due until told to stop."""
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="announcer") as pool:
            busy: set[Future[None]] = set()
            while not self._stop.wait(POLL_S):
                busy = {call for call in busy if not call.done()}
                try:
                    due = list(self._due(WORKERS - len(busy)))
                    self._away = False
                except redis.RedisError as error:
                    self._complain(error)
                    self._stop.wait(1.0)
                    continue
                busy |= {pool.submit(self._announce, cluster, run) for cluster, run in due}

    def _due(self, free: int) -> Iterator[tuple[str, str]]:
        for cluster in self._clusters.names():
            taken = Announcements(self._clusters.client, cluster).due(free) if free > 0 else []
            free -= len(taken)
            yield from ((cluster, run) for run in taken)

    def _complain(self, error: Exception) -> None:
        if not self._away:
            log.warning("Redis does not answer (%s): messages stand still until it does", error)
        self._away = True

    def _announce(self, cluster: str, run_id: str) -> None:
        try:
            run = self._clusters.runs(cluster).get(run_id)
            announcements = Announcements(self._clusters.client, cluster)
            if run is None or run.where is None:
                announcements.dropped(run_id)
            else:
                _Showing(Posts(self._slack, self._pauses, run), announcements, run, run.where).show()
        except redis.RedisError as error:
            # The lease on the run lapses, and it is due again.
            self._complain(error)
        except Exception:
            log.exception("showing run %s of %s", run_id, cluster)


class _Showing:
    """One attempt to show one run as it is now."""

    def __init__(self, posts: Posts, announcements: Announcements, run: Run, where: Where) -> None:
        self._posts = posts
        self._announcements = announcements
        self._run = run
        self._where = where

    def show(self) -> None:
        """Bring the message up to date and settle when the run is due again."""
        try:
            shown = self._message() and (self._run.open or self._details())
        except TooSoonError as error:
            self._announcements.later(self._run.id, error.wait_s)
        except SlackApiError as error:
            self._refused(error)
        except refusals.NO_ANSWER as error:
            log.warning("Slack does not answer (%s): run %s is shown later", error, self._run.id)
            self._announcements.unsure(self._run.id)
        else:
            if shown:
                self._announcements.shown(self._run.id, self._run.version)

    def _message(self) -> bool:
        view = run_message(self._run)
        if self._run.message:
            self._posts.edit(self._where, self._run.message, view)
            return True
        return self._once(MESSAGE, self._where.thread, view)

    def _details(self) -> bool:
        root = self._where.thread or self._announcements.message(self._run.id, MESSAGE)
        for number, view in enumerate(details(self._run), 1):
            part = f"details-{number}"
            if not self._announcements.message(self._run.id, part) and not self._once(part, root, view):
                return False
        return True

    def _once(self, part: str, thread: str, view: dict[str, Any]) -> bool:
        """Post a part of the run unless it is there; False when somebody else may be at it."""
        began = self._announcements.begin(self._run.id, part)
        if began is None:
            self._announcements.later(self._run.id, 1.0)
            return False
        ts = self._posts.find(self._where, thread, part, began) if began else ""
        if ts:
            self._announcements.posted(self._run.id, ts, part)
            self._posts.edit(self._where, ts, view, part)
            return True
        try:
            ts = self._posts.post(self._where, thread, part, view)
        except (SlackApiError, TooSoonError) as error:
            if isinstance(error, TooSoonError) or refusals.certain(error):
                self._announcements.refused(self._run.id, part)
            raise
        self._announcements.posted(self._run.id, ts, part)
        return True

    def _refused(self, error: SlackApiError) -> None:
        code = refusals.code(error)
        if code in refusals.GONE:
            self._announcements.dropped(self._run.id)
        elif code in refusals.NO_THREAD and self._where.thread:
            self._move(Where(self._where.channel))
        elif code in refusals.NOT_HERE:
            self._elsewhere(code)
        elif code == refusals.TOO_MANY:
            self._announcements.later(self._run.id, refusals.wait_s(error))
        else:
            log.warning("Slack does not show run %s now: %s", self._run.id, code or error)
            self._announcements.unsure(self._run.id)

    def _elsewhere(self, code: str) -> None:
        """Show the run to the person who asked for it: in the channel it is not possible."""
        log.warning("run %s cannot be shown in %s: %s", self._run.id, self._where.channel, code)
        direct = "" if self._run.message else self._posts.explain(self._where)
        if direct and direct != self._where.channel:
            self._move(Where(direct))
        else:
            self._announcements.dropped(self._run.id)

    def _move(self, where: Where) -> None:
        self._announcements.moved(self._run.id, where)
        self._announcements.later(self._run.id, 0.0)
