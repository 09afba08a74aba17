"""Events the app subscribed to, and their redelivery until one is acknowledged.

https://docs.slack.dev/apis/events-api
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from bot.playground.service import Envelope, Service
from bot.playground.workspace import TEAM, Message

REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}
"""Why an event is sent again, by what happened to it; anything else is `http_error`."""


def posted(service: Service, message: Message) -> None:
    """Tell the app about a person's message where it is in the channel and subscribed."""
    channel = service.workspace.channels[message.channel]
    if service.app.ids["user"] not in channel.members:
        return
    kind = "im" if channel.person else "group" if channel.is_private else "channel"
    plural = kind if kind == "im" else f"{kind}s"
    body = {
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "channel": message.channel,
        "event_ts": message.ts,
        **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
    }
    if f"message.{plural}" in service.app.events:
        emit(service, {"type": "message", "channel_type": kind, **body})
    if "app_mention" in service.app.events and f"<@{service.app.ids['user']}>" in message.text:
        emit(service, {"type": "app_mention", **body})


def home_opened(service: Service, user: str) -> None:
    """Tell the app that a person looks at its home."""
    if "app_home_opened" in service.app.events:
        ts = service.workspace.next_ts()
        channel = service.workspace.open_direct(user).id
        emit(service, {"type": "app_home_opened", "user": user, "channel": channel, "tab": "home", "event_ts": ts})


def emit(service: Service, event: Mapping[str, Any]) -> str:
    """Send an event in the background, again and again until it is acknowledged; return its ID."""
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


async def _deliver(service: Service, payload: Mapping[str, Any]) -> None:
    outcome = await service.deliver(Envelope("events_api", payload))
    for number, delay in enumerate(service.settings.event_retry_seconds, start=1):
        if outcome.ok or not outcome.retry:
            return
        reason = REASONS.get(outcome.error, "http_error")
        await asyncio.sleep(delay)
        outcome = await service.deliver(Envelope("events_api", payload, retry_number=number, retry_reason=reason))
