"""The audit record: who did what, where, when and with what outcome.

One append-only Redis stream a cluster. An act that starts a run is one entry, added in the same step as the run, so
that neither is there without the other. Any other act is two entries, one before it and one after it, so that an act
that ended its process stands there without an outcome. Redis gives the time of each.
"""

import logging
from typing import Any

import msgspec
import redis

from bot.access.requester import Requester
from bot.access.verb import Verb
from bot.messages.where import Where
from bot.store.keys import Keys

KEPT = 20_000
"""Entries of a cluster that are kept at least: 10,000 acts or more."""
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
    verb: Verb = Verb.DIAGNOSE
    """What it comes to; entries of before there were verbs are all of them looks."""


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """An act and what came of it."""

    act: Act
    at: float
    """Unix time in seconds by Redis's clock."""
    outcome: str = ""
    """`done`, `refused` (not permitted) or `not done`; empty when its process ended before it did."""
    detail: str = ""
    """The run that it started, or why it was not done."""


class Audit:
    """The audit record of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: "redis.Redis", cluster: str) -> None:
        self._client: Any = client
        self._stream = Keys(cluster).audit

    def began(self, act: Act) -> str:
        """Note an act that is about to be done; the id of its entry."""
        return self._add({"act": encoded(act)})

    def ended(self, entry: str, outcome: str, detail: str = "") -> None:
        """Note what came of an act. It is done all the same when Redis went away before that could be noted."""
        try:
            self._add({"of": entry, "outcome": outcome, "detail": detail[:_LINE_CHARACTERS]})
        except redis.RedisError as error:
            log.warning("what came of %s cannot be noted: %s", entry, error)

    def whole(self, act: Act, outcome: str, detail: str = "") -> None:
        """Note an act together with what came of it, which is the same when that cannot be noted."""
        try:
            self._add({"act": encoded(act), "outcome": outcome, "detail": detail[:_LINE_CHARACTERS]})
        except redis.RedisError as error:
            log.warning("%s of %s, %s, cannot be noted: %s", act.command, act.by.name, outcome, error)

    def read(self, count: int = 100) -> list[Recorded]:
        """The latest acts, oldest first; those of another version are left out."""
        entries = self._client.xrevrange(self._stream, count=2 * count)[::-1]
        endings = {fields[b"of"]: fields for _, fields in entries if b"of" in fields}
        acts = [_recorded(entry, fields, endings.get(entry, fields)) for entry, fields in entries if b"act" in fields]
        return [act for act in acts if act is not None][-count:]

    def _add(self, fields: dict[str, Any]) -> str:
        entry: bytes = self._client.xadd(self._stream, fields, maxlen=KEPT, approximate=True)
        return entry.decode()


def encoded(act: Act) -> bytes:
    """An act as its entry holds it; of a long line the beginning."""
    return msgspec.json.encode(msgspec.structs.replace(act, line=act.line[:_LINE_CHARACTERS]))


def _recorded(entry: bytes, fields: dict[bytes, bytes], ending: dict[bytes, bytes]) -> Recorded | None:
    try:
        act = msgspec.json.decode(fields[b"act"], type=Act)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    outcome, detail = (ending.get(name, b"").decode(errors="replace") for name in (b"outcome", b"detail"))
    return Recorded(act=act, at=int(entry.split(b"-")[0]) / 1000, outcome=outcome, detail=detail)
