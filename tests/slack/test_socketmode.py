"""Socket Mode as the unmodified SDK meets it."""

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.slack.settings import Settings
from tests.playground import Playground
from tests.slack.conftest import PATIENT, Connect
from tests.slack.shapes import section
from tests.waiting import TIMEOUT_S


def app_for(slack: Playground) -> App:
    """A Bolt app that talks to this stand-in."""
    return App(client=WebClient(slack.bot_token, base_url=slack.base_url))


def answering(app: App, **answer: Any) -> list[dict[str, Any]]:
    """Have an app acknowledge /netcheck with an answer; returns the list that payloads are added to."""
    seen: list[dict[str, Any]] = []

    @app.command("/netcheck")
    def take(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body)
        ack(**answer)

    return seen


def test_a_command_reaches_the_bot_escaped(slack: Playground, app: App, connect: Connect) -> None:
    """The payload has who, where and what; special characters come escaped, as from Slack."""
    seen = answering(app)
    connect(slack, app)

    assert slack.command("on-call", "incidents", "/netcheck  diagnose <!channel> & more ").ok
    expected = {
        "command": "/netcheck",
        "text": "diagnose &lt;!channel&gt; &amp; more",
        "user_id": "U0ONCALL",
        "channel_id": "C0INCIDENTS",
        "channel_name": "incidents",
        "team_id": "T0PLAYGROUND",
    }
    assert expected == {key: seen[0][key] for key in expected}


def test_an_answer_along_with_the_acknowledgement_is_shown(slack: Playground, app: App, connect: Connect) -> None:
    """Text in the acknowledgement is shown to the person alone, or to all where it says so."""
    answering(app, text="only you")
    connect(slack, app)
    slack.command("on-call", "incidents", "/netcheck")

    assert ["only you"] == [m["text"] for m in slack.ephemerals("on-call")]
    assert [] == slack.messages("incidents")


def test_an_answer_that_slack_cannot_show_is_an_error(slack: Playground, app: App, connect: Connect) -> None:
    """Invalid blocks in an acknowledgement are refused, and the person is told."""
    answering(app, blocks=[section("")])
    connect(slack, app)
    outcome = slack.command("on-call", "incidents", "/netcheck")

    assert "invalid_command_response" == outcome.error
    assert [("acknowledgement", "invalid_blocks")] == [(call.method, call.error) for call in slack.refusals]


def test_without_a_connection_the_person_is_told(slack: Playground) -> None:
    """Slack's own words appear when no bot is there."""
    slack.command("on-call", "incidents", "/netcheck help")

    expected = ['/netcheck failed with the error "dispatch_failed"']
    assert expected == [m["text"] for m in slack.ephemerals("on-call")]


def test_an_unknown_command_never_reaches_the_bot(slack: Playground) -> None:
    """What is not in the manifest is no command."""
    slack.command("on-call", "incidents", "/kubectl get pods")

    assert ["`/kubectl` is not a valid command."] == [m["text"] for m in slack.ephemerals("on-call")]
    assert [] == slack.deliveries


def test_a_late_acknowledgement_is_a_timeout(connect: Connect) -> None:
    """After three seconds (here less) the person is told, whatever comes later; a command is not sent again."""
    with Playground(settings=Settings(ack_s=0.2)) as slack:
        app, late = app_for(slack), threading.Event()

        @app.command("/netcheck")
        def slow(ack: Any) -> None:
            late.wait(TIMEOUT_S)
            ack("too late")

        connect(slack, app)
        outcome = slack.command("on-call", "incidents", "/netcheck")
        late.set()
        slack.wait_for(lambda: slack.late_acknowledgements == 1)

        assert ("operation_timeout", 1) == (outcome.error, len(slack.deliveries))
        told = ['/netcheck failed with the error "operation_timeout"']
        assert told == [m["text"] for m in slack.ephemerals("on-call")]


def test_three_seconds_are_slacks() -> None:
    """The default limits are the documented ones."""
    settings = Settings()

    assert (3, 3, 1800, 5, (0, 60, 300), 10, 50, 1) == (
        settings.ack_s,
        settings.trigger_s,
        settings.response_url_s,
        settings.response_url_uses,
        settings.event_retry_s,
        settings.max_connections,
        settings.edits_per_minute,
        settings.posts_per_second,
    )


def test_each_command_goes_to_one_connection(slack: Playground, connect: Connect) -> None:
    """With three replicas every command is handled once, and each replica gets some."""
    apps = [app_for(slack) for _ in range(3)]
    seen = [answering(app) for app in apps]
    for app in apps:
        connect(slack, app)
    with ThreadPoolExecutor(12) as people:
        list(people.map(lambda n: slack.command("on-call", "incidents", f"/netcheck {n}"), range(12)))

    handled = Counter(body["text"] for bodies in seen for body in bodies)
    assert {str(n): 1 for n in range(12)} == handled
    assert [True] * 3 == [bool(bodies) for bodies in seen]


