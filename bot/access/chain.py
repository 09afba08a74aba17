"""The hash chain of an audit record: how an entry is tied to the one before, and whether all of them still are.

Every entry holds a number, the chain value of the entry before, and its own: the SHA-1 of that value, the SHA-256 of
its fields, its number and its id. Redis makes the value itself, in the step that appends the entry, so that two writers
never chain to the same entry; its scripts have no other hash than SHA-1, which does here because nobody can choose what
is hashed. So whatever is changed, cut out, put in or moved afterwards shows, with the place where. What is remembered
of the last entry apart from the stream shows what is cut off its end.

Who can write to Redis can make the whole chain anew, and nothing in Redis could show that. A chain value that was noted
elsewhere does: `known` is compared with what is there now.
"""

import enum
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from bot.store.keys import Keys

CHAINED = (b"chain", b"before", b"number")
"""The fields of an entry that tie it; all others are its content."""
PAGE = 1000

Fields = Mapping[bytes, bytes]


def digest_of(fields: Fields) -> str:
    """The SHA-256 of an entry's content, each name and value with its length before it."""
    whole = hashlib.sha256()
    for name in sorted(fields):
        if name not in CHAINED:
            value = fields[name]
            whole.update(b"%d:%b%d:%b" % (len(name), name, len(value), value))
    return whole.hexdigest()


def value_of(before: str, digest: str, number: int, entry: str) -> str:
    """The chain value of an entry, as `shared/chain.lua` makes it."""
    return hashlib.sha1(f"{before} {digest} {number} {entry}".encode(), usedforsecurity=False).hexdigest()


def time_of(entry: str) -> float:
    """When an entry was added: Unix time in seconds by Redis's clock, which is its id."""
    return int(entry.split("-", maxsplit=1)[0]) / 1000


class Breach(enum.StrEnum):
    """What can be wrong with a chain."""

    CHANGED = "changed"
    """The entry is not as it was written."""
    MISSING = "missing"
    """Between the entry and the one before, others are gone, or one of the two is not where it was."""
    FOREIGN = "foreign"
    """The entry has no chain value: another version wrote it, or somebody put it there."""
    BEGINNING = "beginning"
    """Entries before the first are gone, and fewer are left than are always kept."""
    END = "end"
    """Entries after the last are gone."""
    REWRITTEN = "rewritten"
    """The entry whose chain value was noted elsewhere is not there, or has another one."""


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """One place where a chain does not hold."""

    what: Breach
    entry: str
    """The id of the entry that shows it."""
    at: float
    """When that entry was added: Unix time in seconds."""
    after: str = ""
    """The id of the entry before; empty for the first."""
    missing: int = 0
    """How many entries are gone, as far as their numbers tell."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as part of a chain."""

    entry: str
    number: int
    chain: str
    at: float


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking at every entry of a chain."""

    cluster: str
    whole: bool
    entries: int
    first: Link | None
    """The chain is verified from this entry on: what was before is no longer kept. None: there is none."""
    last: Link | None
    older: int
    """Entries before the first that were written before there was a chain."""
    breaks: tuple[Break, ...]


def verify(client: Any, cluster: str, kept: int, known: tuple[str, str] | None = None) -> Verified:
    """Look at every entry of a cluster's audit record, of which at least `kept` are never trimmed.

    `known` is the id of an entry and the chain value that it had once; one that is no longer kept says nothing.

    Raises:
        redis.RedisError: Redis does not answer.
    """
    keys = Keys(cluster)
    # Before the entries: whatever is appended in between is more than was remembered, and not less.
    head = {name.decode(): value.decode() for name, value in client.hgetall(keys.audit_head).items()}
    walk = _Walk()
    for entry, fields in entries(client, keys.audit):
        walk.take(entry, fields)
    walk.begun(kept)
    walk.ended(head)
    if known is not None:
        walk.compared(*known)
    return Verified(
        cluster=cluster,
        whole=not walk.breaks,
        entries=walk.count,
        first=walk.first,
        last=walk.last,
        older=walk.older,
        breaks=tuple(walk.breaks),
    )


def entries(client: Any, stream: str, since: str = "-") -> Iterator[tuple[str, Fields]]:
    """The ids and fields of a stream's entries, from an id on, a page at a time."""
    while page := client.xrange(stream, min=since, count=PAGE):
        for entry, fields in page:
            yield entry.decode(), fields
        since = f"({page[-1][0].decode()}"


class _Walk:
    """One pass over a chain."""

    def __init__(self) -> None:
        self.count = 0
        self.older = 0
        self.first: Link | None = None
        self.last: Link | None = None
        self.breaks: list[Break] = []
        self._values: dict[str, str] = {}

    def take(self, entry: str, fields: Fields) -> None:
        """The next entry."""
        self.count += 1
        link = _link(entry, fields)
        if link is None:
            if self.last is None:
                self.older += 1
            else:
                self._broken(Breach.FOREIGN, entry)
            return
        before = fields[b"before"].decode(errors="replace")
        if link.chain != value_of(before, digest_of(fields), link.number, entry):
            self._broken(Breach.CHANGED, entry)
        if self.last is not None and (before, link.number) != (self.last.chain, self.last.number + 1):
            self._broken(Breach.MISSING, entry, max(link.number - self.last.number - 1, 0))
        self.first = self.first or link
        self.last = link
        self._values[entry] = link.chain

    def begun(self, kept: int) -> None:
        """Whether the first entry may be the first: trimming leaves `kept`, and never an older one before it."""
        gone = self.first.number - 1 if self.first else 0
        if self.first and gone and (self.count < kept or self.older):
            self.breaks.insert(0, Break(what=Breach.BEGINNING, entry=self.first.entry, at=self.first.at, missing=gone))

    def ended(self, head: Mapping[str, str]) -> None:
        """Whether the last entry is still there."""
        entry = head.get("entry", "")
        if self.last is None and not entry:
            return
        if not entry or self._values.get(entry) != head.get("chain"):
            number, last = _number(head.get("number", "")), self.last.number if self.last else 0
            self._broken(Breach.END, entry or (self.last.entry if self.last else ""), max(number - last, 0))

    def compared(self, entry: str, chain: str) -> None:
        """Whether an entry has the chain value that it once had; nothing is expected of one that was trimmed since."""
        trimmed = self.first is not None and self.first.number > 1 and _order(entry) < _order(self.first.entry)
        if not trimmed and self._values.get(entry) != chain:
            self._broken(Breach.REWRITTEN, entry)

    def _broken(self, what: Breach, entry: str, missing: int = 0) -> None:
        after = self.last.entry if self.last else ""
        self.breaks.append(Break(what=what, entry=entry, at=time_of(entry), after=after, missing=missing))


def _link(entry: str, fields: Fields) -> Link | None:
    if any(name not in fields for name in CHAINED):
        return None
    number, chain = _number(fields[b"number"].decode(errors="replace")), fields[b"chain"].decode(errors="replace")
    return Link(entry=entry, number=number, chain=chain, at=time_of(entry)) if number else None


def _number(text: str) -> int:
    """The number of an entry; 0 when that is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else 0


def _order(entry: str) -> tuple[int, ...]:
    return tuple(int(part) for part in entry.split("-"))
