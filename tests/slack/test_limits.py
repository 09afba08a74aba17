"""What runs out: calls, messages, triggers, response addresses."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from bot.playground.refusal import Refusal
from bot.playground.slack.journal import IdenticalEdit
from bot.playground.slack.limits import Bucket, RateLimited, RateLimits
from bot.playground.slack.settings import Settings
from bot.playground.slack.tickets import ResponseUrls, Triggers
from tests.playground import Playground
from tests.slack.conftest import Connect
from tests.slack.shapes import section

INCIDENTS = "C0INCIDENTS"


def taken(count: Callable[[], None], times: int) -> list[int]:
    """What counting so often comes to: 0 where it was taken, else the seconds of Retry-After."""
    outcomes = []
    for _ in range(times):
        try:
            count()
            outcomes.append(0)
        except RateLimited as limited:
            outcomes.append(limited.retry_after)
    return outcomes


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        for module in ("limits", "tickets"):
            monkeypatch.setattr(f"bot.playground.slack.{module}.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time by which limits are counted."""
    return Clock(monkeypatch)


def test_a_refused_post_says_when_to_come_again(clock: Clock, slack: Playground, client: WebClient) -> None:
    """Posting faster than Slack allows ends in 429 with Retry-After, for this channel only and for so long."""
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
    assert ({"chat.postMessage": 1}, burst) == (slack.rate_limited, len(slack.messages("incidents")))
    clock.now += 1
    client.chat_postMessage(channel=INCIDENTS, text="a second later")


def test_the_sdks_handler_waits_as_told(slack: Playground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's handler for rate limits understands the answer: it sleeps for Retry-After and calls again."""
    client = WebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[RateLimitErrorRetryHandler()])
    slept: list[float] = []
    monkeypatch.setattr("slack_sdk.http_retry.builtin_handlers.time", SimpleNamespace(sleep=slept.append))
    slack.inject("chat.postMessage", status=429, retry_after=7)

    client.chat_postMessage(channel=INCIDENTS, text="x")

    assert [7] == [int(seconds) for seconds in slept]
    assert [429, 200] == [call.status for call in slack.calls]


@pytest.mark.usefixtures("clock")
def test_edits_are_limited_for_the_workspace(slack: Playground, client: WebClient) -> None:
    """A minute's worth of edits passes at once, the next is refused in any channel; other methods are not affected."""
    ts = client.chat_postMessage(channel=INCIDENTS, text="x")["ts"]
    other = client.chat_postMessage(channel="C0PLATFORM", text="x")["ts"]
    for number in range(50):
        client.chat_update(channel=INCIDENTS, ts=ts, text=str(number), blocks=[section(str(number))])
    with pytest.raises(SlackApiError) as error:
        client.chat_update(channel="C0PLATFORM", ts=other, text="one more")
    client.chat_postMessage(channel=INCIDENTS, text="still allowed")

    assert (429, "2") == (error.value.response.status_code, error.value.response.headers["Retry-After"])
    assert {"chat.update": 1} == slack.rate_limited


@pytest.mark.parametrize(
    ("settings", "count", "expected"),
    [
        (Settings(), lambda limits: limits.call("chat.update", 3), [0] * 50 + [2] * 2),
        (Settings(edit_burst=3, edits_per_minute=6), lambda limits: limits.call("chat.update", 3), [0] * 3 + [10]),
        (Settings(), lambda limits: limits.call("users.list", 2), [0] * 20 + [3]),
        (Settings(), lambda limits: limits.call("conversations.info", 3), [0] * 50 + [2]),
        (Settings(), lambda limits: limits.call("auth.test", 4), [0] * 100 + [1]),
        (Settings(), lambda limits: limits.call("apps.connections.open", 1), [0] * 20 + [60]),
        (Settings(), lambda limits: limits.post("C"), [0] * 4 + [1]),
        (Settings(post_burst=1, posts_per_second=0.5), lambda limits: limits.post("C"), [0, 2]),
    ],
)
@pytest.mark.usefixtures("clock")
def test_a_burst_passes_and_then_the_rate_holds(
    settings: Settings, count: Callable[[RateLimits], None], expected: list[int]
) -> None:
    """Each limit takes its burst, and then says in how many seconds the next is taken."""
    limits = RateLimits(settings)

    assert expected == taken(lambda: count(limits), len(expected))


