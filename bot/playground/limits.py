"""Rate limits, triggers and response addresses: what runs out.

Tiers are calls a minute for one method of one app in one workspace
(https://docs.slack.dev/apis/web-api/rate-limits): 1, 20, 50 and 100 are promised, bursts are tolerated without a
figure. Here a bucket holds one minute's worth and fills at the promised rate, so a burst of a minute's calls passes
and the long-run rate is the promised one.
"""

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from bot.playground.refusal import Refusal
from bot.playground.settings import Settings

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute by tier."""

CONNECTIONS_BURST = 20
"""`apps.connections.open` is tier 1, yet ten replicas may start at once and reconnect at once, and Slack lets them."""

POSTING_PER_MINUTE = 300
"""`chat.postMessage` for a whole workspace: "several hundred messages per minute" are allowed."""


@dataclass
class Bucket:
    """A token bucket: `capacity` calls at once, `per_second` in the long run."""

    capacity: float
    per_second: float
    tokens: float = field(init=False)
    filled_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.capacity
        self.filled_at = monotonic()

    def take(self) -> float:
        """Take one token; return 0, or the seconds until one is there."""
        now = monotonic()
        self.tokens = min(self.capacity, self.tokens + (now - self.filled_at) * self.per_second)
        self.filled_at = now
        if self.tokens < 1:
            return (1 - self.tokens) / self.per_second
        self.tokens -= 1
        return 0.0


class RateLimits:
    """One bucket for each method, and one for each channel that is posted to."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._buckets: dict[tuple[str, ...], Bucket] = {}

    def method(self, name: str, tier: int) -> int:
        """Count a call of a method; return 0, or the whole seconds for `Retry-After`."""
        burst = CONNECTIONS_BURST if name == "apps.connections.open" else PER_MINUTE[tier]
        return self._take((name,), lambda: Bucket(burst, PER_MINUTE[tier] / 60))

    def post(self, channel: str) -> int:
        """Count a message to a channel; return 0, or the whole seconds for `Retry-After`."""
        everywhere = self._take(("posting",), lambda: Bucket(POSTING_PER_MINUTE, POSTING_PER_MINUTE / 60))
        here = self._take(
            ("posting", channel), lambda: Bucket(self._settings.post_burst, self._settings.posts_per_second)
        )
        return max(everywhere, here)

    def _take(self, key: tuple[str, ...], new: Callable[[], Bucket]) -> int:
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = new()
        return math.ceil(bucket.take())


@dataclass
class Trigger:
    """What a `trigger_id` stands for: a person's action a moment ago, in a view or not."""

    user: str
    view: str | None
    expires_at: float
    exchanged: bool = False


class Triggers:
    """Issues `trigger_id`s; each opens one modal, within three seconds."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._triggers: dict[str, Trigger] = {}

    def issue(self, user: str, view: str | None = None) -> str:
        """Return a new `trigger_id` for an action of `user`, done in `view` if that is given."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, view, monotonic() + self._settings.trigger_seconds)
        return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Use a `trigger_id` up.

        Raises:
            Refusal: `invalid_trigger_id`, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.exchanged:
            raise Refusal("exchanged_trigger_id")
        if monotonic() > trigger.expires_at:
            raise Refusal("expired_trigger_id")
        trigger.exchanged = True
        return trigger


@dataclass
class ResponseAddress:
    """Where a `response_url` leads: a channel, the person who acted, and the message they acted on."""

    channel: str
    user: str
    message: str | None
    thread: str | None
    expires_at: float
    uses_left: int


class ResponseAddresses:
    """Issues `response_url`s; each is good for five messages in thirty minutes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._addresses: dict[str, ResponseAddress] = {}

    def issue(self, channel: str, user: str, message: str | None = None, thread: str | None = None) -> str:
        """Return the secret last part of a new `response_url`."""
        secret = secrets.token_urlsafe(18)
        self._addresses[secret] = ResponseAddress(
            channel,
            user,
            message,
            thread,
            monotonic() + self._settings.response_url_seconds,
            self._settings.response_url_uses,
        )
        return secret

    def use(self, secret: str) -> ResponseAddress:
        """Count one use.

        Raises:
            Refusal: `invalid_url`, `expired_url` or `used_url`.
        """
        address = self._addresses.get(secret)
        if address is None:
            raise Refusal("invalid_url")
        if monotonic() > address.expires_at:
            raise Refusal("expired_url")
        if address.uses_left == 0:
            raise Refusal("used_url")
        address.uses_left -= 1
        return address
