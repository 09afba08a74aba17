"""One job, as it travels to whoever does it. An agent knows this much of a run and no more."""

from typing import Any

import msgspec

from bot.config import JOBS
from bot.queue import envelope
from checks.observation import Network


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One check on one target."""

    id: str
    """Derived from the run and the target, so that the same job is never done twice with two results."""
    run: str
    cluster: str
    check: str
    network: Network
    node: str
    name: str = ""
    """Tells jobs of one check on one node and network apart."""
    request: dict[str, Any]
    deadline_s: float
    """Killed this many seconds after it started."""
    expires_at: float
    """Unix time in seconds, by Redis's clock, after which nobody waits for it."""


JOB = envelope.Kind("job", Job, JOBS)
RUN = "run"
"""The kind of record that a job's `run` is."""
