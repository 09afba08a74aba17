"""A bot on its own threads between a real Redis and the stand-in for Slack, and a cluster for it to serve."""

import contextlib
import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.fleet import Fleet, cluster_seen
from bot.incidents import conductor
from bot.messages import pace
from bot.playground.slack.settings import Settings
from bot.roles import conducting
from bot.runs.model import Run
from bot.runs.runs import Runs
from handlers import announcer, credentials, posts
from handlers.app import serve
from tests.playground import Playground
from tests.waiting import until

KEY = "a key for these tests"
GENEROUS = Settings(post_burst=1000, edit_burst=1000)
MANIFEST = json.loads((Path(__file__).parents[2] / "handlers" / "manifest.json").read_text())


PNG = b"\x89PNG\r\n\x1a\n of a picture"
"""What is uploaded where drawing is not the question, because it takes a second."""


def join(client: Any, cluster: str, nodes: tuple[str, ...] = ("w1", "w2")) -> Runs:
    """Make a cluster known, as its worker does."""
    cluster_seen(client, cluster)
    Fleet(client, cluster).note_nodes(list(nodes))
    return Runs(client, cluster)


def free_port() -> int:
    """A port that nobody listens on, and that nobody is given by chance before it is used: below those that are."""
    while True:
        port = random.randrange(10_000, 30_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@dataclass
class Bot:
    """A running bot."""

    config: Config
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=serve, args=(self.config, self.stop), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop it and wait for it."""
        self.stop.set()
        self._thread.join(15)
        assert not self._thread.is_alive()


@contextmanager
def serving(slack: Playground, redis_url: str, **settings: str) -> Iterator[Bot]:
    """A bot in Socket Mode that Slack can reach, until the block ends."""
    before = slack.connections
    bot = Bot(config_for(slack, redis_url, **settings))
    try:
        slack.wait_for(lambda: slack.connections > before)
        yield bot
    finally:
        bot.stop.set()
        # The SDK waits three seconds for its socket when it is closed, unless the socket says that it is over.
        slack.drop_connections()
        bot.end()


def config_for(slack: Playground, redis_url: str, **settings: str) -> Config:
    """The settings of a bot that talks to the stand-in."""
    return Config(
        {
            "NETCHECK_REDIS_URL": redis_url,
            "NETCHECK_JOB_KEY": KEY,
            "NETCHECK_SLACK_API": slack.base_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            **settings,
        }
    )


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bot that waits for nothing but answers; a test of the pace itself sets the pace that it needs."""
    monkeypatch.setattr(announcer, "POLL_S", 0.02)
    monkeypatch.setattr(announcer, "rendered", lambda _: PNG)
    monkeypatch.setattr(announcer, "EDIT_EVERY_S", 0.02)
    monkeypatch.setattr(conducting, "POLL_S", 0.05)
    monkeypatch.setattr(conductor, "LOOK_S", 0.05)
    monkeypatch.setattr(credentials, "REST_S", 0.2)
    monkeypatch.setattr(pace, "POST_EVERY_S", 0.02)
    monkeypatch.setattr(posts, "EDITS", pace.Calls("edit", interval_s=0.02, burst=10))


@pytest.fixture
def slack() -> Iterator[Playground]:
    """Slack with the app of our manifest installed, which takes as much as a brisk bot sends."""
    with Playground(manifest=MANIFEST, settings=GENEROUS) as playground:
        yield playground


@pytest.fixture
def start(slack: Playground, redis_url: str) -> Iterator[Callable[..., Bot]]:
    """Return a function that starts a bot in Socket Mode and waits until Slack can reach it."""
    with ExitStack() as bots:
        yield lambda **settings: bots.enter_context(serving(slack, redis_url, **settings))


@pytest.fixture
def runs(redis_client: Any) -> Runs:
    """The runs of the one cluster that there is, prod with the nodes w1 and w2."""
    return join(redis_client, "prod")


@pytest.fixture
def bot(start: Callable[..., Bot], runs: Runs) -> Bot:  # noqa: ARG001 - the cluster must be there
    """A bot in Socket Mode that serves one cluster."""
    return start()


@pytest.fixture
def by_http(redis_url: str, runs: Runs) -> Iterator[tuple[Playground, str]]:  # noqa: ARG001 - the same
    """Slack in HTTP mode with a bot behind it, and the bot's address."""
    with serving_http(redis_url) as served:
        yield served


@contextmanager
def serving_http(redis_url: str, **settings: str) -> Iterator[tuple[Playground, str]]:
    """Slack in HTTP mode with a bot of these settings behind it, and the bot's address, until the block ends."""
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}/slack/events"
    with Playground(manifest=MANIFEST, settings=GENEROUS, http_url=url) as slack:
        bot = Bot(config_for(slack, redis_url, NETCHECK_SLACK_MODE="http", NETCHECK_HTTP_LISTEN=address, **settings))
        try:
            wait_for_port(address)
            yield slack, address
        finally:
            bot.end()


def wait_for_port(address: str) -> None:
    """Wait until somebody listens."""
    host, _, port = address.rpartition(":")
    until(lambda: _listens(host, int(port)))


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def only_run(runs: Runs) -> Run:
    """The one run that was asked for."""
    (run,) = until(runs.recent)
    return run
