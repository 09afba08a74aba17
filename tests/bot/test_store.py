"""The connection to Redis."""

import socket
import threading

import pytest
import redis
from checks.probes.tcp import SEGMENT_BYTES

from bot import store
from bot.errors import ConfigError, Unavailable


def test_segments_are_small_in_both_directions() -> None:
    """A network that swallows large packets must not swallow the report about it: the peer is told, too."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        seen = []

        def accept() -> None:
            connection, _ = server.accept()
            seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))
            connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        with pytest.raises(redis.RedisError):
            store.connect(f"redis://127.0.0.1:{port}/0", tries=1).ping()
        thread.join()

    assert [True] == [0 < size <= SEGMENT_BYTES for size in seen]


def test_a_url_that_cannot_be_understood_is_said() -> None:
    """A slip in the setting is answered with how it is written."""
    with pytest.raises(ConfigError) as caught:
        store.connect("http://redis")

    assert "redis://:password@host:6379/0" in caught.value.text


def test_waiting_for_redis_ends() -> None:
    """No Redis, no hang."""
    with pytest.raises(Unavailable, match="Redis does not answer"):
        store.reachable(store.connect("redis://127.0.0.1:1/0"))
