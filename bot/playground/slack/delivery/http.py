"""HTTP delivery: signed requests to the app's own addresses.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.playground.slack.credentials import SIGNING_SECRET
from bot.playground.slack.envelope import Acknowledgement, Envelope
from bot.playground.slack.service import Service

FORM = "application/x-www-form-urlencoded"


def sign(body: str, timestamp: str, secret: str = SIGNING_SECRET) -> str:
    """The value of `X-Slack-Signature` for a body sent at a Unix time."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"


class HttpDelivery:
    """Posts each envelope to the address that the manifest, or `address` for all, gives."""

    def __init__(self, service: Service, address: str = "") -> None:
        self._service = service
        self._address = address

    async def deliver(self, envelope: Envelope) -> tuple[int, Acknowledgement]:
        """Post an envelope and read the answer."""
        url = self._address or self._configured(envelope)
        if not url:
            return 0, Acknowledgement(error="dispatch_failed")
        body, kind = encode(envelope)
        timeout = aiohttp.ClientTimeout(total=self._service.settings.ack_s)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=body, headers=_headers(envelope, body, kind)) as response,
            ):
                return 0, _read(response.status, response.headers, await response.text())
        except TimeoutError:
            return 0, Acknowledgement(error="operation_timeout")
        except aiohttp.ClientError:
            return 0, Acknowledgement(error="dispatch_failed")

    def _configured(self, envelope: Envelope) -> str:
        app = self._service.app
        if envelope.kind == "slash_commands":
            return app.commands[envelope.payload["command"]].url
        return app.interactivity_url if envelope.kind == "interactive" else app.events_url


def encode(envelope: Envelope) -> tuple[str, str]:
    """The body of the request for an envelope and its content type."""
    if envelope.kind == "slash_commands":
        return urlencode(envelope.payload), FORM
    if envelope.kind == "interactive":
        return urlencode({"payload": json.dumps(envelope.payload)}), FORM
    return json.dumps(envelope.payload), "application/json"


def _headers(envelope: Envelope, body: str, kind: str) -> dict[str, str]:
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": kind,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": sign(body, timestamp),
        "User-Agent": "Slackbot 1.0 (netcheck playground)",
    }
    if envelope.retry_number:
        headers |= {"X-Slack-Retry-Num": str(envelope.retry_number), "X-Slack-Retry-Reason": envelope.retry_reason}
    return headers


def _read(status: int, headers: Mapping[str, str], text: str) -> Acknowledgement:
    if status != HTTPStatus.OK:
        return Acknowledgement(error="http_service_error", retry=headers.get("X-Slack-No-Retry") != "1")
    try:
        payload: Any = json.loads(text) if text.strip() else {}
    except ValueError:
        payload = {"text": text}
    return Acknowledgement(payload=payload if isinstance(payload, dict) else {"text": text})
