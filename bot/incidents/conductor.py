"""Moves executions on: asks for runs and operations, and turns what comes of them into events.

Any replica of the bot may do it for any incident, and may be killed at any line: what it asks for has an id made of the
execution's state, so that asking twice is asking once, and every step is a change of the record that only one can make.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import redis

from bot.config import SigningKey
from bot.errors import Refused
from bot.history.episodes import Fix
from bot.history.history import History
from bot.incidents import events
from bot.incidents.incidents import CONDUCT, Incidents
from bot.incidents.model import Incident, Looking
from bot.incidents.rediagnosis import answered
from bot.incidents.reminders import REMIND
from bot.incidents.roles import asked
from bot.incidents.waiting import by_itself
from bot.runbooks.execution import Execution, advance, kept, looked_again, planned
from bot.runbooks.machine import Event, State
from bot.runbooks.model import Expectation
from bot.runbooks.orders import BEGUN, DONE, FAILED, LOST, VALID_S, Order, enqueue, performed
from bot.runbooks.outline import plan_of
from bot.runbooks.presence import verbs
from bot.runbooks.registry import RUNBOOKS, looked_at
from bot.runs.model import Run, RunRequest, Wanted
from bot.runs.requests import run_request
from bot.runs.runs import Runs
from bot.store.connection import server_time
from bot.store.due import Due
from bot.store.records import Record
from checks.registry import DIAGNOSED
from checks.text import Text, say

LOOK_S = 0.25
"""How often it is looked whether a run or an operation has ended."""
AGAIN_S = 2.0
"""Between two looks of a verification that does not hold yet."""
LOST_AFTER_S = 2400
"""Longer than any operation may take: whoever has it is gone, and nobody has looked after it since."""
HELD_S = 10.0
_AT_ONCE = 10
_EVERYTHING: Mapping[str, dict[str, Any]] = {name: {} for name in DIAGNOSED}

Move = Execution | float | None
"""The next version of an execution, or the seconds until the next look, or None: a person is awaited."""

log = logging.getLogger(__name__)


class Conductor:
    """Moves the executions of one cluster on. Every method may raise `redis.RedisError`."""

    def __init__(self, runs: Runs, jobs: SigningKey, operations: SigningKey | None) -> None:
        self._runs = runs
        self._client: Any = runs.client
        self._incidents = Incidents(runs.client, runs.cluster)
        self._jobs = jobs
        self._operations = operations

    def look(self) -> None:
        """Move on everything that is due."""
        for taken in Due(self._client, self._runs.keys, CONDUCT).take(_AT_ONCE, HELD_S):
            try:
                wait_s = self.conduct(taken.item)
            except redis.RedisError:
                raise
            except Exception:
                # One that cannot be moved must not hold up the others; its lease lapses, and it is tried again.
                log.exception("moving incident %s of %s on", taken.item, self._runs.cluster)
                continue
            if wait_s is None:
                # Whether and when somebody is reminded is for `Reminders` to see.
                Due(self._client, self._runs.keys, REMIND).at(taken.item, server_time(self._client))
                taken.done()
            else:
                taken.again(wait_s)

    def conduct(self, incident: str) -> float | None:
        """Move one incident on by one event at most; the seconds until the next look, None when a person is awaited."""
        record = self._incidents.record(incident)
        if record is None or not record.content.open:
            return None
        looking, execution = record.content.looking, record.content.execution
        looked_s = self._diagnose(record.content, looking) if looking else None
        moved_s = self._execute(record, execution) if execution else None
        return min((wait_s for wait_s in (looked_s, moved_s) if wait_s is not None), default=None)

    def _diagnose(self, incident: Incident, looking: Looking) -> float:
        run = self._runs.get(looking.run)
        if run is None:
            now = server_time(self._client)
            self._submit(
                run_request("diagnose", self._runs.cluster, _EVERYTHING, run=looking.run, by=looking.by, now=now)
            )
        if run is None or run.open:
            return LOOK_S
        before = self._runs.get(incident.run) if incident.run else None
        self._incidents.change(incident.id, lambda seen, now: answered(seen, before, run, now))
        return 0.0

    def _execute(self, record: Record[Incident], execution: Execution) -> float | None:
        moves: Mapping[State, Callable[[Execution, float], Move]] = {
            State.PLANNING: self._plan,
            State.CHECKING: self._verify,
            State.OFFERED: self._offered,
            State.VERIFYING: self._verify,
            State.UNDO_VERIFYING: self._verify,
            State.ACTING: self._act,
            State.UNDOING: self._act,
        }
        if execution.state not in moves:
            return None
        move = moves[execution.state](execution, server_time(self._client))
        if isinstance(move, Execution):
            return self._store(record, move)
        return move

    def _store(self, record: Record[Incident], execution: Execution) -> float:
        former = record.content.execution
        now = server_time(self._client)
        incident = msgspec.structs.replace(record.content, execution=execution)
        if former is not None and former.state is not execution.state:
            incident = asked(events.told(incident, former, execution, now), former, now)
        if execution.state is State.DONE:
            # Before the incident says so, because nobody comes back to one that is done; noted twice it is noted once.
            history = History(self._client, self._runs.cluster)
            for cause in _cured(incident.about, execution.runbook):
                history.note_fixed(Fix(cause, execution.runbook, execution.id), now)
        # Where somebody was faster, it is read again.
        self._incidents.records.replace(record, incident)
        return AGAIN_S if former and former.state is execution.state else 0.0

    def _plan(self, execution: Execution, now: float) -> Move:
        # The operator is of use to a plan only where this bot can tell it what to do.
        able = verbs(self._client, self._runs.keys) if self._operations else ()
        wanted = Wanted(execution.runbook, execution.nodes, execution.choices, able)
        run = self._run(execution, "plan", looked_at(execution.runbook), now, wanted)
        if run is None or run.open:
            return LOOK_S
        plan = plan_of(run)
        if plan is None:
            return advance(execution, Event.REFUSED, now, notes=(say("{words}", words=run.error),))
        return planned(execution, plan, now)

    def _verify(self, execution: Execution, now: float) -> Move:
        step = execution.step
        if step is None:
            return None
        if execution.state is State.VERIFYING and now < execution.since + step.wait_s:
            return min(AGAIN_S, execution.since + step.wait_s - now)
        if not execution.expected:
            return advance(execution, Event.HOLDS, now)
        run = self._run(execution, "look", _checks(execution), now)
        return LOOK_S if run is None or run.open else _seen(execution, run, now)

    def _offered(self, execution: Execution, now: float) -> Move:
        event = by_itself(execution)
        return advance(execution, event, now) if event else None

    def _act(self, execution: Execution, now: float) -> Move:
        order = self._order(execution)
        if order is None or self._operations is None:
            why = say("This bot has no key for operations any more, so the operator cannot be told.")
            return advance(execution, Event.FAILED, now, notes=(why,))
        enqueue(self._client, self._runs.keys, self._operations, order)
        done = performed(self._client, self._runs.keys).read(order.id)
        if not isinstance(done, Record):
            if now > order.expires_at + LOOK_S:
                why = say("No operator took the order within {seconds} seconds.", seconds=VALID_S)
                return advance(execution, Event.FAILED, now, notes=(why,))
            return LOOK_S
        if done.content.state == BEGUN and now > done.changed_at + LOST_AFTER_S:
            why = say(
                "The operator began {minutes} minutes ago and was not heard of since.", minutes=LOST_AFTER_S // 60
            )
            return advance(execution, Event.LOST, now, notes=(why,))
        lines = tuple(say("{words}", words=line) for line in done.content.lines)
        event = {DONE: Event.ACTED, FAILED: Event.FAILED, LOST: Event.LOST}.get(done.content.state)
        return LOOK_S if event is None else advance(execution, event, now, notes=lines)

    def _order(self, execution: Execution) -> Order | None:
        step, plan, operation = execution.step, execution.plan, execution.operation
        if step is None or plan is None or operation is None:
            return None
        return Order(
            id=execution.asked("do"),
            cluster=self._runs.cluster,
            execution=execution.id,
            operation=operation,
            steps=plan.unit(step.unit),
            requested_by=execution.by,
            approved=execution.approved,
            expires_at=execution.since + VALID_S,
        )

    def _run(
        self, execution: Execution, what: str, checks: Mapping[str, Any], now: float, plan: Wanted | None = None
    ) -> Run | None:
        """The run that the present state asks for; asked for if it was not yet."""
        run = execution.asked(what)
        found = self._runs.get(run)
        if found is not None:
            return found
        request = run_request(
            "plan" if plan else "verify", self._runs.cluster, checks, run=run, by=execution.by, now=now, plan=plan
        )
        self._submit(request)
        return None

    def _submit(self, request: RunRequest) -> None:
        try:
            self._runs.submit(request, self._jobs)
        except Refused as error:
            log.warning("%s: %s", request.id, error)


def _cured(about: str, runbook: str) -> tuple[str, ...]:
    """The causes that a finished runbook may have cured: the one that its incident is about, where it says so."""
    every = RUNBOOKS[runbook].cures if runbook in RUNBOOKS else ()
    return (about,) if about in every else tuple(every)


def _checks(execution: Execution) -> dict[str, dict[str, Any]]:
    parameters = execution.step.parameters if execution.step else {}
    return {each.check: parameters.get(each.check, {}) for each in execution.expected}


def _seen(execution: Execution, run: Run, now: float) -> Execution:
    unmet = _unmet(execution.expected, run)
    if not unmet:
        return advance(kept(execution, run.report.findings if run.report else ()), Event.HOLDS, now)
    if now < execution.until:
        return looked_again(execution)
    return advance(execution, Event.FAILS, now, notes=unmet)


def _unmet(expected: tuple[Expectation, ...], run: Run) -> tuple[Text, ...]:
    if run.report is None:
        return (say("It could not be looked: {words}", words=run.error),)
    return tuple(line for each in expected for line in each.unmet(run.report))
