"""The audit record: who did what, where, when and with what outcome.

One append-only Redis stream a cluster. An act is two entries, one before it and one after it, so an act that ended its
process stands there without an outcome. Redis gives the time of each.
"""

import logging
import queue
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import redis

from bot.access.requester import Requester
from bot.messages.where import Where
from bot.store.keys import Keys

KEPT = 20_000
"""Entries of a cluster that are kept at least: 10,000 acts."""
GATHERED_S = 0.05
"""Endings are gathered for so long: when many people type at once, their acknowledgements go first."""
_LINE_CHARACTERS = 500

log = logging.getLogger(__name__)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to do, as it is permitted and recorded."""

    by: Requester
    surface: str
    """Through what: `command`, `shortcut`, `button`, `conversation` or `command line`."""
    where: Where | None = None
    command: str
    line: str
    """The words that ask for it."""
    cluster: str
    nodes: tuple[str, ...] = ()
    """Empty: all."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An act and what came of it."""

    act: Act
    at: float
    """Unix time in seconds by Redis's clock."""
    outcome: str = ""
    """`done`, `refused` (not permitted) or `not done`; empty when its process ended before it did."""
    detail: str = ""
    """The run that it started, or why it was not done."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of an act."""

    cluster: str
    entry: str
    """The entry of its beginning."""
    outcome: str
    detail: str = ""


class Audit:
    """The audit record of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: "redis.Redis", cluster: str) -> None:
        self._client: Any = client
        self._stream = Keys(cluster).audit

    def began(self, act: Act) -> str:
        """Note an act that is about to be done; the id of its entry."""
        short = msgspec.structs.replace(act, line=act.line[:_LINE_CHARACTERS])
        entry: bytes = self._client.xadd(
            self._stream, {"act": msgspec.json.encode(short)}, maxlen=KEPT, approximate=True
        )
        return entry.decode()

    def read(self, count: int = 100) -> list[Recorded]:
        """The latest acts, oldest first; those of another version are left out."""
        entries = self._client.xrevrange(self._stream, count=2 * count)[::-1]
        endings = {fields[b"of"]: fields for _, fields in entries if b"of" in fields}
        acts = [_recorded(entry, fields, endings.get(entry, {})) for entry, fields in entries if b"act" in fields]
        return [act for act in acts if act is not None][-count:]


def note_endings(client: "redis.Redis", endings: Sequence[Ending]) -> None:
    """Note what came of acts, now. What is done is done, also when Redis went away before that could be noted."""
    try:
        with client.pipeline(transaction=False) as pipe:
            for ending in endings:
                fields: dict[Any, Any] = {"of": ending.entry, "outcome": ending.outcome}
                fields["detail"] = ending.detail[:_LINE_CHARACTERS]
                pipe.xadd(Keys(ending.cluster).audit, fields, maxlen=KEPT, approximate=True)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("what came of %s cannot be noted: %s", [ending.entry for ending in endings], error)


class Endings:
    """Notes what came of acts a moment later, many at once, so that no acknowledgement waits for it.

    `run` is a thread's target.
    """

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client
        self._waiting: queue.SimpleQueue[Ending | None] = queue.SimpleQueue()

    def add(self, ending: Ending) -> None:
        """Have an ending noted soon."""
        self._waiting.put(ending)

    def stop(self) -> None:
        """End `run` once everything is noted."""
        self._waiting.put(None)

    def run(self) -> None:
        """Note what is added until told to stop."""
        stopped = False
        while not stopped:
            gathered = [self._waiting.get()]
            time.sleep(GATHERED_S)
            while not self._waiting.empty():
                gathered.append(self._waiting.get())
            stopped = None in gathered
            note_endings(self._client, [ending for ending in gathered if ending is not None])


def _recorded(entry: bytes, fields: dict[bytes, bytes], ending: dict[bytes, bytes]) -> Recorded | None:
    try:
        act = msgspec.json.decode(fields[b"act"], type=Act)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    outcome, detail = (ending.get(name, b"").decode(errors="replace") for name in (b"outcome", b"detail"))
    return Recorded(act=act, at=int(entry.split(b"-")[0]) / 1000, outcome=outcome, detail=detail)
