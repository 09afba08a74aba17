"""What a worker does with one run: read the cluster, plan jobs, gather observations, judge.

It happens in a child that may die at any line. What it has decided is in Redis (the plan, which jobs were enqueued, the
results so far), so whoever takes the run next goes on from there, and nothing is measured or answered twice.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from bot.config import SigningKey
from bot.decoding import decoded
from bot.errors import BadEnvelope, NetcheckError, Unreadable
from bot.mentioned import must_exist
from bot.queue.envelope import seal
from bot.runs.bundle import bundles, recorded
from bot.runs.job import JOB, Job
from bot.runs.jobs import RESULT_TTL_S, complete, unobserved
from bot.runs.model import Plan, Progress, RunRequest
from bot.runs.provisional import Provisional, found, summed_up, timed
from bot.runs.remembered import remembered
from bot.runs.runs import Runs
from bot.store.connection import server_time
from bot.store.scripts import Script
from checks.check import Check
from checks.cluster.snapshot import Snapshot
from checks.observation import Network, Observation, State, Task
from checks.registry import CHECKS
from checks.report import Report

ABSENT_AFTER_S = 4.0
"""How long a job waits for an agent that was not heard of: long enough for one that is being restarted."""
SLACK_S = 4.0
"""What a job may take beyond its deadline before its agent counts as silent: queueing, a restart, a retry."""
_LOOK_EVERY_MS = 250
"""How often it is looked for silent agents when no result comes in."""
_ENQUEUE = Script("enqueue_job")


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how long what a run leaves behind is kept: in seconds, and its history in days."""

    run_s: int
    bundle_s: int
    history_days: int = 30
    """What was measured and what was not well; see `bot.history`."""


class Source(Protocol):
    """Where the snapshot comes from: a live cluster or a recording."""

    def snapshot(self) -> Snapshot:
        """Read the cluster.

        Raises:
            NetcheckError: the API server cannot be reached or does not let us in at all.
        """


