"""From what was asked for to a run that a worker can do."""

import hashlib
import secrets

from bot.access.requester import Requester
from bot.envelope import RunRequest
from bot.grammar import Asked
from bot.runs import WAITING_S
from checks.registry import CHECKS

_ID_DIGITS = 10


def new_id(trigger: str = "") -> str:
    """An id for a run. The same trigger (Slack's `trigger_id`, sent twice) gives the same id, so it runs once."""
    if trigger:
        return hashlib.sha256(trigger.encode()).hexdigest()[:_ID_DIGITS]
    return secrets.token_hex(_ID_DIGITS // 2)


def run_request(asked: Asked, cluster: str, *, run: str, by: Requester, now: float) -> RunRequest:
    """The run that `diagnose` or `run` asks for; `now` is Unix time in seconds by Redis's clock."""
    diagnose = asked.command == "diagnose"
    parameters = {asked.check: asked.parameters} if asked.parameters else {}
    return RunRequest(
        id=run,
        cluster=cluster,
        command=asked.command,
        checks=tuple(CHECKS) if diagnose else (asked.check,),
        parameters={"webhook": {"error": asked.error}} if diagnose and asked.error else parameters,
        nodes=asked.nodes,
        requested_by=by,
        requested_at=now,
        expires_at=now + WAITING_S,
    )
