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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot import store
from bot.errors import Unavailable
from bot.fleet import MEMBER_SEEN_S
from bot.runs.runs import Runs
from bot.store.embedded import as_child, embedded_redis

READY_S = 30.0


@dataclass(slots=True)
class Local:
    """The running pieces, and the environment that finds them."""

    environment: dict[str, str]
    children: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self, *arguments: str, extra: Mapping[str, str] | None = None) -> None:
        """Run `netcheck ARGUMENTS…` as a child that dies with this process."""
        command = [sys.executable, "-m", "bot", *arguments]
        environment = {**os.environ, **self.environment, **(extra or {})}
        self.children.append(subprocess.Popen(command, env=environment, preexec_fn=as_child))  # noqa: PLW1509 - only prctl, from a single-threaded start

    def wait_for(self, members: Sequence[str]) -> None:
        """Wait until these members (`worker/…`, `agent-host/NODE`; a prefix is enough) were heard of.

        Raises:
            Unavailable: a child ended, or not all were heard of in time.
        """
        runs = Runs(store.connect(self.environment["NETCHECK_REDIS_URL"]), self.environment["NETCHECK_CLUSTER"])
        until = time.monotonic() + READY_S
        while True:
            here = [f"{m.role}/{m.name}" for m in runs.members() if m.age_s < MEMBER_SEEN_S]
            missing = [member for member in members if not any(name.startswith(member) for name in here)]
            if not missing:
                return
            ended = [child for child in self.children if child.poll() is not None]
            if ended:
                raise Unavailable("A part of netcheck ended at its start; what it said stands above.")
            if time.monotonic() > until:
                raise Unavailable(f"Not heard of within {READY_S:g} s: {', '.join(missing)}.")
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
