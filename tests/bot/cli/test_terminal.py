"""What the command line makes of a finished run."""

import pytest
from bot.runs.model import Run, RunRequest
from checks.diagnosis.model import Diagnosis
from checks.finding import Severity
from checks.report import Report

from bot.cli.terminal import exit_code

REQUEST = RunRequest(id="r1", cluster="lab", command="diagnose", checks=(), expires_at=0.0)


@pytest.mark.parametrize(
    ("severity", "verdict", "code"),
    [
        (Severity.OK, "healthy", 0),
        (Severity.ADVICE, "healthy", 0),
        (Severity.FAILED, "ca-bundle", 1),
        (Severity.FAILED, "unknown", 1),
        (Severity.UNKNOWN, "unknown", 3),
        (Severity.OK, "unknown", 3),
        (Severity.ADVICE, "unknown", 3),
        (Severity.ADVICE, "", 0),
        (Severity.DEGRADED, "", 1),
        (Severity.UNKNOWN, "", 3),
    ],
)
def test_the_exit_code_says_how_the_cluster_is(severity: Severity, verdict: str, code: int) -> None:
    """A diagnosis that could not look is never 0, however well all that it did see is; one check has no verdict."""
    diagnosis = Diagnosis(verdict=verdict, summary="") if verdict else None
    report = Report(severity=severity, findings=(), diagnosis=diagnosis)

    assert code == exit_code(Run(request=REQUEST, state="done", report=report))


def test_a_run_without_a_report_could_not_look() -> None:
    """It failed or was cancelled."""
    assert 3 == exit_code(Run(request=REQUEST, state="failed", error="x"))
