"""From what was asked for to a run that a worker can do."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from bot.access.requester import Requester
from bot.runs.model import WAITING_S, RunRequest, Wanted

_ID_DIGITS = 10


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
    plan: Wanted | None = None,
) -> RunRequest:
    """The run of some checks, each by its name with its parameters.

    `run` is its id, no nodes are all nodes, and `now` is Unix time in seconds by Redis's clock.
    With `plan`, the report holds what a plan is made of.
    """
    return RunRequest(
        id=run,
        cluster=cluster,
        command=command,
        checks=tuple(checks),
        parameters={name: dict(parameters) for name, parameters in checks.items() if parameters},
        nodes=nodes,
        plan=plan,
        requested_by=by,
        requested_at=now,
        expires_at=now + WAITING_S,
    )
