"""The audit record: who did what, where, when and with what outcome.

One append-only Redis stream a cluster. An act that starts a run is one entry, added in the same step as the run, so
that neither is there without the other. Any other act is two entries, one before it and one after it, so that an act
that ended its process stands there without an outcome. Redis gives the time of each, and ties each to the one before it
(`bot.access.chain`), so that nobody changes the record afterwards without its being seen.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import redis

from bot.access.chain import Fields, Verified, digest_of, entries, time_of, verify
from bot.access.requester import Requester
from bot.access.verb import Verb
from bot.messages.where import Where
from bot.store.keys import Keys
from bot.store.scripts import Script

KEPT = 20_000
"""Entries of a cluster that are kept at least: 10,000 acts or more."""
_LINE_CHARACTERS = 500
_APPEND = Script("append_audit")

log = logging.getLogger(__name__)


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to do, as it is permitted and recorded."""

    by: Requester
    surface: str
    """Through what: `command`, `shortcut`, `button`, `form`, `conversation`, `mention` or `command line`."""
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
    entry: str
    """The id of its entry."""
    chain: str = ""
    """The entry's chain value; empty for one of before there was a chain."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be appended to the record; without fields nothing is."""

    fields: Mapping[bytes, bytes] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """What ties the fields to the chain."""
        return digest_of(self.fields)

    @property
    def flat(self) -> list[bytes]:
        """Names and values by turns, as scripts take them."""
        return [part for pair in self.fields.items() for part in pair]


class Audit:
    """The audit record of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: "redis.Redis", cluster: str) -> None:
        self._client: Any = client
        self._cluster = cluster
        self._stream, self._head = Keys(cluster).audit, Keys(cluster).audit_head

    def began(self, act: Act) -> str:
        """Note an act that is about to be done; the id of its entry."""
        return self._add(_entry(act))

    def ended(self, entry: str, outcome: str, detail: str = "") -> None:
        """Note what came of an act. It is done all the same when Redis went away before that could be noted."""
        try:
            self._add(Entry({b"of": entry.encode(), **_ending(outcome, detail)}))
        except redis.RedisError as error:
            log.warning("what came of %s cannot be noted: %s", entry, error)

    def whole(self, act: Act, outcome: str, detail: str = "") -> None:
        """Note an act together with what came of it, which is the same when that cannot be noted."""
        try:
            self._add(_entry(act, outcome, detail))
        except redis.RedisError as error:
            log.warning("%s of %s, %s, cannot be noted: %s", act.command, act.by.name, outcome, error)

    def read(self, count: int = 100) -> list[Recorded]:
        """The latest acts, oldest first; those of another version are left out."""
        found = self._client.xrevrange(self._stream, count=2 * count)[::-1]
        return list(_recorded_acts([(entry.decode(), fields) for entry, fields in found]))[-count:]

    def since(self, at: float) -> Iterator[Recorded]:
        """Every act from a Unix time in seconds on, oldest first."""
        return _recorded_acts(list(entries(self._client, self._stream, str(int(at * 1000)))))

    def verify(self, known: tuple[str, str] | None = None) -> Verified:
        """Whether the record is as it was written; see `bot.access.chain.verify`."""
        return verify(self._client, self._cluster, KEPT, known)

    def _add(self, entry: Entry) -> str:
        added: bytes = _APPEND(
            self._client, audit=self._stream, head=self._head, kept=KEPT, digest=entry.digest, fields=entry.flat
        )
        return added.decode()


def started(act: Act, run: str) -> Entry:
    """The entry of an act that starts a run, to be added with it."""
    return _entry(act, "done", f"run {run}")


def _entry(act: Act, outcome: str = "", detail: str = "") -> Entry:
    """An act, of a long line the beginning, and what came of it if that is known already."""
    encoded = msgspec.json.encode(msgspec.structs.replace(act, line=act.line[:_LINE_CHARACTERS]))
    return Entry({b"act": encoded, **(_ending(outcome, detail) if outcome else {})})


def _ending(outcome: str, detail: str) -> dict[bytes, bytes]:
    return {b"outcome": outcome.encode(), b"detail": detail[:_LINE_CHARACTERS].encode()}


def _recorded_acts(found: list[tuple[str, Fields]]) -> Iterator[Recorded]:
    endings = {fields[b"of"]: fields for _, fields in found if b"of" in fields}
    for entry, fields in found:
        recorded = _recorded(entry, fields, endings.get(entry.encode(), fields)) if b"act" in fields else None
        if recorded is not None:
            yield recorded


def _recorded(entry: str, fields: Fields, ending: Fields) -> Recorded | None:
    try:
        act = msgspec.json.decode(fields[b"act"], type=Act)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    outcome, detail, chain = (
        source.get(name, b"").decode(errors="replace")
        for source, name in ((ending, b"outcome"), (ending, b"detail"), (fields, b"chain"))
    )
    return Recorded(act=act, at=time_of(entry), outcome=outcome, detail=detail, entry=entry, chain=chain)
