"""Fixtures: the stand-in for Slack on a free port, a bot's client for it, and Chromium."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.playground.slack.settings import Settings
from tests.playground import Playground
from tests.waiting import TIMEOUT_S

Connect = Callable[[Playground, App], SocketModeHandler]
"""Connects a Bolt app to a stand-in."""

PATIENT = Settings(ack_s=30, trigger_s=30)
"""For tests in which time is not the question: a loaded machine may take longer than Slack waits."""
PAGE_MS = 20_000
"""Milliseconds that the page may take; only a failing test waits so long."""

CHROMIUM_ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def slack() -> Iterator[Playground]:
    """Run a stand-in with a small manifest."""
    with Playground(settings=PATIENT) as playground:
        yield playground


@pytest.fixture
def client(slack: Playground) -> WebClient:
    """The unmodified SDK's client with the bot's token."""
    return WebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A function that connects a Bolt app by Socket Mode and waits until it is connected."""
    connected: list[tuple[Playground, SocketModeHandler]] = []

    def connect_app(slack: Playground, app: App) -> SocketModeHandler:
        before = slack.connections
        handler = SocketModeHandler(app, slack.app_token)
        connected.append((slack, handler))
        receiving = threading.Event()
        handler.client.on_message_listeners.append(lambda _message: receiving.set())
        handler.connect()  # type: ignore[no-untyped-call]  # slack_bolt leaves it untyped
        slack.wait_for(lambda: slack.connections > before)
        # A client that is closed before it receives never ends its thread.
        assert receiving.wait(TIMEOUT_S)
        return handler

    yield connect_app
    for slack, handler in connected:
        # The SDK's own close waits for time-outs, and can stumble over its receiving thread: end that one first.
        client = handler.client
        client.auto_reconnect_enabled, client.closed, client.current_session_state.terminated = False, True, True
        client.message_queue.put("")
        if slack.running:
            slack.drop_connections()
        client.current_session_runner.shutdown()  # type: ignore[no-untyped-call]  # slack_sdk leaves it untyped
        handler.close()  # type: ignore[no-untyped-call]  # the same


@pytest.fixture
def app(client: WebClient) -> App:
    """A Bolt app without listeners that talks to the stand-in."""
    return App(client=client)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Run the system's Chromium; missing it skips the test, or fails it in CI.

    One for each module: Playwright keeps an event loop on this thread, in which no other module could start its own.
    """
    path = shutil.which("chromium")
    if path is None:
        reason = "Chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PAGE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser_context(chromium: Browser) -> Iterator[BrowserContext]:
    """Open a fresh browser profile; the test fails when the page logs an error or asks another host."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PAGE_MS)
    yield context
    context.close()


@pytest.fixture
def page(browser_context: BrowserContext, slack: Playground) -> Iterator[Page]:
    """Open the stand-in's page."""
    errors: list[str] = []
    opened = browser_context.new_page()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("request", lambda request: errors.extend(_foreign(request.url, slack)))
    opened.goto(slack.page_url)
    yield opened
    assert [] == errors


def _foreign(url: str, slack: Playground) -> list[Any]:
    return [] if url.startswith((slack.page_url, "data:", "blob:")) else [f"asked {url}"]
