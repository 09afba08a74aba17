"""Jobs, where they are done: on an agent, or on a worker for what is asked of the API server.

The parent only decides whether an entry may run at all. The check itself runs in the child, with a connection of its
own, and stores its result itself; so the parent never waits for anything.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec
import redis

from bot.config import SigningKey
from bot.errors import BadEnvelope
from bot.queue.envelope import unseal
from bot.queue.lease import GROUP, Lease, Work
from bot.queue.lifecycle import End
from bot.runs.job import JOB, RUN, Job
from bot.store.connection import RETRYABLE, server_time
from bot.store.keys import Keys
from bot.store.scripts import Script
from checks.check import Check
from checks.observation import Context, Observation, State
from checks.registry import CHECKS

RESULT_LIMIT = 512 * 1024
"""Bytes of one observation."""
RESULT_TTL_S = 900
"""What a run works with is kept for longer than any attempt at it may take, and no longer: the bundle stays."""
_RETRY_PAUSE_S = 0.1
_STATES = {End.OVERDUE: State.OVERDUE, End.BROKEN: State.BROKEN, End.UNWANTED: State.CANCELLED}
_COMPLETE = Script("complete_job")


class Observe(Protocol):
    """How a job is observed: live (`live`), or from a recording."""

    def __call__(self, check: Check, job: Job, request: msgspec.Struct, context: Context) -> Any:
        """The observation's data: a value of the check's `data` type, or its JSON builtins."""


def live(check: Check, job: Job, request: msgspec.Struct, context: Context) -> Any:  # noqa: ARG001 - shape of Observe
    """Measure."""
    return check.observe(request, context)


class JobHandler:
    """Does the jobs of one stream."""

    def __init__(
        self,
        connect: Callable[[], "redis.Redis"],
        key: SigningKey,
        cluster: str,
        context: Callable[[Job], Context],
        observe: Observe = live,
    ) -> None:
        self._connect = connect
        self._client: Any = connect()
        self._key = key
        self._keys = Keys(cluster)
        self._context = context
        self._observe = observe
        self._began = time.monotonic()

    def prepare(self, lease: Lease) -> Work | None:
        """See `bot.queue.lease.Handler`."""
        job = self._job(lease)
        try:
            check, request = request_of(job)
        except BadEnvelope as error:
            self._end(self._client, lease, job, State.REFUSED, error.text)
            return None
        if server_time(self._client) > job.expires_at:
            self._end(self._client, lease, job, State.OVERDUE, "It waited so long that nobody needs it any more.")
            return None
        if not self._wanted(job):
            self._end(self._client, lease, job, State.CANCELLED, "Its run was cancelled before it began.")
            return None
        return Work(
            lambda: self._act(lease, job, check, request), job.deadline_s, still_wanted=lambda: self._wanted(job)
        )

    def gave_up(self, lease: Lease, end: End, reason: str) -> None:
        """See `bot.queue.lease.Handler`."""
        # An entry that was delivered too often comes here unprepared, so it may be anything; its dead letter remains.
        with contextlib.suppress(BadEnvelope):
            self._end(self._client, lease, self._job(lease), _STATES[end], reason)

    def _wanted(self, job: Job) -> bool:
        return bool(self._client.hget(self._keys.record(RUN, job.run), "state") != b"cancelled")

    def _job(self, lease: Lease) -> Job:
        """The job of an entry.

        Raises:
            BadEnvelope: it cannot be trusted, or was signed for another stream than the one that it lay on.
        """
        job = unseal(self._key, JOB, lease.fields)
        own = (self._keys.cluster, lease.stream)
        if (job.cluster, self._keys.jobs(job.network, job.node)) != own:
            raise BadEnvelope(
                f"The job is for {job.node or 'a worker'} in {job.cluster}, on the {job.network} network.",
                hint="Look who else may write to Redis: somebody copied it.",
            )
        return job

    def _act(self, lease: Lease, job: Job, check: Check, request: msgspec.Struct) -> None:
        """In the child: measure and store."""
        client = self._connect()
        started, throttled = time.monotonic(), throttled_periods()
        data = msgspec.to_builtins(self._observe(check, job, request, self._context(job)))
        observation = Observation(
            check=job.check,
            network=job.network,
            node=job.node,
            name=job.name,
            data=data,
            elapsed_s=time.monotonic() - started,
            throttled=throttled_periods() - throttled,
            age_s=time.monotonic() - self._began,
        )
        size = len(msgspec.json.encode(observation))
        if size > RESULT_LIMIT:
            raise ValueError(f"the observation has {size} bytes; {RESULT_LIMIT} are allowed")
        # Redis may be away just now. What was measured is worth waiting for, as long as the deadline allows: the
        # parent ends this child when it passes.
        while True:
            try:
                return self._complete(client, lease, job, observation)
            except RETRYABLE:
                time.sleep(_RETRY_PAUSE_S)

    def _end(self, client: Any, lease: Lease, job: Job, state: State, message: str) -> None:
        observation = unobserved(job, state, message)
        self._complete(client, lease, job, observation)

    def _complete(self, client: Any, lease: Lease, job: Job, observation: Observation) -> None:
        complete(client, self._keys, job, observation, stream=lease.stream, entry=lease.entry)


def complete(client: Any, keys: Keys, job: Job, observation: Observation, *, stream: str = "", entry: str = "") -> None:
    """Keep a job's result (the first one stays) and take the job off its stream, in one step."""
    _COMPLETE(
        client,
        results=keys.results(job.run),
        arrivals=keys.arrivals(job.run),
        stream=stream or keys.jobs(job.network, job.node),
        job=job.id,
        observation=msgspec.json.encode(observation),
        group=GROUP,
        entry=entry,
        ttl=RESULT_TTL_S,
    )


def unobserved(job: Job, state: State, message: str) -> Observation:
    """What comes of a job that has no data."""
    return Observation(check=job.check, network=job.network, node=job.node, name=job.name, state=state, message=message)


def request_of(job: Job) -> tuple[Check, msgspec.Struct]:
    """The registered check and the typed request that a job names.

    Raises:
        BadEnvelope: the check is not registered, does not run on that network, or its request does not fit.
    """
    check = CHECKS.get(job.check)
    if check is None or job.network not in check.networks:
        raise BadEnvelope(
            f"No check {job.check!r} runs on the {job.network} network here.", hint="Run one version everywhere."
        )
    try:
        return check, msgspec.convert(job.request, check.request)
    except msgspec.ValidationError as error:
        raise BadEnvelope(
            f"The request of {job.check} does not fit: {error}.", hint="Run one version everywhere."
        ) from None


def throttled_periods() -> int:
    """How often the kernel has throttled this container so far (`nr_throttled`); 0 where that is not counted."""
    for path in ("/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpu/cpu.stat"):
        with contextlib.suppress(OSError):
            for line in Path(path).read_text(encoding="ascii").splitlines():
                name, _, count = line.partition(" ")
                if name == "nr_throttled":
                    return int(count)
    return 0
