"""What Slack hands out along with a payload, good for a while: triggers and response addresses.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

import secrets
from dataclasses import dataclass
from time import monotonic

from bot.playground.refusal import Refusal
from bot.playground.slack.settings import Settings


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
        """A new `trigger_id` for an action of `user`, done in `view` if that is given."""
        trigger_id = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**10)}.{secrets.token_hex(16)}"
        self._triggers[trigger_id] = Trigger(user, view, monotonic() + self._settings.trigger_s)
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
class ResponseUrl:
    """Where a `response_url` leads: a channel, the person who acted, and the message they acted on."""

    channel: str
    user: str
    message: str | None
    thread: str | None
    expires_at: float
    uses_left: int


class ResponseUrls:
    """Issues `response_url`s; each is good for five messages in thirty minutes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._urls: dict[str, ResponseUrl] = {}

    def issue(self, channel: str, user: str, message: str | None = None, thread: str | None = None) -> str:
        """The secret last part of a new `response_url`."""
        secret = secrets.token_urlsafe(18)
        self._urls[secret] = ResponseUrl(
            channel,
            user,
            message,
            thread,
            monotonic() + self._settings.response_url_s,
            self._settings.response_url_uses,
        )
        return secret

    def use(self, secret: str) -> ResponseUrl:
        """Count one use.

        Raises:
            Refusal: `invalid_url`, `expired_url` or `used_url`.
        """
        url = self._urls.get(secret)
        if url is None:
            raise Refusal("invalid_url")
        if monotonic() > url.expires_at:
            raise Refusal("expired_url")
        if url.uses_left == 0:
            raise Refusal("used_url")
        url.uses_left -= 1
        return url
