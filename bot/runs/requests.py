"""From what was asked for to a run that a worker can do."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Protocol

from bot.access.requester import Requester
from bot.runs.model import WAITING_S, RunRequest

_ID_DIGITS = 10


class Wanted(Protocol):
    """What a run is made of, whatever grammar it was said in."""

    @property
    def command(self) -> str:
        """`diagnose` or `run`."""

    @property
    def check(self) -> str:
        """The check of `run`."""

    @property
    def parameters(self) -> dict[str, Any]:
        """Of that check, as builtins."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """Empty: all."""

    @property
    def error(self) -> str:
        """The error text that `diagnose` is to explain; empty for none."""


def new_id(trigger: str = "") -> str:
    """An id for a run. The same trigger (Slack's `trigger_id`, sent twice) gives the same id, so it runs once."""
    if trigger:
        return hashlib.sha256(trigger.encode()).hexdigest()[:_ID_DIGITS]
    return secrets.token_hex(_ID_DIGITS // 2)


def run_request(
    command: str,
    cluster: str,
    checks: Mapping[str, Mapping[str, Any]],
    *,
    nodes: tuple[str, ...] = (),
    run: str,
    by: Requester,
    now: float,
) -> RunRequest:
    """The run of some checks, each by its name with its parameters.

    `run` is its id, no nodes are all nodes, and `now` is Unix time in seconds by Redis's clock.
    """
    return RunRequest(
        id=run,
        cluster=cluster,
        command=command,
        checks=tuple(checks),
        parameters={name: dict(parameters) for name, parameters in checks.items() if parameters},
        nodes=nodes,
        requested_by=by,
        requested_at=now,
        expires_at=now + WAITING_S,
    )
