"""The words of a run: what was asked for, how far it is, and what came of it."""

import re
from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.config import JOBS
from bot.messages.where import Where
from bot.queue import envelope
from bot.runs import job
from bot.runs.job import Job
from bot.store import records
from checks.check import watched_s
from checks.cluster.snapshot import Snapshot
from checks.report import Report

OPEN = ("queued", "running")
PREFLIGHT = "preflight"
"""The command of runs that are told practice by practice."""
RUN_DEADLINE_S = 60.0
WAITING_S = 120.0
"""A run that nobody took for so long has missed its moment."""
RUN_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
"""What the id of a run looks like."""


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A plan that is to be made of what a run sees."""

    runbook: str
    nodes: tuple[str, ...] = ()
    """Empty: those that need it."""
    choices: dict[str, Any] = {}
    """What the runbook leaves to people."""
    verbs: tuple[str, ...] = ()
    """What an operator that is there can do."""


class RunRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person asked for."""

    id: str
    cluster: str
    command: str
    """`diagnose`, `run`, `preflight`, `plan` or `verify`."""
    checks: tuple[str, ...]
    parameters: dict[str, dict[str, Any]] = {}
    """Per check, by name."""
    nodes: tuple[str, ...] = ()
    """Empty: all."""
    plan: Wanted | None = None
    requested_by: Requester = Requester()
    requested_at: float = 0.0
    expires_at: float

    @property
    def deadline_s(self) -> float:
        """Seconds that one attempt at it may take: more where a check is to watch for some minutes."""
        return RUN_DEADLINE_S + max((watched_s(p.get("minutes")) for p in self.parameters.values()), default=0.0)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has decided to do."""

    snapshot: Snapshot
    jobs: tuple[Job, ...]


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a run is."""

    stage: str = ""
    """What is being done, in a few words."""
    done: int = 0
    total: int = 0
    """Jobs."""


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run as it stands."""

    request: RunRequest
    state: str
    """`queued`, `running`, `done`, `failed` or `cancelled`."""
    progress: Progress = Progress()
    report: Report | None = None
    error: str = ""
    """Why it failed or was cancelled, for a person."""
    where: Where | None = None
    """Where in Slack it was asked for; None for the command line."""

    @property
    def id(self) -> str:
        """Its id."""
        return self.request.id

    @property
    def open(self) -> bool:
        """Whether it is still to end."""
        return self.state in OPEN

    @property
    def diagnoses(self) -> bool:
        """Whether it says what is broken in its cluster, as far as is known now."""
        return self.report is not None and self.report.diagnosis is not None and self.request.plan is None


REQUEST = envelope.Kind("run", RunRequest, JOBS)
RUN = records.Kind(job.RUN, Run, 1, lambda run: run.state)
