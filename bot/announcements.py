"""Which runs' messages are due to be edited, and by whom.

Any replica of the bot may edit any message. A run whose record changed is due; a replica that takes it holds it for
`HELD_S` seconds and says afterwards which version its message shows. If the replica dies in between, the run is due
again. A message is edited at most once in `EDIT_EVERY_S`, and then shows the newest state; those in between are never
sent.
"""

from typing import Any

import redis

from bot import store

HELD_S = 5
EDIT_EVERY_S = 1.0
"""Slack takes about one message a second in a channel (rate limits of chat.update and chat.postMessage)."""


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

    def dropped(self, run: str) -> None:
        """The run can no longer be shown: its channel is gone or the bot is not in it."""
        self._client.zrem(self._keys.announcements, run)

    def posted(self, run: str, message: str) -> str:
        """Keep Slack's `ts` of the message that shows a run; the first one stays and is returned."""
        self._client.hsetnx(self._keys.run(run), "message", message)
        stored: bytes = self._client.hget(self._keys.run(run), "message")
        return stored.decode()
