"""The message of a record: shown once and edited in place, exactly once wherever Slack allows.

Any replica of the bot may show any record, of any kind. A record that changed is due; a replica that takes it holds it
for a while, and settles it afterwards. Beside the record stands what is known of its message: where it is, which posts
were begun, what it shows. So whoever comes next, after a death in between, goes on from there.

A record may be shown in several parts: the message itself, and further ones in its thread.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.decoding import decoded
from bot.errors import Unreadable
from bot.messages.where import Where
from bot.store.connection import server_time
from bot.store.due import Due
from bot.store.keys import Keys
from bot.store.records import MESSAGES, item
from bot.store.scripts import Script

POSTING_S = 6.0
"""A post that was begun so long ago has arrived or never will: more than the time-out of a call to Slack."""
MESSAGE = "message"
"""The part that is edited in place; further parts hang in its thread."""
_BEGIN = Script("begin_post")
_POSTED = Script("note_posted")


@dataclass(frozen=True, slots=True)
class Begun:
    """Leave to post a part."""

    since: float
    """0 for the first attempt; else when that one began (Unix time in seconds). Its end is not known, so the part may
    be in the channel already and must be looked for."""


class MessageState:
    """What is known of the message of one record. Every method may raise `redis.RedisError`.

    It is read once; what is noted is written at once, and known to this object too.
    """

    def __init__(self, client: Any, keys: Keys, kind: str, record: str) -> None:
        self._client = client
        self._key = keys.message(kind, record)
        self._due, self._item = Due(client, keys, MESSAGES), item(kind, record)
        self._fields: dict[str, bytes] = {}
        self.look_again()

    def look_again(self) -> None:
        """Know what others have noted meanwhile."""
        stored = self._client.hgetall(self._key)
        self._fields = {name.decode(errors="replace"): value for name, value in stored.items()}

    @property
    def where(self) -> Where | None:
        """Where it is shown; None when it is not, or nobody can tell."""
        try:
            return decoded(self._fields.get("where", b"null"), Where)
        except Unreadable:
            return None

    def posted(self, part: str = MESSAGE) -> str:
        """Slack's `ts` of a part; empty until it is posted."""
        ts: bytes = self._fields.get(f"ts:{part}", b"")
        return ts.decode(errors="replace")

    def orphans(self) -> tuple[str, ...]:
        """Slack's `ts` of further copies of the message itself: posted twice, because nobody could look."""
        copies = (name.removeprefix("orphan:") for name, part in self._fields.items() if part == MESSAGE.encode())
        return tuple(ts for ts in copies if f"orphan:{ts}" in self._fields)

    def shows(self, ts: str, view: Any) -> bool:
        """Whether the message of that `ts` is known to show just this."""
        return bool(self._fields.get(f"shown:{ts}") == _digest(view))

    def in_room(self, user: str) -> bool:
        """Whether somebody was invited to the record's channel."""
        return f"in_room:{user}" in self._fields

    def note_in_room(self, user: str) -> None:
        """Somebody was invited there."""
        self._write({f"in_room:{user}": b"1"})

    def gave_up(self, why: str) -> bool:
        """Whether it was given up for that reason before."""
        return f"gave_up:{why}" in self._fields

    def begin(self, part: str) -> Begun | None:
        """Say that a part is about to be posted, so that it is posted once even if the poster dies meanwhile.

        None while another attempt may still be under way.
        """
        began = float(_BEGIN(self._client, message=self._key, part=part, hold_s=POSTING_S))
        return None if began < 0 else Begun(began)

    def note_refused(self, part: str) -> None:
        """The post that was begun is known not to be in the channel."""
        self._client.hdel(self._key, f"posting:{part}", f"begun:{part}")

    def note_posted(self, part: str, ts: str) -> None:
        """A part is in the channel. Where it had been posted before already, the first one stays."""
        first: bytes = _POSTED(self._client, message=self._key, part=part, ts=ts)
        self._fields[f"ts:{part}"] = first
        if first.decode() != ts:
            self._fields[f"orphan:{ts}"] = part.encode()

    def note_shown(self, ts: str, view: Any) -> None:
        """The message of that `ts` shows this."""
        self._write({f"shown:{ts}": _digest(view)})

    def note_moved(self, where: Where) -> None:
        """It is shown somewhere else from now on: it cannot be shown where it was asked for."""
        self._write({"where": msgspec.json.encode(where)})

    def note_gave_up(self, why: str) -> None:
        """It cannot be shown; `why` tells one reason from another."""
        self._write({f"gave_up:{why}": b"1"})

    def note_met(self, where: Where, ts: str) -> None:
        """Somebody acted on a message that shows this record: if it is a copy that nobody knew of, it is known now.

        That happens where the bot may not read the channel, and posted a second time after an answer was lost.
        """
        if ts and self.where is not None and self.where.channel == where.channel and self.posted() != ts:
            self.note_posted(MESSAGE, ts)
            self._due.at(self._item, server_time(self._client))

    def _write(self, fields: dict[str, bytes]) -> None:
        self._client.hset(self._key, mapping=fields)
        self._fields |= fields


def _digest(view: Any) -> bytes:
    return hashlib.sha256(msgspec.json.encode(view)).hexdigest().encode()
