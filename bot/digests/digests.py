"""Digests on their way: made once a firing, their runs asked for, and what came of them told.

Any replica of the bot may do it for any digest and may be killed at any line: ids are made of the definition and of
the time for which it was scheduled, so that asking twice is asking once.
"""

import logging
from typing import Any

import msgspec
import redis

from bot.config import SigningKey
from bot.digests.composed import composed, failed
from bot.digests.definitions import Definitions
from bot.digests.model import DIGEST, Definition, Digest, State
from bot.digests.trends import DAYS, course_of_dns, looks, trends
from bot.digests.watch import called_out
from bot.digests.week import Week, week
from bot.errors import Refused
from bot.history.history import History
from bot.history.points import DAY_S
from bot.incidents.incidents import Incidents
from bot.messages.messages import MessageState
from bot.runs.model import Run
from bot.runs.requests import run_request
from bot.runs.runs import Runs
from bot.store.connection import server_time
from bot.store.due import Due
from bot.store.records import MESSAGES, Record, Records, item
from bot.store.scripts import Script
from checks.changes import Change
from checks.finding import Finding
from checks.registry import DIAGNOSED

DIGESTING = "digests"
"""What is due when a digest may go on."""
KEPT_S = 40 * 86400
"""A digest is kept longer than a month: a monthly one is compared with the one before it."""
LOOK_S = 0.5
GIVEN_UP_S = 180.0
"""A run that could not even be asked for by then is not made; the digest says so."""
HELD_S = 10.0
WEEKLY_S = 6 * DAY_S
"""What comes less often tells what became of the time between."""
_LONGEST_S = 31 * DAY_S
_AT_ONCE = 50
_DNS = "dns."
_FIRE = Script("fire_digest")

log = logging.getLogger(__name__)


