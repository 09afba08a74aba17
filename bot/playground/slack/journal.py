"""What the bot did and what was delivered to it, for the page and for tests."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from bot.playground.slack.envelope import Delivery

KEPT = 20_000
"""Calls, deliveries and edits that are remembered; a playground may run for weeks."""


@dataclass(frozen=True)
class Call:
    """One request of the bot as it was answered."""

    at: float
    """Unix time in seconds."""
    method: str
    """Web API method, `response_url`, or `acknowledgement` for what came along with one."""
    arguments: Mapping[str, Any]
    """As they came, decoded."""
    status: int
    """HTTP status; 0 when an injected fault withheld the answer."""
    error: str
    """Slack's error code, empty when the call was accepted."""
    answer: Mapping[str, Any]
    """The JSON body."""


@dataclass(frozen=True)
class IdenticalEdit:
    """A `chat.update` that was accepted although the message showed the same text, blocks and attachments already."""

    channel: str
    ts: str
    text: str


@dataclass
class Journal:
    """Everything that happened between Slack and the bot, in order."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT))
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=KEPT))
    identical_edits: deque[IdenticalEdit] = field(default_factory=lambda: deque(maxlen=KEPT))

    def refused(self) -> list[Call]:
        """Every call that was not accepted, whatever the reason."""
        return [call for call in self.calls if call.error]

    def rate_limited(self) -> Counter[str]:
        """How often each method was answered 429."""
        return Counter(call.method for call in self.calls if call.status == HTTPStatus.TOO_MANY_REQUESTS)
