"""`netcheck playground`, as a newcomer meets it: one command, a page, an answer."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.bot.conftest import opened

READY_S = 60


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The page of one playground for all: none of them changes what the others look at."""
    with opened() as page:
        yield page


@pytest.mark.timeout(2 * READY_S + 60)
def test_a_newcomer_gets_the_incident_diagnosed(address: str, chromium: Browser) -> None:
    """The page opens without an account; `/netcheck diagnose` names the cause, and says that it is a recording."""
    page = chromium.new_page()
    page.goto(address)
    composer = page.get_by_role("textbox").first
    expect(page.get_by_text("The bot is connected")).to_be_visible(timeout=READY_S * 1000)

    composer.fill("/netcheck diagnose")
    composer.press("Enter")

    message = page.get_by_role("article").filter(has_text="VMXNET3 tunnel offload").first
    expect(message).to_contain_text("recorded-incident", timeout=READY_S * 1000)
    expect(message).to_contain_text(
        re.compile("failed: D TCP, E bulk TCP, F webhook endpoint, G webhook ClusterIP, and H CoreDNS")
    )


def test_a_mistake_is_answered_to_the_person_alone(address: str, chromium: Browser) -> None:
    """A wrong word gets the nearest right one, visible to whoever typed it."""
    page = chromium.new_page()
    page.goto(address)
    expect(page.get_by_text("The bot is connected")).to_be_visible(timeout=READY_S * 1000)
    composer = page.get_by_role("textbox").first

    composer.fill("/netcheck diagnoze")
    composer.press("Enter")

    answer = page.get_by_role("article").filter(has_text="Did you mean").first
    expect(answer).to_contain_text("Only visible to you")


def test_a_taken_port_is_said(address: str) -> None:
    """A second playground names the port and how to choose another, without a traceback."""
    port = address.rstrip("/").rsplit(":", 1)[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NETCHECK", "SLACK"))}

    result = subprocess.run(
        [sys.executable, "-m", "bot", "playground", "--port", port],
        env=environment,
        capture_output=True,
        text=True,
        timeout=READY_S,
        check=False,
    )

    assert 3 == result.returncode
    assert "address already in use. Choose another port" in result.stderr
    assert "Traceback" not in result.stderr
