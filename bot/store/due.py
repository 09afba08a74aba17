"""What is due when: messages to show, runs to end, and whatever else has its time.

An item is due at a moment of Redis's clock; asking for it again never makes it later. Whoever takes it holds it under a
lease and settles it afterwards. If the taker dies, the item is due again when the lease ends; if it became due once
more while it was held, it is taken again after it was settled.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.store.connection import server_time
from bot.store.keys import Keys
from bot.store.scripts import Script

_TAKE = Script("take_due")
_SETTLE = Script("settle_due")


@dataclass(frozen=True, slots=True)
class Taken:
    """An item that is held by whoever took it."""

    item: str
    lease_end: str
    """Unix time in seconds by Redis's clock, which tells this lease from a later one."""
    settle: Callable[["Taken", float, float | str], None]

    def done(self, *, rest_s: float = 0.0) -> None:
        """It is dealt with; if it is due once more, it can be taken after `rest_s` seconds."""
        self.settle(self, rest_s, "")

    def again(self, delay_s: float, *, rest_s: float | None = None) -> None:
        """It is due again after so many seconds, and cannot be taken before.

        With `rest_s` it can be taken after so many already, should it become due once more.
        """
        self.settle(self, delay_s if rest_s is None else rest_s, delay_s)


class Due:
    """The items of one kind in one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: Any, keys: Keys, what: str) -> None:
        self._client = client
        self._due = keys.due(what)
        self._held = keys.held(what)

    def at(self, item: str, when: float) -> None:
        """Make an item due at a Unix time in seconds, unless it is due earlier already."""
        self._client.zadd(self._due, {item: when}, lt=True)

    def take(self, count: int, lease_s: float) -> list[Taken]:
        """Items that are due, taken for so many seconds."""
        reply = _TAKE(self._client, due=self._due, held=self._held, count=count, lease_s=lease_s)
        words = [word.decode(errors="replace") for word in reply]
        return [Taken(item, lease_end, self._settle) for item, lease_end in zip(words[::2], words[1::2], strict=True)]

    def waiting(self) -> dict[str, float]:
        """Every item with the seconds until it is due."""
        now = server_time(self._client)
        rows = self._client.zrange(self._due, 0, -1, withscores=True)
        return {item.decode(errors="replace"): when - now for item, when in rows}

    def _settle(self, taken: Taken, rest_s: float, again_s: float | str) -> None:
        _SETTLE(
            self._client,
            due=self._due,
            held=self._held,
            item=taken.item,
            lease_end=taken.lease_end,
            rest_s=rest_s,
            again_s=again_s,
        )
