"""What was given up, kept for people to look at."""

from typing import Any

import msgspec

from bot.queue.lease import GROUP, Lease
from bot.store.connection import server_time
from bot.store.keys import Keys

KEPT = 1000
_LETTER_BYTES = 4096


class DeadLetter(msgspec.Struct, frozen=True):
    """An entry that was given up."""

    stream: str
    reason: str
    age_s: float


def bury(client: Any, lease: Lease, reason: str) -> None:
    """Move an entry to the dead letters of its cluster."""
    cluster = lease.stream[lease.stream.index("{") + 1 : lease.stream.index("}")]
    letter = {"stream": lease.stream, "reason": reason, "body": lease.fields.get(b"body", b"")[:_LETTER_BYTES]}
    with client.pipeline(transaction=True) as pipe:
        pipe.xadd(Keys(cluster).dead, letter, maxlen=KEPT)
        pipe.xack(lease.stream, GROUP, lease.entry)
        pipe.xdel(lease.stream, lease.entry)
        pipe.execute()


def dead_letters(client: Any, keys: Keys, count: int) -> tuple[DeadLetter, ...]:
    """The newest first."""
    now = server_time(client)
    rows = client.xrevrange(keys.dead, count=count)
    return tuple(
        DeadLetter(_words(fields.get(b"stream")), _words(fields.get(b"reason")), now - entry_time(entry))
        for entry, fields in rows
    )


def entry_time(entry: bytes) -> float:
    """Unix time in seconds at which a stream entry was added, by Redis's clock."""
    return int(entry.split(b"-")[0]) / 1000


def _words(stored: bytes | None) -> str:
    """Text for a person, whatever it is that was stored."""
    return (stored or b"").decode(errors="replace")
