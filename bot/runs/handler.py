"""What a worker does with the runs on its stream."""

import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
import redis

from bot.config import SigningKey
from bot.decoding import decoded
from bot.errors import BadEnvelope, Unreadable
from bot.queue.envelope import WrongSignature, unseal
from bot.queue.lease import Lease, Work, finish
from bot.queue.lifecycle import End
from bot.runs.execution import Execution, Keeping, Source
from bot.runs.model import OPEN, REQUEST, RunRequest
from bot.runs.overdue import mark_unsigned
from bot.runs.runs import Runs
from bot.store.connection import server_time


class _Unsigned(msgspec.Struct, frozen=True):
    """What is read of a request whose signature is wrong: which run it claims to be, and nothing else."""

    id: str


class RunHandler:
    """Sees runs to their end."""

    def __init__(
        self, connect: Callable[[], "redis.Redis"], key: SigningKey, cluster: str, source: Source, keeping: Keeping
    ) -> None:
        self._connect = connect
        self._client: Any = connect()
        self._keeping = keeping
        self._runs = Runs(self._client, cluster, ttl_s=keeping.run_s)
        self._key = key
        self._source = source

    def prepare(self, lease: Lease) -> Work | None:
        """See `bot.queue.lease.Handler`."""
        try:
            request = self._request(lease)
        except WrongSignature:
            self._mark(lease)
            raise
        state = self._runs.records.state(request.id)
        if state not in OPEN:
            finish(self._client, lease)
            return None
        if state == "queued" and server_time(self._client) > request.expires_at:
            self._fail(lease, request, "It waited so long that nobody needs the answer any more. Ask again.")
            return None
        return Work(
            lambda: self._act(lease, request),
            request.deadline_s,
            still_wanted=lambda: self._runs.records.state(request.id) != "cancelled",
        )

    def gave_up(self, lease: Lease, end: End, reason: str) -> None:
        """See `bot.queue.lease.Handler`."""
        words = {
            End.OVERDUE: f"It was stopped: {reason} Look at `status`.",
            End.BROKEN: f"netcheck itself failed, which says nothing about the cluster: {reason}",
            End.UNWANTED: reason,
        }
        # An entry that was delivered too often comes here unprepared, so it may be anything; its dead letter remains.
        with contextlib.suppress(BadEnvelope):
            self._fail(lease, self._request(lease), words[end])

    def _request(self, lease: Lease) -> RunRequest:
        """The request of an entry.

        Raises:
            BadEnvelope: it cannot be trusted, or was signed for another cluster.
        """
        request = unseal(self._key, REQUEST, lease.fields)
        if request.cluster != self._runs.cluster:
            raise BadEnvelope(
                f"The run is for the cluster {request.cluster}.",
                hint="Look who else may write to Redis: somebody copied it.",
            )
        return request

    def _mark(self, lease: Lease) -> None:
        with contextlib.suppress(Unreadable):
            mark_unsigned(self._runs, decoded(lease.fields.get(b"body", b""), _Unsigned).id)

    def _act(self, lease: Lease, request: RunRequest) -> None:
        client = self._connect()
        Execution(client, request, self._key, self._keeping).execute(self._source)
        finish(client, lease)

    def _fail(self, lease: Lease, request: RunRequest, error: str) -> None:
        self._runs.update(request.id, state="failed", error=error)
        finish(self._client, lease)
