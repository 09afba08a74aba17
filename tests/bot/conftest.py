"""Fixtures that the tests of the bot share with those of the stand-in, and the playground as a newcomer starts it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.slack.conftest import chromium

__all__ = ["chromium"]


@contextmanager
def opened() -> Iterator[str]:
    """The page's address, as the command prints it; at the end of the block it is asked to end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NETCHECK", "SLACK"))}
    command = [sys.executable, "-m", "bot", "playground", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        found = re.search(r"The playground is at (http://\S+/)", line)
        if found:
            yield found[1]
            break
    process.terminate()
    process.wait(30)
    assert "playground is at" in printed


@pytest.fixture
def address() -> Iterator[str]:
    """The page of a playground of the test's own."""
    with opened() as page:
        yield page
