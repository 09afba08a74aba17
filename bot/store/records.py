"""Versioned records: made once, changed only by whoever saw the newest version, watched, and forgotten in time.

A record is one JSON document of a named kind. Its version rises with every change, so two who change it at once cannot
undo each other's work: the second one reads again first. Its state, one word, can be asked for without reading the
rest. Where a record cannot be read here, because another version of netcheck wrote it, that is an answer too.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from bot.decoding import decoded
from bot.errors import Unreadable
from bot.store.connection import LONGEST_BLOCK_MS, RETRYABLE
from bot.store.keys import Keys
from bot.store.scripts import Script

Content = TypeVar("Content")
MESSAGES = "messages"
"""What is due when a record changed that a message shows."""
_CREATE = Script("create_record")
_CHANGE = Script("change_record")
_RETRY_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Kind(Generic[Content]):
    """A kind of record."""

    name: str
    """Part of its keys: it never changes, whatever the class is called."""
    content: type[Content]
    format: int
    """Rises when the content changes so that former versions of netcheck would misread it."""
    state: Callable[[Content], str] = lambda _: ""
    """The state of such a record in one word."""


@dataclass(frozen=True, slots=True)
class Record(Generic[Content]):
    """One record as it was read."""

    id: str
    version: int
    """1 at first; rises with every change."""
    content: Content
    changed_at: float
    """Unix time in seconds of the last change, by Redis's clock."""
    refused: str = ""
    """Why whoever was to act on it refused to: a code, for which the reader has words."""


class Records(Generic[Content]):
    """The records of one kind in one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, keys: Keys, kind: Kind[Content], *, ttl_s: int) -> None:
        self._client = client
        self._keys = keys
        self.kind = kind
        self._ttl_s = ttl_s

    def create(self, record: str, content: Content) -> bool:
        """Store the first version; False when there is a record of that id already, which stays as it is."""
        created = _CREATE(
            self._client,
            record=self._keys.record(self.kind.name, record),
            changes=self._keys.changes(self.kind.name, record),
            index=self._keys.index(self.kind.name),
            id=record,
            **self.written(content),
        )
        return bool(created)

    def read(self, record: str) -> Record[Content] | Unreadable | None:
        """The newest version; `Unreadable` says why there is one but it is not understood."""
        return read(self._client, self._keys, self.kind, record)

    def replace(self, seen: Record[Content], content: Content) -> bool:
        """Store the next version; False when `seen` is no longer the newest one, or the record is gone."""
        changed = _CHANGE(
            self._client,
            record=self._keys.record(self.kind.name, seen.id),
            changes=self._keys.changes(self.kind.name, seen.id),
            message=self._keys.message(self.kind.name, seen.id),
            messages=self._keys.due(MESSAGES),
            item=item(self.kind.name, seen.id),
            version=seen.version,
            **self.written(content),
        )
        return bool(changed)

    def state(self, record: str) -> str:
        """The state of the newest version; empty when there is no such record."""
        stored = self._client.hget(self._keys.record(self.kind.name, record), "state")
        return stored.decode(errors="replace") if stored else ""

    def newest(self, count: int) -> tuple[str, ...]:
        """Ids of the records that were made last, the newest first."""
        ids = self._client.zrevrange(self._keys.index(self.kind.name), 0, count - 1)
        return tuple(found.decode(errors="replace") for found in ids)

    def watch(self, record: str, timeout_s: float) -> Iterator[Record[Content]]:
        """The record now and after every change, for `timeout_s` seconds at most, or until it cannot be read.

        A restart of Redis meanwhile is waited out.
        """
        until = time.monotonic() + timeout_s
        last = "0"
        while True:
            try:
                current = self.read(record)
            except RETRYABLE:
                if time.monotonic() > until:
                    raise
                time.sleep(_RETRY_PAUSE_S)
                continue
            if not isinstance(current, Record):
                return
            yield current
            if time.monotonic() > until:
                return
            with contextlib.suppress(*RETRYABLE):
                changes = self._keys.changes(self.kind.name, record)
                reply = self._client.xread({changes: last}, block=LONGEST_BLOCK_MS)
                last = reply[0][1][-1][0] if reply else last

    def written(self, content: Content) -> dict[str, Any]:
        """What a script needs to write a version."""
        return {
            "format": self.kind.format,
            "state": self.kind.state(content),
            "body": msgspec.json.encode(content),
            "ttl": self._ttl_s,
        }


def read(client: Any, keys: Keys, kind: Kind[Content], record: str) -> Record[Content] | Unreadable | None:
    """The newest version of a record; `Unreadable` says why there is one but it is not understood."""
    fields = client.hgetall(keys.record(kind.name, record))
    if not fields:
        return None
    try:
        return _record(kind, record, fields)
    except Unreadable as error:
        return error


def read_all(client: Any, kind: Kind[Content], wanted: Sequence[tuple[Keys, str]]) -> list[Record[Content]]:
    """The newest versions of records of several clusters, asked for at once, without those gone or not understood.

    May raise `redis.RedisError`.
    """
    with client.pipeline(transaction=False) as pipeline:
        for keys, record in wanted:
            pipeline.hgetall(keys.record(kind.name, record))
        stored = pipeline.execute()
    found: list[Record[Content]] = []
    for (_, record), fields in zip(wanted, stored, strict=True):
        with contextlib.suppress(Unreadable):
            found += [_record(kind, record, fields)] if fields else []
    return found


def item(kind: str, record: str) -> str:
    """A record as an item that is due."""
    return f"{kind}/{record}"


def _record(kind: Kind[Content], record: str, fields: dict[bytes, bytes]) -> Record[Content]:
    what = f"The record {kind.name} {record}"
    try:
        written, body = int(fields[b"format"]), fields[b"body"]
        version, changed_at = int(fields[b"version"]), float(fields[b"changed"])
    except (LookupError, ValueError) as error:
        raise Unreadable(f"{what} is damaged: {error!r}.") from None
    if written != kind.format:
        raise Unreadable(f"{what} has format {written}; this netcheck reads format {kind.format}.")
    try:
        content = decoded(body, kind.content)
    except Unreadable as error:
        raise Unreadable(f"{what} cannot be read: {error}.") from None
    return Record(record, version, content, changed_at, fields.get(b"refused", b"").decode(errors="replace"))
