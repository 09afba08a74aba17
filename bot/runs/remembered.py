"""What a run leaves to history, and what history knows about what it found.

Only looks at the cluster as it is are kept. A look that a plan asks for, before it or between its steps, sees nodes
that are drained, switched off or half changed by netcheck's own hand: kept, it would say that something was broken when
it was being mended, and well when only one step was.
"""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec

from bot.history.episodes import pasts, sights, with_fixes
from bot.history.history import History
from bot.history.signals import samples
from bot.runs.model import RunRequest
from checks.finding import Finding
from checks.report import Report

KEPT = ("diagnose", "run")
"""The commands whose runs are kept; digests and incidents ask for these too."""

log = logging.getLogger(__name__)


def remembered(client: Any, request: RunRequest, report: Report, findings: Sequence[Finding], days: int) -> Report:
    """The report, with the past of what it names; what was measured and what is not well is kept.

    Never raises: a diagnosis is worth as much without its past.

    Args:
        client: Of Redis.
        request: What was asked for.
        report: What came of it.
        findings: The same findings with all of their places.
        days: For how many days history is kept.
    """
    if request.command not in KEPT or request.plan is not None:
        return report
    try:
        history, at = History(client, request.cluster), request.requested_at
        known = history.told()
        found = sights(report, findings, known, everywhere=not request.nodes)
        history.noted(at, with_fixes(found, known, history.fixes()), days)
        history.measured(request.id, at, samples(findings, request.nodes), days)
        return msgspec.structs.replace(report, past=pasts(report, history.told()))
    except Exception:
        log.exception("the history of run %s", request.id)
        return report
