"""HTTP mode: what Slack signed within five minutes is taken, and nothing else does any harm."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from bot.errors import ConfigError
from bot.playground.slack.credentials import SIGNING_SECRET
from bot.playground.slack.delivery.http import sign
from bot.runs.runs import Runs
from handlers.app import serve
from tests.handlers.conftest import config_for, only_run
from tests.handlers.test_views import words
from tests.playground import Playground

BODY = urlencode(
    {"command": "/netcheck", "text": "help", "channel_id": "C1", "user_id": "U1", "team_id": "T1", "trigger_id": "1.2"}
)
FORM = "application/x-www-form-urlencoded"


def request(body: bytes, headers: dict[str, str], *, method: str = "POST", path: str = "/slack/events") -> bytes:
    """A request as bytes, with just these headers."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bot", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def signed(body: str = BODY, at: float | None = None, **changes: str) -> dict[str, str]:
    """The headers that Slack sends, except for the changes; an empty one is left out."""
    timestamp = str(int(time.time() if at is None else at))
    headers = {
        "Content-Type": FORM,
        "Content-Length": str(len(body.encode())),
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": "",
        "Connection": "close",
    }
    headers |= {"X-Slack-Signature": _signature(body, timestamp)}
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in headers.items() if value}


def _signature(body: str, timestamp: str) -> str:
    return sign(body, timestamp, SIGNING_SECRET)


def status(address: str, sent: bytes, patience_s: float = 5.0) -> int:
    """The status that the bot answers with; 0 when it closes the connection or says nothing."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=patience_s) as connection:
        connection.sendall(sent)
        try:
            answer = connection.recv(4096)
        except (TimeoutError, ConnectionError):
            return 0
    return int(answer.split()[1]) if answer else 0


def test_a_command_and_a_button(by_http: tuple[Playground, str], runs: Runs) -> None:
    """Commands, buttons and answers work as in Socket Mode."""
    slack, _ = by_http
    assert slack.command("on-call", "incidents", "/netcheck diagnose").ok
    (message,) = slack.wait_for(lambda: slack.messages("incidents"))
    assert slack.press("on-call", message, "cancel_run").ok
    assert "cancelled" == only_run(runs).state
    assert slack.command("on-call", "incidents", "/netcheck diagnoze").ok
    assert "Did you mean this? `/netcheck diagnose`" in words(slack.ephemerals("on-call"))


def test_what_slack_signed_is_taken(by_http: tuple[Playground, str]) -> None:
    """A request with all headers as Slack sends them is answered."""
    assert 200 == status(by_http[1], request(BODY.encode(), signed()))


@pytest.mark.parametrize(
    ("changes", "late_s"),
    [
        ({"X_Slack_Signature": "v0=" + "0" * 64}, 0.0),
        ({"X_Slack_Signature": ""}, 0.0),
        ({"X_Slack_Signature": "v0=é"}, 0.0),
        ({"X_Slack_Signature": "nonsense"}, 0.0),
        ({"X_Slack_Request_Timestamp": ""}, 0.0),
        ({"X_Slack_Request_Timestamp": "soon"}, 0.0),
        ({"X_Slack_Request_Timestamp": "-1"}, 0.0),
        ({"X_Slack_Request_Timestamp": "1e9"}, 0.0),
        ({"X_Slack_Request_Timestamp": "1_0"}, 0.0),
        ({"X_Slack_Request_Timestamp": "²"}, 0.0),
        ({"X_Slack_Request_Timestamp": "9" * 5000}, 0.0),
        ({}, 600.0),
        ({}, -900.0),
    ],
)
def test_what_slack_did_not_sign_is_refused(
    by_http: tuple[Playground, str], changes: dict[str, str], late_s: float
) -> None:
    """A wrong, old or malformed signature or time is refused and breaks nothing."""
    _, address = by_http
    assert 401 == status(address, request(BODY.encode(), signed(at=time.time() - late_s, **changes)))
    assert 200 == status(address, request(BODY.encode(), signed()))


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (lambda: request(BODY.encode(), signed(Content_Length="3")), 401),
        (lambda: request(b"\xff\xfe", signed(Content_Length="2")), 401),
        (lambda: request(b"", signed(Content_Length="2000000")), 413),
        (lambda: request(b"", signed(Content_Length="-5")), 400),
        (lambda: request(b"", signed(Content_Length="many")), 400),
        (lambda: request(b"", signed("")), 404),
        (lambda: request(b"", {}, method="GET"), 405),
        (lambda: request(b"", {}, path="/elsewhere"), 404),
        (lambda: b"\x16\x03\x01 not http at all\r\n\r\n", 400),
    ],
)
def test_requests_that_lie(by_http: tuple[Playground, str], sent: Callable[[], bytes], answer: int) -> None:
    """A body that is shorter, longer or other than announced is refused, and the next request is served.

    They are signed when they are sent: Slack's signatures hold for five minutes, and a run of all tests takes longer.
    """
    _, address = by_http
    assert answer == status(address, sent())
    assert 200 == status(address, request(BODY.encode(), signed()))


@pytest.mark.parametrize(
    "body",
    [
        "garbage",
        "payload=garbage",
        "payload=%5B1%5D",
        urlencode({"payload": '{"type":"block_actions"}'}),
        urlencode({"payload": '{"type":"block_actions","team":5,"user":5,"actions":[5]}'}),
        urlencode({"payload": '{"type":"message_action","callback_id":"diagnose_message"}'}),
        "command=%2Fnetcheck",
        "payload=" + "%5B" * 20_000,
    ],
)
def test_signed_garbage_is_refused_in_one_line(
    by_http: tuple[Playground, str], caplog: pytest.LogCaptureFixture, body: str
) -> None:
    """What Slack signed and cannot have meant is a bad request and no traceback; the next one is served."""
    _, address = by_http
    with caplog.at_level(logging.INFO):
        assert status(address, request(body.encode(), signed(body))) in {400, 404}
    assert [] == [record for record in caplog.records if record.exc_info]
    assert 200 == status(address, request(BODY.encode(), signed()))


@pytest.mark.parametrize(
    "listen", ["0.0.0.0", "3000", "localhost", ":3000", "0.0.0.0:", "0.0.0.0:0", "0.0.0.0:70000", "::1:3000", "a:b"]
)
def test_an_address_without_a_port_is_refused(slack: Playground, redis_url: str, listen: str) -> None:
    """Half an address must not end in a port that somebody made up."""
    config = config_for(slack, redis_url, NETCHECK_SLACK_MODE="http", NETCHECK_HTTP_LISTEN=listen)
    with pytest.raises(ConfigError) as error:
        serve(config, threading.Event())
    assert error.value.text.startswith(f"NETCHECK_HTTP_LISTEN is {listen!r}. It is ADDRESS:PORT, for example ")


def test_a_body_that_never_comes_blocks_nobody(by_http: tuple[Playground, str]) -> None:
    """Whoever announces more than is sent waits alone; forty of them keep nobody else waiting."""
    slack, address = by_http
    host, _, port = address.rpartition(":")
    waiting = [socket.create_connection((host, int(port))) for _ in range(40)]
    for connection in waiting:
        connection.sendall(request(b"text=", signed(Content_Length="5000")))
    assert slack.command("on-call", "incidents", "/netcheck help").ok
    for connection in waiting:
        connection.close()
