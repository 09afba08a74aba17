"""Which runs' messages are due to be edited, and by whom.

Any replica of the bot may edit any message. A run whose record changed is due; a replica that takes it holds it for
`HELD_S` seconds and says afterwards which version its message shows. If the replica dies in between, the run is due
again. A message is edited at most once in `EDIT_EVERY_S`, and then shows the newest state; those in between are never
sent.
"""

from typing import Any

import msgspec
import redis

from bot import store
from bot.messages.where import Where

HELD_S = 5
EDIT_EVERY_S = 1.0
"""Slack takes about one message a second in a channel (rate limits of chat.update and chat.postMessage)."""

POSTING_S = 6.0
"""A post that was begun so long ago has arrived or never will: more than the time-out of a call to Slack."""
MESSAGE = "message"
"""The part of a run that is edited in place; further parts hang in its thread."""


class Announcements:
    """The due messages of one cluster. Every method may raise `redis.RedisError`."""

    def __init__(self, client: "redis.Redis", cluster: str) -> None:
        self._client: Any = client
        self._keys = store.Keys(cluster)

    def due(self, count: int = 10) -> list[str]:
        """Ids of runs to show now, taken for this replica for `HELD_S` seconds."""
        return [run.decode() for run in self._client.eval(store.DUE, 1, self._keys.announcements, HELD_S, count)]

    def shown(self, run: str, version: int) -> None:
        """The run's message shows this version. If there is a newer one by now, it is due in `EDIT_EVERY_S`."""
        self._client.eval(store.SETTLED, 2, self._keys.announcements, self._keys.run(run), run, version, EDIT_EVERY_S)

    def later(self, run: str, delay_s: float) -> None:
        """Try again after so many seconds: Slack asked to wait, or did not answer."""
        self._client.zadd(self._keys.announcements, {run: store.server_time(self._client) + delay_s})

    def unsure(self, run: str) -> None:
        """Slack did not answer: try again when it is certain whether a post has arrived."""
        self.later(run, POSTING_S)

    def dropped(self, run: str) -> None:
        """The run can no longer be shown: its channel is gone or the bot is not in it."""
        self._client.zrem(self._keys.announcements, run)

    def begin(self, run: str, part: str = MESSAGE) -> float | None:
        """Say that a message is about to be posted, so that it is posted once even if the poster dies meanwhile.

        Returns 0 when nobody began before; the Unix time of the first attempt when its end is not known, so the message
        may be in the channel already and must be looked for; None while another attempt may still be under way.
        """
        began = float(self._client.eval(store.BEGIN, 1, self._keys.run(run), part, POSTING_S))
        return None if began < 0 else began

    def refused(self, run: str, part: str = MESSAGE) -> None:
        """The post that was begun is known not to be in the channel."""
        self._client.hdel(self._keys.run(run), f"posting:{part}", f"begun:{part}")

    def posted(self, run: str, message: str, part: str = MESSAGE) -> str:
        """Keep Slack's `ts` of a message of a run; the first one stays and is returned."""
        self._client.hsetnx(self._keys.run(run), part, message)
        stored: bytes = self._client.hget(self._keys.run(run), part)
        return stored.decode()

    def message(self, run: str, part: str) -> str:
        """Slack's `ts` of a message of a run; empty until it is posted."""
        stored: bytes | None = self._client.hget(self._keys.run(run), part)
        return stored.decode() if stored else ""

    def moved(self, run: str, where: Where) -> None:
        """Show the run somewhere else: it cannot be shown where it was asked for."""
        fields: Any = {"channel": where.channel, "where": msgspec.json.encode(where)}
        self._client.hset(self._keys.run(run), mapping=fields)
