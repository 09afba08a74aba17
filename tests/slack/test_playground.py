"""The stand-in as tests use it: starting, waiting, injecting faults."""

import asyncio
import socket
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground.refusal import Refusal
from bot.playground.server import Options, serve
from bot.playground.slack.manifest import read
from tests.playground import Playground

INCIDENTS = "C0INCIDENTS"


def test_two_run_side_by_side() -> None:
    """Each stand-in has its own port and state."""
    with Playground() as one, Playground() as other:
        one.post("on-call", "incidents", "x")

        assert (1, 0) == (len(one.messages("incidents")), len(other.messages("incidents")))


def test_a_taken_port_is_an_error() -> None:
    """Starting on a port in use raises instead of hanging."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="address already in use"):
        Playground(port=taken.getsockname()[1]).start()


def test_waiting_in_vain_says_what_happened(slack: Playground, client: WebClient) -> None:
    """The error of wait_for names the last calls and refusals."""
    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel="C1", text="x")

    with pytest.raises(TimeoutError, match=r"chat\.postMessage 200 channel_not_found"):
        slack.wait_for(lambda: slack.messages("incidents"), timeout_s=0.05)


def test_an_injected_error_hits_once_and_does_nothing(slack: Playground, client: WebClient) -> None:
    """An error code or a status is answered instead of doing anything, as often as asked for."""
    slack.inject("chat.postMessage", error="fatal_error")
    slack.inject("chat.postMessage", status=503)
    outcomes = []
    for text in "abc":
        try:
            outcomes.append(str(client.chat_postMessage(channel=INCIDENTS, text=text)["ok"]))
        except SlackApiError as error:
            outcomes.append(f"{error.response.status_code} {error.response['error']}")

    assert ["200 fatal_error", "503 internal_error", "True"] == outcomes
    assert ["c"] == [m["text"] for m in slack.messages("incidents")]


def test_an_injected_hang_outlasts_the_clients_patience(slack: Playground) -> None:
    """A call that hangs ends in the client's own timeout."""
    slack.inject("auth.test", hang=2)
    client = WebClient(slack.bot_token, base_url=slack.base_url, timeout=1, retry_handlers=[])

    with pytest.raises(TimeoutError):
        client.auth_test()


def test_an_answer_can_be_lost_after_the_deed(slack: Playground, client: WebClient) -> None:
    """The message is there, the client sees a broken connection."""
    slack.inject("chat.postMessage", lose_answer=True)

    with pytest.raises(OSError, match="closed connection without response"):
        client.chat_postMessage(channel=INCIDENTS, text="x")
    assert (["x"], [0]) == ([m["text"] for m in slack.messages("incidents")], [call.status for call in slack.calls])


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://elsewhere.example"}, {"Host": "rebound.example:80"}, {"Content-Type": "text/plain"}]
)
def test_another_site_cannot_act_through_the_page(slack: Playground, headers: dict[str, str]) -> None:
    """The page's API takes JSON from the page itself and from nobody else."""
    sent = {"Content-Type": "application/json", **headers}
    request = Request(f"{slack.page_url}ui/message", b'{"user":"U0ONCALL","channel":"C0INCIDENTS","text":"x"}', sent)

    with pytest.raises(OSError, match="HTTP Error 4"):
        urlopen(request)
    assert [] == slack.messages("incidents")


@pytest.mark.parametrize(
    "features",
    [
        {"slash_commands": [{"command": "netcheck", "description": "x"}]},
        {"slash_commands": [{"command": "/netcheck"}]},
        {"shortcuts": [{"name": "x", "type": "message"}]},
        {"shortcuts": [{"name": "x", "type": "nothing", "callback_id": "c", "description": "d"}]},
    ],
)
def test_an_incomplete_manifest_is_refused(features: dict[str, object]) -> None:
    """What Slack would not install does not start either."""
    with pytest.raises(Refusal, match="invalid_manifest"):
        read({"features": features})


def test_serve_runs_until_cancelled() -> None:
    """The function for the command line says where the page is and ends cleanly."""

    async def run() -> str:
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        served = asyncio.create_task(serve(Options(), ready.set_result))
        page = await ready
        status = await asyncio.to_thread(lambda: urlopen(page).status)
        served.cancel()
        with pytest.raises(asyncio.CancelledError):
            await served
        return f"{page.rsplit(':', 1)[0]} {status}"

    assert "http://127.0.0.1 200" == asyncio.run(run())
