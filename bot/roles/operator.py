"""`netcheck operator`: the one process that changes anything, one active a cluster."""

import logging
import threading
from typing import Any

from bot.operator.handler import Means, OrderHandler
from bot.operator.lead import Lead
from bot.processes import on_stop
from bot.queue.consumer import Consumer
from bot.queue.lease import Lane
from bot.runbooks.presence import Presence, note_presence
from bot.store.connection import RETRYABLE
from bot.store.keys import Keys

_WAIT_S = 1.0
"""Between two looks whether another operator is active."""

log = logging.getLogger(__name__)


def verbs(means: Means) -> tuple[str, ...]:
    """What this operator can do."""
    able = [
        kind
        for kind, doing in means.doings.items()
        if (means.vcenter or not doing.vcenter) and (means.privileged or not doing.privileged)
    ]
    return tuple(sorted(str(kind.__struct_config__.tag) for kind in able))


def serve(means: Means) -> None:
    """Carry out orders until SIGTERM, or until another operator is active; while one is, wait."""
    keys, stop = Keys(means.cluster), threading.Event()
    on_stop(stop.set)
    presence = Presence(means.name, verbs(means))
    client = means.connect()
    while not stop.wait(_WAIT_S):
        if _waited(client, keys, presence):
            _consume(means, keys, presence)
            return


def _consume(means: Means, keys: Keys, presence: Presence) -> None:
    def tick(client: Any) -> None:
        # A Redis that does not answer raises here, and is waited for: what is under way goes on meanwhile.
        if not _active(client, keys, presence):
            log.error("another operator is active: this one ends")
            consumer.stop()

    # One order at a time: two nodes are never changed at once, whatever bots ask for.
    lane = Lane(keys.orders, 1, OrderHandler(means), shared=True)
    consumer = Consumer(means.connect, [lane], name=means.name, on_tick=tick)
    on_stop(consumer.stop)
    log.info("operator %s serves cluster %s: %s", means.name, means.cluster, ", ".join(presence.verbs))
    consumer.run()


def _active(client: Any, keys: Keys, presence: Presence) -> bool:
    """Whether this is the active operator, and if so tell it. May raise `redis.RedisError`."""
    if not Lead(client, keys, presence.name).take():
        return False
    note_presence(client, keys, presence)
    return True


def _waited(client: Any, keys: Keys, presence: Presence) -> bool:
    try:
        return _active(client, keys, presence)
    except RETRYABLE as error:
        log.warning("Redis does not answer: %s", error)
        return False