@pytest.mark.usefixtures("clock")
def test_posting_is_limited_for_the_whole_workspace() -> None:
    """Many channels together may get several hundred messages a minute and no more."""
    limits, channels = RateLimits(Settings()), (f"C{number}" for number in range(310))

    assert [0] * 300 + [1] * 10 == taken(lambda: limits.post(next(channels)), 310)


def test_a_bucket_fills_at_its_rate(clock: Clock) -> None:
    """An empty bucket says how long until the next token and gives one then."""
    bucket = Bucket(capacity=1, per_second=0.5)
    at_once = taken(bucket.take, 2)
    clock.now += 2.5

    assert ([0, 2], [0]) == (at_once, taken(bucket.take, 1))


def test_an_edit_that_changes_nothing_is_counted(slack: Playground, client: WebClient) -> None:
    """The same text and blocks again are an identical edit, whatever the block IDs; anything that is seen is none."""
    shown: dict[str, Any] = {"text": "x", "blocks": [section("a")]}
    ts = client.chat_postMessage(channel=INCIDENTS, **shown)["ts"]
    edits: list[dict[str, Any]] = [
        shown,
        {**shown, "blocks": [section("a", block_id="mine")]},
        {**shown, "metadata": {"event_type": "run", "event_payload": {}}},
        {**shown, "text": "y"},
        {**shown, "text": "y", "blocks": [section("b")]},
        {"text": "y"},
        {"text": "y"},
    ]
    counted = []
    for edit in edits:
        before = len(slack.identical_edits)
        client.chat_update(channel=INCIDENTS, ts=ts, **edit)
        counted.append(len(slack.identical_edits) - before)

    assert [1, 1, 1, 0, 0, 0, 1] == counted
    assert [IdenticalEdit(INCIDENTS, ts, text) for text in ("x", "x", "x", "y")] == slack.identical_edits


def test_an_edit_that_is_not_accepted_is_no_identical_edit(slack: Playground, client: WebClient) -> None:
    """What was refused or limited is counted as what it is; metadata alone is no edit of what people see."""
    ts = client.chat_postMessage(channel=INCIDENTS, text="x")["ts"]
    slack.inject("chat.update", status=429)
    for text in ("x", "x" * 4001):
        with pytest.raises(SlackApiError):
            client.chat_update(channel=INCIDENTS, ts=ts, text=text)
    with pytest.warns(UserWarning, match="`text` argument is missing"):
        client.chat_update(channel=INCIDENTS, ts=ts, metadata={"event_type": "run", "event_payload": {}})

    assert ([], {"chat.update": 1}) == (slack.identical_edits, slack.rate_limited)


def test_a_trigger_opens_one_view_within_three_seconds(clock: Clock) -> None:
    """A trigger is good once and for three seconds."""
    triggers = Triggers(Settings())
    used, late = triggers.issue("U"), triggers.issue("U")
    triggers.exchange(used)
    codes = []
    clock.now += 3.1
    for trigger in (used, late, "1.2.3"):
        with pytest.raises(Refusal) as refused:
            triggers.exchange(trigger)
        codes.append(refused.value.code)

    assert ["exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"] == codes


def test_a_response_address_is_good_for_half_an_hour(clock: Clock) -> None:
    """A response_url expires after thirty minutes."""
    urls = ResponseUrls(Settings())
    secret = urls.issue("C", "U")
    clock.now += 1799
    urls.use(secret)
    clock.now += 2

    with pytest.raises(Refusal) as refused:
        urls.use(secret)

    assert "expired_url" == refused.value.code


def response_url(slack: Playground, app: App, connect: Connect) -> str:
    """The response_url of a slash command."""
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