def test_an_eleventh_connection_is_refused(slack: Playground) -> None:
    """An app may hold ten connections; one more is told so and closed."""
    client = WebClient(slack.bot_token, base_url=slack.base_url)

    async def open_eleven() -> list[dict[str, Any]]:
        async with aiohttp.ClientSession() as session:
            sockets = []
            for _ in range(11):
                url = client.apps_connections_open(app_token=slack.app_token)["url"]
                sockets.append(await session.ws_connect(url))
            frames = [await socket.receive_json() for socket in sockets]
            for socket in sockets:
                await socket.close()
            return frames

    frames = asyncio.run(open_eleven())
    assert ["hello"] * 10 + ["disconnect"] == [frame["type"] for frame in frames]
    assert ([*range(1, 11)], "too_many_websockets") == (
        [f["num_connections"] for f in frames[:10]],
        frames[10]["reason"],
    )


def test_a_ticket_is_good_for_one_connection(slack: Playground) -> None:
    """The address that apps.connections.open returns cannot be used twice."""
    url = WebClient(slack.bot_token, base_url=slack.base_url).apps_connections_open(app_token=slack.app_token)["url"]

    async def twice() -> int:
        async with aiohttp.ClientSession() as session:
            await (await session.ws_connect(url)).close()
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                await session.ws_connect(url)
            return error.value.status

    assert 403 == asyncio.run(twice())


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_the_sdk_moves_to_a_new_connection_when_told(connect: Connect, reason: str) -> None:
    """After a disconnect frame the bot connects anew, and commands go there while the old connection ends."""
    with Playground(settings=replace(PATIENT, warning_s=0.5)) as slack:
        app = app_for(slack)
        seen = answering(app)
        connect(slack, app)
        slack.disconnect(reason)
        slack.wait_for(lambda: slack.connection_numbers == [2])
        outcomes = [slack.command("on-call", "incidents", f"/netcheck {n}").ok for n in range(3)]

        assert ([True] * 3, {2}) == (outcomes, {delivery.connection for delivery in slack.deliveries})
    assert ["0", "1", "2"] == [body["text"] for body in seen]


def test_a_connection_that_was_told_to_go_gets_nothing_new(slack: Playground, connect: Connect) -> None:
    """While the old connection is still open, commands go to the new one."""
    url = WebClient(slack.bot_token, base_url=slack.base_url).apps_connections_open(app_token=slack.app_token)["url"]

    async def stay(ready: threading.Event, leave: threading.Event) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            await socket.receive()
            ready.set()
            await asyncio.to_thread(leave.wait, TIMEOUT_S)

    ready, leave = threading.Event(), threading.Event()
    old = threading.Thread(target=lambda: asyncio.run(stay(ready, leave)))
    old.start()
    assert ready.wait(TIMEOUT_S)
    slack.disconnect("warning")
    app = app_for(slack)
    answering(app)
    connect(slack, app)
    outcomes = [slack.command("on-call", "incidents", f"/netcheck {n}").ok for n in range(4)]
    still_open = slack.connection_numbers
    leave.set()
    old.join()

    assert ([True] * 4, [1, 2]) == (outcomes, still_open)


def test_a_connection_is_asked_to_refresh_when_it_grows_old(connect: Connect) -> None:
    """Connections end after their announced time, with a warning first."""
    with Playground(settings=Settings(connection_s=0.5, warning_s=0.2)) as slack:
        app = app_for(slack)
        answering(app)
        connect(slack, app)

        slack.wait_for(lambda: len(slack.calls_of("apps.connections.open")) > 1)


def test_a_disabled_link_refuses_new_connections(slack: Playground, client: WebClient) -> None:
    """After link_disabled nobody connects until Socket Mode is enabled again."""
    slack.disconnect("link_disabled")
    with pytest.raises(SlackApiError) as error:
        client.apps_connections_open(app_token=slack.app_token)
    slack.enable_link()

    assert "socket_mode_not_enabled" == error.value.response["error"]
    assert client.apps_connections_open(app_token=slack.app_token)["ok"]


def test_the_sdk_comes_back_after_a_cut(slack: Playground, app: App, connect: Connect) -> None:
    """A connection that breaks without a word is replaced by the SDK, and commands work again."""
    seen = answering(app)
    handler = connect(slack, app)
    handler.client.current_app_monitor.shutdown()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped
    slack.drop_connections()
    slack.wait_for(lambda: slack.connections == 0)
    handler.client.connect_to_new_endpoint(force=True)
    slack.wait_for(lambda: slack.connections == 1)

    assert slack.command("on-call", "incidents", "/netcheck back").ok
    assert ["back"] == [body["text"] for body in seen]


def test_a_payload_can_be_delivered_twice(slack: Playground, app: App, connect: Connect) -> None:
    """Tests can repeat a delivery, to see that the bot acts once."""
    seen = answering(app)
    connect(slack, app)
    slack.command("on-call", "incidents", "/netcheck x")
    slack.redeliver(slack.deliveries[0])

    assert 2 == len(seen)
    assert seen[0]["trigger_id"] == seen[1]["trigger_id"]
