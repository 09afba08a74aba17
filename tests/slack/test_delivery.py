"""HTTP delivery to a Bolt app behind a real HTTP server."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import waitress
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.playground.slack.delivery.http import encode, sign
from bot.playground.slack.envelope import Envelope
from bot.playground.slack.manifest import DEFAULT
from bot.playground.slack.settings import Settings
from tests.playground import Playground
from tests.slack.conftest import PATIENT
from tests.slack.shapes import actions, asking, button, modal
from tests.waiting import TIMEOUT_S

MANIFEST = {
    **DEFAULT,
    "oauth_config": {"scopes": {"bot": ["channels:history"]}},
    "settings": {**DEFAULT["settings"], "event_subscriptions": {"bot_events": ["message.channels"]}},
}


class Bot:
    """A Bolt app on a free port, with the stand-in that delivers to it."""

    def __init__(self) -> None:
        self.app: App
        self.seen: list[dict[str, Any]] = []
        self._server = waitress.create_server(self._serve, port=0, host="127.0.0.1", threads=4)
        self.url = f"http://127.0.0.1:{self._server.effective_port}/slack/events"
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        # waitress knows no other way to end than to have its sockets closed.
        with contextlib.suppress(OSError):
            self._server.run()

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        return SlackRequestHandler(self.app)(environ, start_response)

    def attach(self, slack: Playground) -> App:
        """Make the app that talks to this stand-in, and serve it."""
        client = WebClient(slack.bot_token, base_url=slack.base_url)
        self.app = App(client=client, signing_secret=slack.signing_secret, process_before_response=True)
        self._thread.start()
        return self.app

    def close(self) -> None:
        """Stop serving."""
        self._server.close()
        if self._thread.is_alive():
            self._thread.join(TIMEOUT_S)


@pytest.fixture
def bot() -> Iterator[Bot]:
    """A place for a Bolt app."""
    served = Bot()
    yield served
    served.close()


def test_a_command_is_signed_and_answered(bot: Bot) -> None:
    """Bolt's own check of the signature passes, and the answer is shown."""
    with Playground(http_url=bot.url, settings=PATIENT) as slack:

        @bot.attach(slack).command("/netcheck")
        def take(ack: Any, body: dict[str, Any]) -> None:
            ack(f"got {body['text']}")

        assert slack.command("on-call", "incidents", "/netcheck a & b").ok
        assert ["got a &amp; b"] == [m["text"] for m in slack.ephemerals("on-call")]


def test_buttons_and_modals_work_over_http(bot: Bot) -> None:
    """Interactions come as a form field with JSON, and a submission is answered by the response."""
    with Playground(http_url=bot.url, settings=PATIENT) as slack:
        app = bot.attach(slack)

        @app.action("open")
        def opened(ack: Any, body: dict[str, Any], client: WebClient) -> None:
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=modal(asking("why"), callback_id="m"))

        @app.view("m")
        def submitted(ack: Any) -> None:
            ack(response_action="errors", errors={"why": "no"})

        app.client.chat_postMessage(channel="C0INCIDENTS", text="x", blocks=[actions(button("open"))])
        slack.press("on-call", slack.messages("incidents")[0], "open")
        slack.submit("on-call", {"why": {"text": "because"}})

        assert {"why": "no"} == (slack.view("on-call") or {})["errors"]


def test_a_wrong_signature_is_refused_by_the_bot(bot: Bot) -> None:
    """The stand-in's signature is a real one: with another secret, or an old time, Bolt answers 401."""
    with Playground(http_url=bot.url, settings=PATIENT) as slack:
        bot.attach(slack)
        body, kind = encode(Envelope("slash_commands", {"command": "/netcheck", "text": ""}))
        statuses = []
        for age, secret in ((0, "another"), (400, slack.signing_secret)):
            timestamp = str(int(time.time()) - age)
            headers = {
                "Content-Type": kind,
                "X-Slack-Request-Timestamp": timestamp,
                "X-Slack-Signature": sign(body, timestamp, secret),
            }
            with pytest.raises(HTTPError) as error:
                urlopen(Request(bot.url, body.encode(), headers))
            statuses.append(error.value.code)

    assert [401, 401] == statuses


def test_a_slow_bot_is_a_timeout(bot: Bot) -> None:
    """A bot that does not answer in time."""
    with Playground(http_url=bot.url, settings=Settings(ack_s=0.3)) as slack:
        release = threading.Event()
        bot.attach(slack).command("/netcheck")(lambda ack: release.wait(TIMEOUT_S) and ack())
        outcome = slack.command("on-call", "incidents", "/netcheck")
        release.set()

    assert "operation_timeout" == outcome.error


def test_a_broken_bot_is_a_service_error(bot: Bot) -> None:
    """A bot that answers 500."""
    with Playground(http_url=bot.url, settings=PATIENT) as slack:

        @bot.attach(slack).command("/netcheck")
        def take() -> None:
            raise RuntimeError("broken")

        assert "http_service_error" == slack.command("on-call", "incidents", "/netcheck").error


def test_a_bot_that_is_gone_cannot_be_reached() -> None:
    """Nobody listens at the address."""
    with Playground(http_url="http://127.0.0.1:9/slack/events", settings=PATIENT) as slack:
        assert "dispatch_failed" == slack.command("on-call", "incidents", "/netcheck").error


def test_an_event_that_fails_is_sent_again_with_a_number(bot: Bot) -> None:
    """X-Slack-Retry-Num and -Reason come with the redelivery."""
    settings = Settings(event_retry_s=(0.0, 0.0, 0.0))
    with Playground(http_url=bot.url, manifest=MANIFEST, settings=settings) as slack:
        app, seen = bot.attach(slack), []

        @app.event("message")
        def take(request: Any) -> None:
            number = request.headers.get("x-slack-retry-num", ["0"])[0]
            seen.append((number, request.headers.get("x-slack-retry-reason", [""])[0]))
            if number != "2":
                raise RuntimeError("not yet")

        slack.post("on-call", "incidents", "x")
        slack.wait_for(lambda: any(d.acknowledgement.ok for d in slack.deliveries))

    assert [("0", ""), ("1", "http_error"), ("2", "http_error")] == seen


def test_the_manifest_says_where_to_deliver(bot: Bot) -> None:
    """Without an address for all, commands, interactions and events go where the manifest says."""
    command = {"command": "/netcheck", "description": "x", "url": bot.url}
    manifest = {
        **DEFAULT,
        "features": {**DEFAULT["features"], "slash_commands": [command]},
        "settings": {"socket_mode_enabled": False, "interactivity": {"is_enabled": True, "request_url": bot.url}},
    }
    with Playground(manifest=manifest, settings=PATIENT) as slack:
        app = bot.attach(slack)
        app.command("/netcheck")(lambda ack: ack())
        app.shortcut("diagnose_message")(lambda ack: ack())
        message = slack.post("on-call", "incidents", "error")

        assert slack.command("on-call", "incidents", "/netcheck").ok
        assert slack.shortcut("on-call", "diagnose_message", message).ok
