"""Files of a message that is to be diagnosed: what they say is looked at, and the token goes to Slack alone."""

import copy
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from slack_sdk import WebClient

from bot.runs.runs import Runs
from handlers import shared_files
from handlers.listeners.shortcut import SHORTCUT
from handlers.shared_files import SharedFile, SharedFiles
from tests.handlers.conftest import MANIFEST, only_run, serving
from tests.handlers.test_views import words
from tests.playground import Playground

ERROR = "failed calling webhook: context deadline exceeded"
LOG = "\n".join([*(f"line {n} is fine" for n in range(2000)), ERROR]).encode()


def diagnosed(slack: Playground, runs: Runs, text: str, file: tuple[str, bytes]) -> str:
    """The error text of the run that comes of a message with a file."""
    message = slack.post("developer", "incidents", text, file=file)
    assert slack.shortcut("on-call", SHORTCUT, message).ok
    slack.wait_for(lambda: slack.thread(message))
    return str(only_run(runs).request.parameters.get("texts", {}).get("error", ""))


@pytest.mark.usefixtures("bot")
def test_the_telling_lines_of_a_log_are_looked_at(slack: Playground, runs: Runs) -> None:
    """Beside what the message says itself, in one run; that the rest was left out is said."""
    assert diagnosed(slack, runs, "It cannot be made:", ("metallb.log", LOG)).endswith(ERROR)
    assert "of its 2002 lines are looked at" in words(slack.wait_for(lambda: slack.ephemerals("on-call")))
    assert [] == slack.refusals


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("file", "why"),
    [
        (("core.png", b"\x89PNG\0"), "core.png is not looked at: it is no text."),
        (("core.txt", b"a\0b"), "core.txt is not looked at: it is no text."),
        (("latin.txt", b"caf\xe9"), "latin.txt is not looked at: it is no text."),
        (("big.log", b"x" * (shared_files.MOST_BYTES + 1)), "big.log is not looked at: it has 1,000,001 bytes"),
    ],
)
def test_what_cannot_be_read_is_said(slack: Playground, runs: Runs, file: tuple[str, bytes], why: str) -> None:
    """To the person alone, and the message's own text is used."""
    assert ERROR == diagnosed(slack, runs, ERROR, file)
    assert why in words(slack.wait_for(lambda: slack.ephemerals("on-call")))


def test_without_the_scope_it_says_so(redis_url: str, runs: Runs) -> None:
    """Slack leads to where people log in; that page is no log."""
    manifest = copy.deepcopy(MANIFEST)
    manifest["oauth_config"]["scopes"]["bot"].remove("files:read")
    with Playground(manifest=manifest) as slack, serving(slack, redis_url):
        assert ERROR == diagnosed(slack, runs, ERROR, ("a.log", LOG))
        assert "the scope files:read" in words(slack.wait_for(lambda: slack.ephemerals("on-call")))


class _Catching(BaseHTTPRequestHandler):
    """Notes the token that comes, and leads elsewhere where its server wants that."""

    def do_GET(self) -> None:
        server = self.server
        server.tokens.append(self.headers.get("Authorization"))  # type: ignore[attr-defined]
        self.send_response(302 if server.elsewhere else 200)  # type: ignore[attr-defined]
        self.send_header("Location", server.elsewhere)  # type: ignore[attr-defined]
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"x" * server.length)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def servers() -> Iterator[tuple[HTTPServer, HTTPServer]]:
    """Two: one that is taken for Slack, and another."""
    made = tuple(HTTPServer(("127.0.0.1", 0), _Catching) for _ in range(2))
    for server in made:
        server.tokens, server.elsewhere, server.length = [], "", 5  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made[0], made[1]
    for server in made:
        server.shutdown()
        server.server_close()


def _url(server: HTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}/"


def _reading(server: HTTPServer) -> SharedFiles:
    return SharedFiles(WebClient("xoxb-secret", base_url=f"{_url(server)}api/"))


def test_the_token_goes_nowhere_else(servers: tuple[HTTPServer, HTTPServer]) -> None:
    """Neither to another address that a payload names, nor to where Slack leads."""
    slack, other = servers
    files = _reading(slack)
    addresses = [_url(other), "http://files.slack.com/a", "https://slack.com.evil.invalid/a", "file:///etc/passwd"]
    for address in (*addresses, "https://evil-slack.com/a", "https://files.slack.com:444/a", "http://[/"):
        contents = files.read([SharedFile(name="a.txt", url_private=address)])
        assert ((), ("a.txt is not looked at: it is not at Slack.",)) == (contents.texts, contents.unread)
    slack.elsewhere = _url(other)  # type: ignore[attr-defined]
    (why,) = files.read([SharedFile(url_private=f"{_url(slack)}a")]).unread
    assert (True, ["Bearer xoxb-secret"], []) == ("files:read" in why, slack.tokens, other.tokens)  # type: ignore[attr-defined]


def test_no_more_is_read_than_was_announced(
    servers: tuple[HTTPServer, HTTPServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever size a payload says, what comes is counted; so are files, and time."""
    slack, _ = servers
    slack.length = shared_files.MOST_BYTES + 1  # type: ignore[attr-defined]
    file = SharedFile(name="a.txt", size=1, url_private=f"{_url(slack)}a")
    assert ("a.txt is not looked at: it has more than 1,000,000 bytes.",) == _reading(slack).read([file]).unread
    slack.length = 5  # type: ignore[attr-defined]
    many = _reading(slack).read([file] * 7)
    assert (5, "Only the first 5 of 7 files are looked at.") == (len(many.texts), many.unread[-1])
    monkeypatch.setattr(shared_files, "PATIENCE_S", 1e-6)
    (why,) = _reading(slack).read([file]).unread
    assert why in {f"a.txt is not looked at: Slack {what}." for what in ("does not answer", "is too slow")}


def test_what_is_gone_is_said() -> None:
    """A deleted file is still among those of the message."""
    files = SharedFiles(WebClient("xoxb-secret"))
    gone = files.read([SharedFile(mode="tombstone"), SharedFile(mode="hidden_by_limit", url_private="https://x")])
    assert ("A file is not looked at: it is no longer there.",) * 2 == gone.unread
