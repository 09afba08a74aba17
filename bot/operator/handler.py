"""What the operator does with the orders on its stream: trust none of them, do each once, tell what came of it."""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis

from bot.access.audit import Act, Audit
from bot.access.policy import Policy, not_approvable
from bot.access.verb import Verb
from bot.config import SigningKey
from bot.errors import BadEnvelope, NetcheckError
from bot.operator.acts import DOINGS, UNKNOWN, Doing, Site
from bot.operator.cluster.api import Api
from bot.operator.cluster.privileged import Privileged
from bot.operator.vcenter.account import Account
from bot.operator.vcenter.errors import OutcomeUnknownError
from bot.queue.envelope import unseal
from bot.queue.lease import Lease, Work, finish
from bot.queue.lifecycle import End
from bot.runbooks.model import Approval, digest
from bot.runbooks.operations import Operation
from bot.runbooks.orders import BEGUN, DONE, FAILED, LOST, ORDER, Order, Performed, performed
from bot.store.connection import RETRYABLE, server_time
from bot.store.keys import Keys
from bot.store.records import Record

DEADLINE_S = 1800.0
TOLD_S = 900.0
"""For so long it is tried to tell what came of an order: Redis may be on the node that was switched off."""
_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Means:
    """What the operator acts with, as who, and by whose leave."""

    connect: Callable[[], "redis.Redis"]
    key: SigningKey
    cluster: str
    name: str
    api: Callable[[], Api]
    vcenter: Account | None
    privileged: Privileged | None
    policy: Policy
    turn: Callable[[], int]
    """The number of this operator's turn; 0 when another one is active."""
    node: str = ""
    """Where it runs; empty when it does not know."""
    doings: Mapping[type[Operation], Doing] = field(default_factory=lambda: DOINGS)
    """What it can do. The playground's does the same verbs to recorded nodes."""


