"""Which events were heard already: Slack sends one again when its acknowledgement was lost or late."""

from typing import Any

import redis

KEPT_S = 3600
"""Slack sends an event again at once, after a minute and after five minutes."""


class Deliveries:
    """The events that were heard, by any replica."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client: Any = client

    def first(self, event: str) -> bool:
        """Whether nobody has heard this event before; now somebody has.

        Where Redis is away it is taken for new: the answer will be just that, and said twice it is still true.
        """
        try:
            return bool(self._client.set(f"netcheck:heard-event:{event}", 1, nx=True, ex=KEPT_S))
        except redis.RedisError:
            return True
