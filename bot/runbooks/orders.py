"""What the operator is told to do, signed, and what it came to, recorded once.

An order names everything that the operator must know to refuse it: who started the plan, who approved what, the steps
that were shown, and until when it holds. Whoever can write to Redis can neither make one nor change one.
"""

from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.config import OPERATIONS, SigningKey
from bot.queue import envelope
from bot.runbooks.execution import Approved
from bot.runbooks.model import Step
from bot.runbooks.operations import Operation
from bot.store import records
from bot.store.keys import Keys
from bot.store.records import Records
from bot.store.scripts import Script

VALID_S = 120.0
"""An order that nobody took for so long is void: what was true when it was approved may not be any more."""
KEPT_S = 7 * 86400
BEGUN, DONE, FAILED, LOST = "begun", "done", "failed", "lost"
_ENQUEUE = Script("enqueue_order")


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One operation, with everything that makes it a permitted one."""

    id: str
    cluster: str
    execution: str
    """Its incident has the same id."""
    operation: Operation
    steps: tuple[Step, ...]
    """The unit that was approved, as it was shown."""
    requested_by: Requester
    approved: Approved | None = None
    expires_at: float
    """Unix time in seconds by Redis's clock."""


class Performed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an order."""

    order: str
    state: str
    """`BEGUN`: the operator is at it; `DONE`; `FAILED`: it was not done; `LOST`: nobody knows."""
    operator: str
    """Its name."""
    fence: int
    """Which holder of the operator's lease it was: a later one has a larger number."""
    lines: tuple[str, ...] = ()
    """What was done, or why not, for people."""


ORDER = envelope.Kind("order", Order, OPERATIONS)
PERFORMED = records.Kind("performed", Performed, 1, lambda performed: performed.state)


def performed(client: Any, keys: Keys) -> Records[Performed]:
    """What became of the orders of a cluster."""
    return Records(client, keys, PERFORMED, ttl_s=KEPT_S)


def enqueue(client: Any, keys: Keys, key: SigningKey, order: Order) -> bool:
    """Give an order to the operator; False when it was given before."""
    sealed = envelope.seal(key, ORDER, order)
    taken = _ENQUEUE(
        client,
        known=keys.order(order.id),
        stream=keys.orders,
        body=sealed["body"],
        signature=sealed["signature"],
        ttl=KEPT_S,
    )
    return bool(taken)
