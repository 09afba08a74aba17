"""The private Redis: its program is what it must be, and what it keeps and leaves behind."""

import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot import store
from bot.errors import ConfigError
from bot.store import embedded as embedded


def test_its_program_has_what_the_queue_needs() -> None:
    """Streams, consumer groups and XAUTOCLAIM work in the server that is found."""
    with embedded.embedded_redis() as url:
        client: Any = store.connect(url)
        client.xgroup_create("s", "g", id="0", mkstream=True)
        entry = client.xadd("s", {"a": "b"})
        client.xreadgroup("g", "one", {"s": ">"})

        claimed = client.xautoclaim("s", "g", "two", 0)

        assert [(entry, {b"a": b"b"})] == claimed[1]


def test_what_it_was_given_is_there_after_a_restart(tmp_path: Path) -> None:
    """With a folder, its append-only file carries everything over."""
    with embedded.embedded_redis(tmp_path) as url:
        client: Any = store.connect(url)
        client.xadd("s", {"a": "b"})
    with embedded.embedded_redis(tmp_path) as url:
        client = store.connect(url)

        assert [{b"a": b"b"}] == [fields for _, fields in client.xrange("s")]


def test_nobody_else_may_enter() -> None:
    """The socket is its owner's, and there is no port."""
    with embedded.embedded_redis() as url:
        path = Path(url.removeprefix("unix://"))
        client: Any = store.connect(url)

        assert 0o700 == path.stat().st_mode & 0o777 == path.parent.stat().st_mode & 0o777
        assert "0" == client.config_get("port")["port"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_dies_with_whoever_started_it() -> None:
    """SIGKILL of the process that started it leaves no server behind."""
    script = (
        "from bot.embedded_redis import embedded_redis; from bot import store; import sys, time\n"
        "with embedded_redis() as url:\n"
        "    print(store.connect(url).info()['process_id'], flush=True); time.sleep(60)\n"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    server = os.pidfd_open(int(starter.stdout.readline()))

    starter.kill()
    starter.wait()

    # A pidfd becomes readable when its process has ended.
    ended, _, _ = select.select([server], [], [], 10)
    os.close(server)
    assert [server] == ended


def test_without_a_server_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wheel and no redis-server: install one, or name one."""
    monkeypatch.setattr(embedded, "_candidates", list)

    with pytest.raises(ConfigError) as caught:
        embedded.find_server()

    assert caught.value.text.endswith("Install Redis 6.2 or newer, or set NETCHECK_REDIS_URL.")