class Execution:
    """One attempt at one run."""

    def __init__(self, client: Any, request: RunRequest, key: SigningKey, keeping: Keeping) -> None:
        self._client = client
        self._runs = Runs(client, request.cluster, ttl_s=keeping.run_s)
        self._bundles = bundles(client, self._runs.keys, keeping.bundle_s)
        self._history_days = keeping.history_days
        self._keys = self._runs.keys
        self._request = request
        self._key = key
        self._shown = Progress()

    def execute(self, source: Source) -> None:
        """See the run to its end. The source is read only if there is no plan from a former attempt."""
        try:
            plan = self._plan(source)
        except NetcheckError as error:
            self._runs.update(self._request.id, state="failed", error=error.text)
            return
        observations = self._observe(plan)
        if observations is None:
            return
        if further := self._followed(plan, observations):
            plan = msgspec.structs.replace(plan, jobs=(*plan.jobs, *further))
            observations = self._observe(plan)
            if observations is None:
                return
        self._progress("weighing the evidence", len(plan.jobs), len(plan.jobs))
        self._bundles.create(self._request.id, recorded(self._request, plan.snapshot, observations))
        findings = found(self._request, plan, observations)
        report = summed_up(self._request, plan, observations, findings)
        # Before the report, because nobody takes up a run that is done: done again, it is kept once.
        report = remembered(self._client, self._request, report, findings, self._history_days)
        self._runs.update(self._request.id, state="done", report=self._timed(report))

    def _observe(self, plan: Plan) -> list[Observation] | None:
        self._enqueue(plan)
        return self._gather(plan)

    def _followed(self, plan: Plan, observations: Sequence[Observation]) -> tuple[Job, ...]:
        """What is to be measured now that is known what the first jobs came to."""
        key = self._keys.followed(self._request.id)
        stored = self._client.get(key)
        if stored is None:
            jobs = _all_different(self._further(plan.snapshot, observations))
            self._client.set(key, msgspec.json.encode(jobs), nx=True, ex=RESULT_TTL_S)
            stored = self._client.get(key)
        return decoded(stored or b"", tuple[Job, ...])

    def _further(self, snapshot: Snapshot, observations: Sequence[Observation]) -> list[Job]:
        now, jobs = server_time(self._client), list[Job]()
        for check in (CHECKS[name] for name in self._request.checks if CHECKS[name].follows):
            gathered = check.gather(snapshot, self._request.parameters.get(check.name, {}), observations)
            tasks = [task for task in check.follow(gathered) if self._wanted(task)]
            jobs += [self._job(check.name, task, check.deadline_s, now) for task in tasks]
        return jobs

    def _plan(self, source: Source) -> Plan:
        key = self._keys.plan(self._request.id)
        stored = self._client.get(key)
        if stored is None:
            self._progress("reading the cluster", 0, 0)
            snapshot = source.snapshot()
            if _all_nodes(snapshot):
                self._runs.fleet.note_nodes([node.name for node in snapshot.nodes])
            if snapshot.api_servers:
                self._runs.fleet.note_api_servers(snapshot.api_servers)
            plan = Plan(snapshot=snapshot, jobs=self._jobs(snapshot))
            self._client.set(key, msgspec.json.encode(plan), nx=True, ex=RESULT_TTL_S)
            # Whoever stored first has decided, also if that was another worker that we believed dead.
            stored = self._client.get(key)
        return decoded(stored or b"", Plan)

    def _jobs(self, snapshot: Snapshot) -> tuple[Job, ...]:
        unregistered = [name for name in self._request.checks if name not in CHECKS]
        if unregistered:
            raise BadEnvelope(
                f"This worker has no check {unregistered[0]!r}.", hint="Run one version of netcheck everywhere."
            )
        must_exist(self._request, snapshot)
        now = server_time(self._client)
        jobs = []
        for name in self._request.checks:
            check = CHECKS[name]
            parameters = self._parameters(check)
            tasks = [t for t in check.plan(snapshot, parameters) if self._wanted(t)]
            jobs += [self._job(name, task, check.longest_s(parameters), now) for task in tasks]
        return _all_different(jobs)

    def _parameters(self, check: Check) -> msgspec.Struct:
        try:
            return msgspec.convert(self._request.parameters.get(check.name, {}), check.parameters)
        except msgspec.ValidationError as error:
            raise BadEnvelope(
                f"The parameters of {check.name} do not fit: {error}.", hint="Run one version of netcheck everywhere."
            ) from None

    def _wanted(self, task: Task) -> bool:
        return not self._request.nodes or task.network is Network.CLUSTER or task.node in self._request.nodes

    def _job(self, check: str, task: Task, deadline_s: float, now: float) -> Job:
        name = f"/{task.name}" if task.name else ""
        return Job(
            id=f"{self._request.id}/{check}/{task.network}/{task.node}{name}",
            run=self._request.id,
            cluster=self._request.cluster,
            check=check,
            network=task.network,
            node=task.node,
            name=task.name,
            request=msgspec.to_builtins(task.request),
            deadline_s=deadline_s,
            expires_at=now + deadline_s + SLACK_S,
        )

    def _enqueue(self, plan: Plan) -> None:
        with self._client.pipeline(transaction=False) as pipe:
            for job in plan.jobs:
                envelope = seal(self._key, JOB, job)
                _ENQUEUE(
                    pipe,
                    stream=self._keys.jobs(job.network, job.node),
                    enqueued=self._keys.enqueued(job.run),
                    job=job.id,
                    body=envelope["body"],
                    signature=envelope["signature"],
                    ttl=RESULT_TTL_S,
                )
            pipe.execute()

    def _gather(self, plan: Plan) -> list[Observation] | None:
        """Every job's observation; None when the run was cancelled. Never waits beyond the jobs' own deadlines."""
        started = time.monotonic()
        arrivals = self._keys.arrivals(self._request.id)
        changes = self._keys.changes(self._runs.records.kind.name, self._request.id)
        last = {arrivals: "0", changes: "0"}
        provisional = Provisional(self._request, plan)
        while True:
            open_jobs = self._open(plan)
            if not open_jobs:
                break
            self._foretell(plan, open_jobs, provisional)
            self._progress(", ".join(_awaited(open_jobs)), len(plan.jobs) - len(open_jobs), len(plan.jobs))
            self._give_up_on_silent(open_jobs, time.monotonic() - started)
            for stream, entries in self._client.xread(last, block=_LOOK_EVERY_MS):
                last[stream.decode()] = entries[-1][0]
                if stream.decode() == changes and self._runs.records.state(self._request.id) == "cancelled":
                    return None
        return self._observed(plan.jobs)

    def _observed(self, jobs: Sequence[Job]) -> list[Observation]:
        stored = self._client.hgetall(self._keys.results(self._request.id))
        return [_observation(job, stored[job.id.encode()]) for job in jobs]

    def _foretell(self, plan: Plan, open_jobs: Sequence[Job], provisional: Provisional) -> None:
        """Show the verdict as soon as what is seen decides."""
        awaited = {job.id for job in open_jobs}
        observations = self._observed([job for job in plan.jobs if job.id not in awaited])
        report = provisional.look(observations, _awaited(open_jobs))
        if report is not None:
            self._runs.update(self._request.id, state="running", report=self._timed(report))

    def _timed(self, report: Report) -> Report:
        run = self._runs.get(self._request.id)
        elapsed_s = round(max(0.0, server_time(self._client) - self._request.requested_at), 3)
        return timed(report, run.report if run else None, elapsed_s)

    def _open(self, plan: Plan) -> list[Job]:
        done = set(self._client.hkeys(self._keys.results(self._request.id)))
        return [job for job in plan.jobs if job.id.encode() not in done]

    def _give_up_on_silent(self, jobs: Sequence[Job], waited_s: float) -> None:
        now = server_time(self._client)
        here = {f"{member.role}/{member.name}" for member in self._runs.fleet.members() if member.here}
        for job in jobs:
            agent = f"agent-{job.network}/{job.node}"
            if job.network is not Network.CLUSTER and waited_s > ABSENT_AFTER_S and agent not in here:
                self._no_answer(job, f"No agent on the {job.network} network of {job.node} was heard of.")
            elif now > job.expires_at:
                self._no_answer(job, f"No answer within {job.deadline_s + SLACK_S:g} s.")

    def _no_answer(self, job: Job, message: str) -> None:
        observation = unobserved(job, State.NO_ANSWER, message)
        # Nobody waits for it any more: it must not lie on the stream of an agent that may never come back.
        entry = self._client.hget(self._keys.enqueued(job.run), job.id) or b""
        complete(self._client, self._keys, job, observation, entry=entry.decode())

    def _progress(self, stage: str, done: int, total: int) -> None:
        progress = Progress(stage, done, total)
        if progress != self._shown:
            self._shown = progress
            self._runs.update(self._request.id, state="running", progress=progress)


def _all_nodes(snapshot: Snapshot) -> bool:
    """Whether the list of nodes is whole: of a part of it nobody may conclude that the others have left."""
    return bool(snapshot.nodes) and snapshot.gap("nodes") is None


def _all_different(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """The jobs as they are.

    Raises:
        NetcheckError: two of them have one id, so one would be taken for the other and never be done.
    """
    seen: set[str] = set()
    for job in jobs:
        if job.id in seen:
            raise NetcheckError(
                f"The check {job.check} plans two tasks alike for {job.node or 'the worker'} on {job.network}.",
                hint="This is a mistake in the check: give each of its tasks a name.",
            )
        seen.add(job.id)
    return tuple(jobs)


def _observation(job: Job, stored: bytes) -> Observation:
    """A job's result, whatever an agent of another version has made of it."""
    try:
        return decoded(stored, Observation)
    except Unreadable as error:
        message = f"The result cannot be read: {error}. {error.hint}"
        return unobserved(job, State.BROKEN, message)


def _awaited(jobs: Sequence[Job]) -> list[str]:
    """The checks that still run."""
    return list(dict.fromkeys(job.check for job in jobs))
