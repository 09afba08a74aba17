"""Events: what the app subscribed to, with the right scope, and again until it is acknowledged."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.playground.refusal import Refusal
from bot.playground.slack.delivery.events import SCOPES
from bot.playground.slack.manifest import DEFAULT
from bot.playground.slack.settings import Settings
from tests.playground import Playground
from tests.slack.conftest import Connect

ONCE = Settings(event_retry_s=())
ALL = [event for event in SCOPES if event != "app_home_opened"]


def manifest(*events: str, without: str = "") -> dict[str, Any]:
    """A manifest with these events and every scope that they need, but for one."""
    scopes = {scope for event in events if (scope := SCOPES[event]) and scope != without}
    return {
        **DEFAULT,
        "oauth_config": {"scopes": {"bot": [*DEFAULT["oauth_config"]["scopes"]["bot"], *sorted(scopes)]}},
        "settings": {**DEFAULT["settings"], "event_subscriptions": {"bot_events": list(events)}},
    }


def events(slack: Playground) -> list[dict[str, Any]]:
    """The events that were delivered, in order."""
    return [delivery.envelope.payload["event"] for delivery in slack.deliveries]


@pytest.fixture
def subscribed() -> Iterator[Playground]:
    """A stand-in with an app that hears of messages and mentions."""
    with Playground(manifest=manifest(*ALL), settings=ONCE) as slack:
        yield slack


SAID = [
    ("incidents", "x", [("message", "channel")]),
    ("incidents", "@netcheck help", [("message", "channel"), ("app_mention", None)]),
    ("vmware-admins", "@netcheck help", [("message", "group"), ("app_mention", None)]),
    ("D0VIRTUAL", "help", [("message", "im")]),
    ("D0VIRTUAL", "@netcheck help", [("message", "im")]),
    ("general", "@netcheck help", []),
]


@pytest.mark.parametrize(("channel", "text", "expected"), SAID)
def test_the_app_hears_what_is_said_where_it_is(
    subscribed: Playground, channel: str, text: str, expected: list[tuple[str, str | None]]
) -> None:
    """Messages and mentions in its channels, messages alone in its own conversation, nothing from elsewhere."""
    said = subscribed.post("virtualisation", channel, text)
    marker = subscribed.post("virtualisation", "platform", "and then this")["ts"]
    subscribed.wait_for(lambda: [event for event in events(subscribed) if event["ts"] == marker])

    heard = [event for event in events(subscribed) if event["ts"] == said["ts"]]
    assert expected == [(event["type"], event.get("channel_type")) for event in heard]
    assert [("U0VIRTUAL", said["text"], said["channel"])] * len(expected) == [
        (event["user"], event["text"], event["channel"]) for event in heard
    ]


HEARD = {"message.channels": "channel", "message.groups": "group", "message.im": "im", "app_mention": "app_mention"}
"""What tells each event from the others: its channel_type, or its type where it has none."""
LACKING = [(event, manifest(*ALL, without=SCOPES[event] or "")) for event in ALL]
UNSUBSCRIBED = [(event, manifest(*(other for other in ALL if other != event))) for event in ALL]


@pytest.mark.parametrize(("event", "installed"), LACKING + UNSUBSCRIBED)
def test_an_event_needs_its_scope_and_its_subscription(event: str, installed: dict[str, Any]) -> None:
    """Without either of the two it is not sent; all others are."""
    with Playground(manifest=installed, settings=ONCE) as slack:
        for channel in ("incidents", "vmware-admins", "D0VIRTUAL"):
            slack.post("virtualisation", channel, "@netcheck help")
        others = set(HEARD.values()) - {HEARD[event]}
        slack.wait_for(lambda: others <= {said.get("channel_type", said["type"]) for said in events(slack)})
        heard = {said.get("channel_type", said["type"]) for said in events(slack)}

    assert others == heard


def test_the_app_hears_itself(subscribed: Playground) -> None:
    """Its own messages come as events too, marked as its own, so that a bot that answers itself is found out."""
    client = WebClient(subscribed.bot_token, base_url=subscribed.base_url)
    client.chat_postMessage(channel="U0ONCALL", text="done")
    client.chat_postEphemeral(channel="C0INCIDENTS", user="U0ONCALL", text="@netcheck")
    subscribed.wait_for(lambda: subscribed.deliveries)

    assert [("im", "B0PLAYGROUND")] == [(event["channel_type"], event["bot_id"]) for event in events(subscribed)]


def test_a_bot_answers_in_its_own_conversation(connect: Connect) -> None:
    """Bolt takes the message of a person, not its own answer."""
    with Playground(manifest=manifest("message.im"), settings=ONCE) as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.base_url))

        @app.event("message")
        def take(event: dict[str, Any], client: WebClient) -> None:
            client.chat_postMessage(channel=event["channel"], text=f"you said {event['text']}")

        connect(slack, app)
        direct = slack.direct("on-call")
        slack.post("on-call", direct, "help")
        slack.wait_for(lambda: len(slack.deliveries) == 2)

        assert ["help", "you said help"] == [m["text"] for m in slack.messages(direct)]
        assert [True, True] == [delivery.acknowledgement.ok for delivery in slack.deliveries]


@pytest.mark.parametrize("home", [{"messages_tab_enabled": False}, {"messages_tab_read_only_enabled": True}])
def test_without_a_messages_tab_nobody_writes_to_the_app(home: dict[str, bool]) -> None:
    """Where the manifest switches the tab off, the person is told so and the app hears nothing."""
    features = {**DEFAULT["features"], "app_home": home}
    with Playground(manifest={**manifest("message.im"), "features": features}) as slack:
        slack.post("on-call", "D0ONCALL", "help")

        assert ["Sending messages to this app has been turned off."] == [m["text"] for m in slack.ephemerals("on-call")]
        assert ([], []) == (slack.messages("D0ONCALL"), slack.deliveries)


def test_nobody_writes_where_they_are_not(subscribed: Playground) -> None:
    """Neither a message nor a command goes to a channel or conversation that the person is not in."""
    for channel in ("vmware-admins", "D0ONCALL"):
        with pytest.raises(Refusal, match="not_in_channel"):
            subscribed.post("platform", channel, "x")
        with pytest.raises(Refusal, match="not_in_channel"):
            subscribed.command("platform", channel, "/netcheck help")

    assert [] == subscribed.deliveries


def test_an_event_is_sent_again_until_it_is_acknowledged(connect: Connect) -> None:
    """An event that nobody takes comes again with a number and a reason, and the same event_id."""
    settings = Settings(ack_s=0.5, event_retry_s=(0.0,) * 50)
    with Playground(manifest=manifest("message.channels"), settings=settings) as slack:
        app = App(client=WebClient(slack.bot_token, base_url=slack.base_url))
        release, attempts = threading.Event(), []

        @app.middleware
        def slow(next_: Any, request: Any, body: dict[str, Any]) -> None:
            number = request.headers.get("x-slack-retry-num", ["0"])[0]
            attempts.append((number, request.headers.get("x-slack-retry-reason", [""])[0], body["event_id"]))
            if number == "2":
                release.set()
            release.wait()
            next_()

        app.event("message")(lambda: None)
        connect(slack, app)
        slack.post("on-call", "incidents", "MetalLB is broken")
        slack.wait_for(lambda: any(delivery.acknowledgement.ok for delivery in slack.deliveries))

    (event_id,) = {delivery.envelope.payload["event_id"] for delivery in slack.deliveries}
    assert 3 <= len(slack.deliveries)
    assert [(n, "http_timeout" if n else "") for n in range(len(slack.deliveries))] == [
        (delivery.envelope.retry_number, delivery.envelope.retry_reason) for delivery in slack.deliveries
    ]
    assert [("0", "", event_id), ("1", "http_timeout", event_id)] == attempts[:2]


def test_an_event_is_given_up_after_three_retries() -> None:
    """One attempt and three retries are all."""
    settings = Settings(event_retry_s=(0.0, 0.0, 0.0))
    with Playground(manifest=manifest("message.channels"), settings=settings) as slack:
        slack.post("on-call", "incidents", "x")
        slack.wait_for(lambda: len(slack.deliveries) == 4)

        assert [0, 1, 2, 3] == [delivery.envelope.retry_number for delivery in slack.deliveries]


def test_without_a_subscription_nothing_is_sent(slack: Playground) -> None:
    """An app that asked for no events hears none."""
    slack.post("on-call", "incidents", "@netcheck help")
    slack.post("on-call", "D0ONCALL", "help")

    assert [] == slack.deliveries


def test_any_event_can_be_sent(slack: Playground) -> None:
    """Tests send what no act of a person stands for."""
    event_id = slack.emit({"type": "app_uninstalled"})
    slack.wait_for(lambda: slack.deliveries)

    assert ({"type": "app_uninstalled"}, event_id) == (
        slack.deliveries[0].envelope.payload["event"],
        slack.deliveries[0].envelope.payload["event_id"],
    )
