"""Real servers for every test: a private Redis, which a test may stop, kill and start again; the order of tests."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.store.connection import connect, reachable
from bot.store.embedded import find_server

# What Python compiles is kept, also where the environment says not to: otherwise every test that starts netcheck
# compiles it anew, which takes longer than all else that it does.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


class RedisServer:
    """A redis-server with its append-only file in a folder of its own, written as the chart's is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{folder}/redis.sock"

    def start(self) -> None:
        """Start it, or start it again with what it had written, and wait until it answers."""
        command = [find_server(), "--port", "0", "--unixsocket", f"{self._folder}/redis.sock"]
        command += ["--dir", str(self._folder), "--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        client = connect(self.url)
        reachable(client, 10)
        client.close()

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()


@pytest.fixture(scope="session")
def _shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_url(_shared_redis: RedisServer) -> str:
    """The URL of a real, empty Redis."""
    client = connect(_shared_redis.url)
    client.flushall()
    client.close()
    return _shared_redis.url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Any]:
    """A client of a real, empty Redis."""
    client = connect(redis_url)
    yield client
    client.close()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of the test's own, to be killed and restarted."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that start and stop labs of their own before the session's lab is started."""
    for item in items:
        if item.get_closest_marker("lab") and not item.get_closest_marker("timeout"):
            # What a first start of the lab takes is not the test's time.
            item.add_marker(pytest.mark.timeout(func_only=True))
    items.sort(key=lambda item: item.get_closest_marker("own_lab") is None)
