"""What runs out: calls, messages, triggers, response addresses."""

import time
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from bot.playground.limits import Bucket, RateLimits, ResponseAddresses, Triggers
from bot.playground.refusal import Refusal
from bot.playground.server import Playground
from bot.playground.settings import Settings
from tests.slack.conftest import Connect
from tests.slack.shapes import section

INCIDENTS = "C0INCIDENTS"


def test_a_burst_of_messages_passes_and_then_one_a_second(slack: Playground, client: WebClient) -> None:
    """Posting faster than Slack allows ends in 429 with Retry-After, for this channel only."""
    burst = Settings().post_burst
    for number in range(burst):
        client.chat_postMessage(channel=INCIDENTS, text=str(number))

    with pytest.raises(SlackApiError) as error:
        client.chat_postMessage(channel=INCIDENTS, text="too many")
    client.chat_postMessage(channel="C0PLATFORM", text="elsewhere")

    assert (429, "1", "ratelimited") == (
        error.value.response.status_code,
        error.value.response.headers["Retry-After"],
        error.value.response["error"],
    )
    assert (["chat.postMessage"], burst) == ([c.method for c in slack.rate_limited], len(slack.messages("incidents")))


def test_the_sdks_handler_waits_as_told(slack: Playground) -> None:
    """With the retry handler for rate limits the message arrives a second later."""
    client = WebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[RateLimitErrorRetryHandler()])
    slack.inject("chat.postMessage", status=429, retry_after=1)
    started = time.monotonic()

    client.chat_postMessage(channel=INCIDENTS, text="x")

    assert time.monotonic() - started >= 1
    assert [429, 200] == [call.status for call in slack.calls]


def test_a_tier_holds_for_its_method(client: WebClient) -> None:
    """A minute's worth of calls passes at once, the next is refused; other methods are not affected."""
    ts = client.chat_postMessage(channel=INCIDENTS, text="x")["ts"]
    for number in range(50):
        client.chat_update(channel=INCIDENTS, ts=ts, text=str(number), blocks=[section(str(number))])
    statuses: list[int] = []
    while 429 not in statuses and len(statuses) < 20:
        try:
            statuses.append(client.chat_update(channel=INCIDENTS, ts=ts, text="x").status_code)
        except SlackApiError as error:
            statuses.append(error.response.status_code)
    client.chat_postMessage(channel=INCIDENTS, text="still allowed")

    assert 429 == statuses[-1]


def test_posting_is_limited_for_the_whole_workspace() -> None:
    """Many channels together may get several hundred messages a minute and no more."""
    limits = RateLimits(Settings())

    refused = [channel for channel in range(310) if limits.post(f"C{channel}")]

    assert 9 <= len(refused) <= 10


def test_a_bucket_fills_at_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty bucket says how long until the next token and gives one then."""
    clock = iter([0.0, 0.0, 0.0, 2.5])
    monkeypatch.setattr("bot.playground.limits.monotonic", lambda: next(clock))
    bucket = Bucket(capacity=1, per_second=0.5)

    assert [0.0, 2.0, 0.0] == [bucket.take(), bucket.take(), bucket.take()]


def test_a_trigger_opens_one_view_within_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trigger is good once and for three seconds."""
    now = 100.0
    monkeypatch.setattr("bot.playground.limits.monotonic", lambda: now)
    triggers = Triggers(Settings())
    used, late = triggers.issue("U"), triggers.issue("U")
    triggers.exchange(used)
    codes = []
    now += 3.1
    for trigger in (used, late, "1.2.3"):
        with pytest.raises(Refusal) as refused:
            triggers.exchange(trigger)
        codes.append(refused.value.code)

    assert ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"] == codes


def test_a_response_address_is_good_for_half_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """A response_url expires after thirty minutes."""
    now = 100.0
    monkeypatch.setattr("bot.playground.limits.monotonic", lambda: now)
    addresses = ResponseAddresses(Settings())
    secret = addresses.issue("C", "U")
    now += 1799
    addresses.use(secret)
    now += 2

    with pytest.raises(Refusal) as refused:
        addresses.use(secret)

    assert "expired_url" == refused.value.code


def response_url(slack: Playground, app: App, connect: Connect) -> str:
    """Return the response_url of a slash command."""
    given: list[str] = []

    @app.command("/netcheck")
    def keep(ack: Any, body: dict[str, Any]) -> None:
        given.append(body["response_url"])
        ack()

    connect(slack, app)
    slack.command("on-call", "incidents", "/netcheck")
    return given[0]


def test_a_response_address_takes_five_messages(slack: Playground, app: App, connect: Connect) -> None:
    """The sixth use of a response_url is refused."""
    client = WebhookClient(response_url(slack, app, connect))

    statuses = [client.send(text=str(number)).status_code for number in range(6)]

    assert [200] * 5 + [404] == statuses
    assert ["0", "1", "2", "3", "4"] == [m["text"] for m in slack.ephemerals("on-call")]
    assert ["used_url"] == [call.error for call in slack.refusals]


def test_a_response_address_replaces_and_deletes(slack: Playground, app: App, connect: Connect) -> None:
    """replace_original changes what the same address said, delete_original removes it, in_channel is for everyone."""
    client = WebhookClient(response_url(slack, app, connect))
    client.send(text="one")
    client.send(text="two", replace_original=True)
    replaced = [m["text"] for m in slack.ephemerals("on-call")]
    client.send_dict({"delete_original": True})
    client.send(text="all", response_type="in_channel")

    assert (["two"], [], ["all"]) == (
        replaced,
        slack.ephemerals("on-call"),
        [m["text"] for m in slack.messages("incidents")],
    )


def test_a_response_address_refuses_what_slack_refuses(slack: Playground, app: App, connect: Connect) -> None:
    """Blocks are checked there as well, and an unknown address is told so."""
    address = response_url(slack, app, connect)

    assert 400 == WebhookClient(address).send(text="x", blocks=[section("")]).status_code
    assert 404 == WebhookClient(f"{address}x").send(text="x").status_code
    assert ["invalid_blocks", "invalid_url"] == [call.error for call in slack.refusals]
