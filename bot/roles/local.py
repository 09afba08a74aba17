"""A whole netcheck on one machine: a private Redis, and worker, agents and bot as children of this process.

For the playground, and for `netcheck diagnose` where no Redis is given. The children are the same commands that run in
a cluster, configured by the same environment.
"""

import contextlib
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import Unavailable
from bot.fleet import Fleet
from bot.processes import as_child
from bot.runbooks.presence import verbs
from bot.store.connection import connect
from bot.store.embedded import embedded_redis
from bot.store.keys import Keys

READY_S = 30.0


@dataclass(slots=True)
class Local:
    """The running pieces, and the environment that finds them."""

    environment: dict[str, str]
    children: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self, *arguments: str, extra: Mapping[str, str] | None = None) -> None:
        """Run `netcheck ARGUMENTS…` as a child that dies with this process."""
        command = [sys.executable, "-m", "bot", *arguments]
        given = {**self.environment, **(extra or {})}
        # A file that the caller's environment names for a setting would outrank what is given here.
        inherited = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in given}
        environment = {**inherited, **given}
        self.children.append(subprocess.Popen(command, env=environment, preexec_fn=as_child))  # noqa: PLW1509 - only prctl, from a single-threaded start

    def wait_for(self, members: Sequence[str]) -> None:
        """Wait until these members (`worker/…`, `agent-host/NODE`; a prefix is enough) were heard of.

        Raises:
            Unavailable: a child ended, or not all were heard of in time.
        """
        fleet = Fleet(connect(self.environment["NETCHECK_REDIS_URL"]), self.environment["NETCHECK_CLUSTER"])

        def missing() -> list[str]:
            here = [f"{m.role}/{m.name}" for m in fleet.members() if m.here]
            return [member for member in members if not any(name.startswith(member) for name in here)]

        self._wait(missing)

    def wait_for_operator(self) -> None:
        """Wait until an operator is active: plans that are made before leave everything to people.

        Raises:
            Unavailable: a child ended, or none was active in time.
        """
        client, keys = connect(self.environment["NETCHECK_REDIS_URL"]), Keys(self.environment["NETCHECK_CLUSTER"])
        self._wait(lambda: [] if verbs(client, keys) else ["operator"])

    def _wait(self, missing: Callable[[], list[str]]) -> None:
        until = time.monotonic() + READY_S
        while left := missing():
            ended = [child for child in self.children if child.poll() is not None]
            if ended:
                raise Unavailable("A part of netcheck ended at its start; what it said stands above.")
            if time.monotonic() > until:
                raise Unavailable(f"Not heard of within {READY_S:g} s: {', '.join(left)}.")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the children in order."""
        for child in self.children:
            child.terminate()
        for child in self.children:
            try:
                child.wait(timeout=8)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


@contextlib.contextmanager
def local_netcheck(cluster: str) -> Iterator[Local]:
    """A private Redis and a fresh key; children are started into it and ended at the exit."""
    with embedded_redis() as url:
        local = Local(
            {"NETCHECK_REDIS_URL": url, "NETCHECK_CLUSTER": cluster, "NETCHECK_JOB_KEY": secrets.token_hex(32)}
        )
        try:
            yield local
        finally:
            local.stop()
