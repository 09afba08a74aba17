"""The runs of one cluster: asked for, looked for, changed and watched."""

import logging
from collections.abc import Iterator
from typing import Any

import msgspec

from bot.access.audit import KEPT, Act, Entry, started
from bot.config import SigningKey
from bot.errors import Refused, Unreadable, UsageError
from bot.fleet import Fleet
from bot.messages.where import Where
from bot.queue.envelope import seal
from bot.runs.brief import FIELD, brief
from bot.runs.model import REQUEST, RUN, RUN_ID, Run, RunRequest
from bot.store.keys import Keys
from bot.store.records import MESSAGES, Record, Records, item
from bot.store.scripts import Script

ENDS = "ends"
"""What is due when a run's time has passed."""
FOUND_AMONG = 500
"""So many of the newest runs are looked through when a person types the beginning of an id."""
_SUBMIT = Script("submit_run")

log = logging.getLogger(__name__)


class Runs:
    """All runs of one cluster.

    Every method may raise `redis.RedisError`; whoever talks to a person turns it into words.
    """

    def __init__(self, client: Any, cluster: str, *, ttl_s: int = 604800, limit: int = 200) -> None:
        self.client = client
        self.keys = Keys(cluster)
        self.cluster = cluster
        self.fleet = Fleet(client, cluster)
        self.records = Records(client, self.keys, RUN, ttl_s=ttl_s)
        self._limit = limit

    def submit(self, request: RunRequest, key: SigningKey, where: Where | None = None, act: Act | None = None) -> bool:
        """Store a run, queue it, make its message due and note the act that asks for it, in one step.

        False when the same run is known already.

        Raises:
            Refused: the queue is full.
        """
        envelope = seal(key, REQUEST, request)
        entry = started(act, request.id) if act else Entry()
        taken = _SUBMIT(
            self.client,
            record=self.keys.record(RUN.name, request.id),
            changes=self.keys.changes(RUN.name, request.id),
            index=self.keys.index(RUN.name),
            stream=self.keys.runs,
            message=self.keys.message(RUN.name, request.id),
            messages=self.keys.due(MESSAGES),
            ends=self.keys.due(ENDS),
            audit=self.keys.audit,
            head=self.keys.audit_head,
            id=request.id,
            item=item(RUN.name, request.id),
            envelope=envelope["body"],
            signature=envelope["signature"],
            limit=self._limit,
            expires_at=request.expires_at,
            where=msgspec.json.encode(where) if where else b"",
            act=entry.flat,
            digest=entry.digest,
            acts_kept=KEPT,
            **self.records.written(Run(request=request, state="queued", where=where)),
        )
        if taken == -1:
            raise Refused(
                f"{self._limit} runs are waiting in {self.cluster} already, so this one was not taken.",
                hint="Try again in a minute, and see what the workers are doing:",
                command="status",
            )
        return bool(taken == 1)

    def update(self, run: str, **fields: Any) -> bool:
        """Change fields of an open run and tell everyone; False when it has ended, is unknown or cannot be read."""
        while True:
            seen = self.records.read(run)
            if not isinstance(seen, Record) or not seen.content.open:
                return False
            changed = msgspec.structs.replace(seen.content, **fields)
            if self.records.replace(seen, changed):
                if not changed.open:
                    self._ended(changed)
                return True

    def _ended(self, run: Run) -> None:
        """Keep what lists show of it. Where this process dies before, they read all of it."""
        with self.client.pipeline(transaction=False) as pipeline:
            pipeline.hset(self.keys.record(RUN.name, run.id), FIELD, msgspec.json.encode(brief(run)))
            if run.diagnoses:
                pipeline.set(self.keys.diagnosed, run.id)
            pipeline.execute()

    def get(self, run: str) -> Run | None:
        """A run by its id, or None when there is none, its time to live has passed or it is of another version."""
        # A part of a key is no id: `7f3a:plan` names something else of that run.
        found = self.records.read(run) if RUN_ID.fullmatch(run) else None
        if isinstance(found, Unreadable):
            log.warning("%s", found.text)
            return None
        return found.content if found else None

    def find(self, prefix: str) -> Run:
        """A run by its id or by the first characters of it, as people type it.

        Raises:
            UsageError: none or several begin so.
        """
        matches = [found for found in self.records.newest(FOUND_AMONG) if prefix and found.startswith(prefix)]
        run = self.get(matches[0]) if len(matches) == 1 else None
        if run is None:
            what = "Several runs begin" if len(matches) > 1 else "No run begins"
            raise UsageError(
                f"{what} with {prefix!r} in {self.cluster}.",
                hint="The recent runs are listed:",
                command=f"status in {self.cluster}",
            )
        return run

    def cancel(self, run: Run, by: str) -> bool:
        """End a run that is still open; its jobs are killed or never start. False when it had ended already."""
        return self.update(run.id, state="cancelled", error=f"Cancelled by {by}.")

    def watch(self, run: str, timeout_s: float) -> Iterator[Run]:
        """The run now and after every change, until it has ended, for `timeout_s` seconds at most.

        A restart of Redis meanwhile is waited out: the run goes on after it, too.
        """
        for record in self.records.watch(run, timeout_s):
            yield record.content
            if not record.content.open:
                return

    def recent(self, count: int = 5) -> tuple[Run, ...]:
        """The newest runs first."""
        found = (self.get(run) for run in self.records.newest(count))
        return tuple(run for run in found if run is not None)