class Digests:
    """The digests of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._client: Any = runs.client
        self._keys = runs.keys
        self.definitions = Definitions(runs.client, runs.cluster)
        self.records = Records(runs.client, runs.keys, DIGEST, ttl_s=KEPT_S)

    def fire(self, definition: Definition, fired_at: float, *, asked: str = "") -> bool:
        """Make the digest of one firing; False when it was made already.

        `asked` tells a digest that somebody asks for now from the scheduled ones.
        """
        key = f"now-{asked}" if asked else definition.schedule.key(fired_at)
        digest = Digest(
            id=f"{definition.id}-{key}",
            definition=definition.id,
            cluster=definition.cluster,
            where=definition.where,
            fired_at=fired_at,
            late_s=max(0.0, server_time(self._client) - fired_at),
            checks=definition.checks,
            when=definition.when,
            by=definition.owner,
        )
        return self._make(digest, 0.0 if asked else fired_at)

    def watch(self, definition: Definition, now: float) -> bool:
        """Look in between; False when somebody does already, or has nothing to compare with."""
        if not definition.watch_s or not definition.last or definition.muted_until > now:
            return False
        digest = Digest(
            id=f"{definition.id}-w{int(now // definition.watch_s)}",
            definition=definition.id,
            cluster=definition.cluster,
            where=definition.where,
            fired_at=now,
            checks=definition.checks,
            watch=True,
            mention=definition.mention,
            by=definition.owner,
        )
        return self._make(digest, 0.0)

    def _make(self, digest: Digest, fired_at: float) -> bool:
        """What somebody asks for, and what looks in between, is no firing that was scheduled: they count 0."""
        made = _FIRE(
            self._client,
            record=self._keys.record(DIGEST.name, digest.id),
            changes=self._keys.changes(DIGEST.name, digest.id),
            index=self._keys.index(DIGEST.name),
            definitions=self._keys.definitions,
            fired=self._keys.fired,
            due=self._keys.due(DIGESTING),
            id=digest.id,
            definition=digest.definition,
            fired_at=fired_at,
            **self.records.written(digest),
        )
        return bool(made)

    def look(self, key: SigningKey) -> None:
        """Move on everything that is due."""
        for taken in Due(self._client, self._keys, DIGESTING).take(_AT_ONCE, HELD_S):
            try:
                wait_s = self._move(taken.item, key)
            except redis.RedisError:
                raise
            except Exception:
                # One that cannot be moved must not hold up the others; its lease lapses, and it is tried again.
                log.exception("moving the digest %s of %s on", taken.item, self._runs.cluster)
                continue
            if wait_s is None:
                taken.done()
            else:
                taken.again(wait_s)

    def latest(self, count: int = 20) -> tuple[Digest, ...]:
        """The newest first."""
        found = (self.get(digest) for digest in self.records.newest(count))
        return tuple(digest for digest in found if digest is not None)

    def get(self, digest: str) -> Digest | None:
        """A digest by its id; None when there is none, or it is of another version."""
        found = self.records.read(digest)
        return found.content if isinstance(found, Record) else None

    def _move(self, digest: str, key: SigningKey) -> float | None:
        record = self.records.read(digest)
        if not isinstance(record, Record):
            return None
        if record.content.state is not State.ASKED:
            # Whoever told it may have died before anybody knew where to show it.
            self._known(record.content)
            return None
        run = self._runs.get(record.content.run)
        if run is None:
            why = self._ask(record.content, key)
            if not why or server_time(self._client) < record.changed_at + GIVEN_UP_S:
                return LOOK_S
            return self._told(record, failed(record.content, why, self._incidents()))
        if run.open:
            return LOOK_S
        return self._told(record, self._composed(record.content, run))

    def _ask(self, digest: Digest, key: SigningKey) -> str:
        """Ask for its run; why it cannot be, empty when it was."""
        checks: dict[str, dict[str, Any]] = {name: {} for name in (digest.checks or DIAGNOSED)}
        command = "run" if digest.checks else "diagnose"
        now = server_time(self._client)
        request = run_request(command, digest.cluster, checks, run=digest.run, by=digest.by, now=now)
        try:
            self._runs.submit(request, key)
        except Refused as error:
            return error.reason
        return ""

    def _composed(self, digest: Digest, run: Run) -> Digest:
        definition = self.definitions.get(digest.definition)
        before = self.get(definition.last) if definition and definition.last else None
        if digest.watch:
            return self._watched(digest, run, before)
        made = composed(digest, run, before, self._incidents())
        now = server_time(self._client)
        history = History(self._client, self._runs.cluster)
        period = definition.schedule.period(digest.fired_at) if definition else 0.0
        summary = self._week(history, min(period, _LONGEST_S), now) if period >= WEEKLY_S else None
        begin = summary.since if summary else now - DAYS * DAY_S
        drawn = summary or any(each.code.startswith(_DNS) and not each.severity.well for each in _findings(run))
        made = msgspec.structs.replace(
            made,
            trends=trends(history, now),
            week=summary,
            course=course_of_dns(history, begin, now) if drawn else None,
        )
        muted = definition is None or now < definition.muted_until
        return msgspec.structs.replace(made, state=State.SILENT) if muted else made

    def _watched(self, digest: Digest, run: Run, before: Digest | None) -> Digest:
        """What a look in between has to say; in the thread of the digest that everybody knows."""
        made = composed(digest, run, before, ())
        silent = msgspec.structs.replace(made, state=State.SILENT)
        report = run.report
        if before is None or report is None:
            return silent
        now, told, flapping = server_time(self._client), tuple[Change, ...](), tuple[str, ...]()

        def alarmed(seen: Definition) -> Definition:
            nonlocal told, flapping
            told, flapping, alarms = called_out(digest, made.changes, report, seen.alarms, now)
            return msgspec.structs.replace(seen, alarms=alarms)

        # Noted before it is said: whoever composes this one again calls the same out, and the next one does not.
        self.definitions.change(digest.definition, alarmed)
        if not told:
            return silent
        thread = MessageState(self._client, self._keys, DIGEST.name, before.id).posted()
        where = msgspec.structs.replace(digest.where, thread=thread)
        return msgspec.structs.replace(made, state=State.POSTED, changes=told, flapping=flapping, where=where)

    def _week(self, history: History, period_s: float, now: float) -> Week:
        since = now - period_s
        return week(history.told().values(), looks(history, since, now), self._incidents(), since, now)

    def _incidents(self) -> tuple[Any, ...]:
        return Incidents(self._client, self._runs.cluster).recent()

    def _told(self, record: Record[Digest], digest: Digest) -> float | None:
        if not self.records.replace(record, digest):
            return 0.0
        self._known(digest)
        return None

    def _known(self, digest: Digest) -> None:
        """Have it shown, and be what the next one is compared with; may be done again."""
        if digest.state is not State.POSTED:
            return
        state = MessageState(self._client, self._keys, DIGEST.name, digest.id)
        if state.where is None:
            state.note_moved(digest.where)
        Due(self._client, self._keys, MESSAGES).at(item(DIGEST.name, digest.id), server_time(self._client))
        if not digest.watch:
            self.definitions.change(digest.definition, lambda seen: self._followed(seen, digest))

    def _followed(self, definition: Definition, digest: Digest) -> Definition:
        """The definition with its last digest: a run that took long may end after the one of the firing after it."""
        last = self.get(definition.last) if definition.last else None
        newer = last is not None and last.fired_at > digest.fired_at
        return definition if newer else msgspec.structs.replace(definition, last=digest.id)


def _findings(run: Run) -> tuple[Finding, ...]:
    return run.report.findings if run.report else ()
