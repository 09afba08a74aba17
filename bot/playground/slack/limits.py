"""Rate limits: how many calls and messages are taken.

Tiers are calls a minute for one method of one app in one workspace
(https://docs.slack.dev/apis/web-api/rate-limits): 1, 20, 50 and 100 are promised, bursts are tolerated without a
figure. Here a bucket holds one minute's worth and fills at the promised rate, so a burst of a minute's calls passes
and the long-run rate is the promised one.
"""

import math
from dataclasses import dataclass, field
from time import monotonic

from bot.playground.slack.settings import Settings

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute by tier."""
CONNECTIONS_BURST = 20
"""`apps.connections.open` is tier 1, yet ten replicas may start at once and reconnect at once, and Slack lets them."""
POSTS_PER_MINUTE = 300
"""Messages to a whole workspace: "several hundred messages per minute" are allowed."""


class RateLimited(Exception):  # noqa: N818 - it is an answer, not an accident
    """Too many calls or messages."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        """Whole seconds, as in the header `Retry-After`."""


@dataclass
class Bucket:
    """A token bucket: `capacity` tokens at once, `per_second` in the long run."""

    capacity: float
    per_second: float
    tokens: float = field(init=False)
    filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.capacity
        self.filled_at = monotonic()

    def take(self) -> None:
        """Take one token.

        Raises:
            RateLimited: there is none.
        """
        now = monotonic()
        self.tokens = min(self.capacity, self.tokens + (now - self.filled_at) * self.per_second)
        self.filled_at = now
        if self.tokens < 1:
            raise RateLimited(math.ceil((1 - self.tokens) / self.per_second))
        self.tokens -= 1


class RateLimits:
    """One bucket for each method, one for each channel that is posted to, and one for all posts together.

    Each method raises `RateLimited` when there were too many.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._methods: dict[str, Bucket] = {}
        self._channels: dict[str, Bucket] = {}
        self._posts = Bucket(POSTS_PER_MINUTE, POSTS_PER_MINUTE / 60)
        self._own = {
            "apps.connections.open": (CONNECTIONS_BURST, PER_MINUTE[1]),
            "chat.update": (settings.edit_burst, settings.edits_per_minute),
        }

    def call(self, method: str, tier: int) -> None:
        """Count a call of a method."""
        burst, per_minute = self._own.get(method, (PER_MINUTE[tier], PER_MINUTE[tier]))
        self._methods.setdefault(method, Bucket(burst, per_minute / 60)).take()

    def post(self, channel: str) -> None:
        """Count a message that everyone in a channel sees."""
        self._posts.take()
        new = Bucket(self._settings.post_burst, self._settings.posts_per_second)
        self._channels.setdefault(channel, new).take()