class OrderHandler:
    """See `bot.queue.lease.Handler`."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._client: Any = means.connect()
        self._keys = Keys(means.cluster)
        self._performed = performed(self._client, self._keys)

    def prepare(self, lease: Lease) -> Work | None:
        """See `bot.queue.lease.Handler`."""
        order = self._order(lease)
        turn = self._means.turn()
        known = self._performed.read(order.id)
        if isinstance(known, Record) and known.content.state != BEGUN:
            finish(self._client, lease)
            return None
        if known is not None:
            # Somebody has begun it and died: it is looked at, and never done again.
            return Work(lambda: self._look(lease, order, turn), DEADLINE_S, still_wanted=_always)
        refusal = self._refusal(order, turn)
        if refusal:
            self._store(order, turn, FAILED, (refusal,))
            finish(self._client, lease)
            return None
        return Work(lambda: self._act(lease, order, turn), DEADLINE_S, still_wanted=_always)

    def gave_up(self, lease: Lease, end: End, reason: str) -> None:
        """See `bot.queue.lease.Handler`."""
        with contextlib.suppress(BadEnvelope):
            state = FAILED if end is End.UNWANTED else LOST
            self._store(self._order(lease), self._means.turn(), state, (f"The operator gave it up: {reason}",))
        finish(self._client, lease)

    def _order(self, lease: Lease) -> Order:
        """The order of an entry.

        Raises:
            BadEnvelope: it cannot be trusted, or was signed for another cluster.
        """
        order = unseal(self._means.key, ORDER, lease.fields)
        if order.cluster != self._means.cluster:
            raise BadEnvelope(f"The order is for the cluster {order.cluster}.", hint="Somebody copied it.")
        return order

    def _refusal(self, order: Order, turn: int) -> str:
        """Why an order is not carried out; empty when it is."""
        if not turn:
            return "Another operator is active."
        if server_time(self._client) > order.expires_at:
            return "It was given too long ago: what was true then may not be any more."
        if type(order.operation) not in self._means.doings:
            return "This operator does not know how."
        return _unapproved(order, self._means.policy)

    def _act(self, lease: Lease, order: Order, turn: int) -> None:
        client = self._means.connect()
        audit, act = Audit(client, order.cluster), _act_of(order)
        # Before acting, with the name of whoever approved it.
        entry = audit.began(act)
        self._store(order, turn, BEGUN, ())
        state, lines = self._done(
            order, lambda site: self._means.doings[type(order.operation)].act(site, order.operation)
        )
        self._tell(order, turn, state, lines)
        audit.ended(entry, {DONE: "done"}.get(state, "not done"), " ".join(lines))
        finish(client, lease)

    def _look(self, lease: Lease, order: Order, turn: int) -> None:
        def looked(site: Site) -> list[str]:
            if self._means.doings[type(order.operation)].look(site, order.operation):
                return ["The operator that began it is gone; it is done."]
            raise _NotToItsEnd("The operator that began it is gone, and it is not done to its end.")

        state, lines = self._done(order, looked)
        self._tell(order, turn, state, lines)
        finish(self._means.connect(), lease)

    def _done(self, order: Order, do: Callable[[Site], Any]) -> tuple[str, tuple[str, ...]]:
        try:
            means = self._means
            site = Site(means.api(), means.vcenter, means.privileged, order.execution, order.id, means.node)
            return DONE, tuple(do(site))
        except (*UNKNOWN, OutcomeUnknownError) as error:
            return LOST, (error.reason,)
        except NetcheckError as error:
            return FAILED, (error.reason,)

    def _tell(self, order: Order, turn: int, state: str, lines: tuple[str, ...]) -> None:
        """Store what came of it, as long as it takes: the change is made, and somebody waits for this."""
        until = time.monotonic() + TOLD_S
        while True:
            try:
                self._store(order, turn, state, lines)
            except RETRYABLE:
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_S)
            else:
                return

    def _store(self, order: Order, turn: int, state: str, lines: tuple[str, ...]) -> None:
        records = performed(self._means.connect(), self._keys)
        told = Performed(order=order.id, state=state, operator=self._means.name, fence=turn, lines=lines)
        if records.create(order.id, told):
            return
        seen = records.read(order.id)
        # What was told once stays; and a later turn has the last word over an earlier one.
        if isinstance(seen, Record) and seen.content.state == BEGUN and seen.content.fence <= turn:
            records.replace(seen, told)


class _NotToItsEnd(NetcheckError):  # noqa: N818 - says what is the case
    """What somebody else began is not done."""


def _always() -> bool:
    """Nobody stops an operation half-way: it ends, or is looked at."""
    return True


def _unapproved(order: Order, policy: Policy) -> str:
    """What the approval of an order lacks; empty when it is as it must be."""
    forward = [step.operation for step in order.steps if step.operation]
    backward = [step.undo.operation for step in order.steps if step.undo and step.undo.operation]
    if order.operation not in (*forward, *backward):
        return "It is none of the steps that were shown."
    word = order.approved
    if word is None:
        return "Nobody has approved it."
    if word.digest != digest(order.steps):
        return "What was approved is not what it says."
    needs = max((step.approval for step in order.steps), key=list(Approval).index)
    if order.operation not in forward:
        needs = Approval.ONE
    refusal = policy.refused(Verb.REMEDIATE, word.by, word.channel, order.cluster)
    if needs is Approval.SECOND:
        refusal = not_approvable(policy, order.requested_by, word.by, order.cluster, word.channel)
    return f"Who approved it may not: {refusal.reason}" if refusal else ""


def _act_of(order: Order) -> Act:
    by = order.approved.by if order.approved else order.requested_by
    built = msgspec.to_builtins(order.operation)
    words = " ".join(f"{key}={value}" for key, value in built.items() if key != "verb")
    node = built.get("node", "")
    return Act(
        by=by,
        surface="operator",
        command=str(built["verb"]),
        line=f"{built['verb']} {words} for {order.execution}",
        cluster=order.cluster,
        nodes=(node,) if node else (),
        verb=Verb.REMEDIATE,
    )
