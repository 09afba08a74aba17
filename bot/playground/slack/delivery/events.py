"""Events that the app subscribed to, and their redelivery until one is acknowledged.

https://docs.slack.dev/apis/events-api
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from bot.playground.slack.envelope import Envelope
from bot.playground.slack.service import Service
from bot.playground.slack.workspace.messages import Message
from bot.playground.slack.workspace.users import TEAM

REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}
"""Why an event is sent again, by what happened to it; anything else is `http_error`."""
SCOPES = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
"""The scope without which Slack sends no such event (https://docs.slack.dev/reference/events)."""
CHANNEL_TYPES = {"im": "im", "groups": "group", "channels": "channel"}
"""What an event calls each kind of conversation."""


def posted(service: Service, message: Message) -> None:
    """Tell the app of a message in a conversation that it is in, its own messages included, as Slack does.

    A mention in the app's own conversation is a message like any other there.
    """
    channel, ids = service.workspace.channels[message.channel], service.app.ids
    if message.visible_to is not None or ids["user"] not in channel.members:
        return
    own = message.user == ids["user"]
    body = {
        "user": message.user,
        "team": TEAM,
        "text": message.text,
        "ts": message.ts,
        "channel": message.channel,
        "event_ts": message.ts,
        **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        **({"bot_id": ids["bot"], "app_id": ids["app"]} if own else {}),
    }
    if _subscribed(service, f"message.{channel.kind}"):
        emit(service, {"type": "message", "channel_type": CHANNEL_TYPES[channel.kind], **body})
    mentioned = f"<@{ids['user']}>" in message.text and channel.kind != "im"
    if mentioned and not own and _subscribed(service, "app_mention"):
        emit(service, {"type": "app_mention", **body})


def home_opened(service: Service, user: str) -> None:
    """Tell the app that a person looks at its home."""
    if _subscribed(service, "app_home_opened"):
        ts = service.workspace.next_ts()
        channel = service.workspace.open_direct(user).id
        emit(service, {"type": "app_home_opened", "user": user, "channel": channel, "tab": "home", "event_ts": ts})


def emit(service: Service, event: Mapping[str, Any]) -> str:
    """Send an event in the background, again and again until it is acknowledged; its ID."""
    event_id = service.workspace.new_id("Ev")
    payload = {
        "token": "playground",
        "team_id": TEAM,
        "api_app_id": service.app.ids["app"],
        "event": dict(event),
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(time.time()),
        "authorizations": [
            {"team_id": TEAM, "user_id": service.app.ids["user"], "is_bot": True, "is_enterprise_install": False}
        ],
    }
    service.start(_deliver(service, payload))
    return event_id


def _subscribed(service: Service, event: str) -> bool:
    scope = SCOPES[event]
    return event in service.app.events and (scope is None or scope in service.app.scopes)


async def _deliver(service: Service, payload: Mapping[str, Any]) -> None:
    outcome = await service.deliver(Envelope("events_api", payload))
    for number, delay in enumerate(service.settings.event_retry_s, start=1):
        if outcome.ok or not outcome.retry:
            return
        reason = REASONS.get(outcome.error, "http_error")
        await asyncio.sleep(delay)
        outcome = await service.deliver(Envelope("events_api", payload, retry_number=number, retry_reason=reason))
