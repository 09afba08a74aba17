"""The verdict while evidence still comes in.

Most of a diagnosis is seen within two seconds; a dry run that times out takes ten. Whoever is on call should not wait
for it when what is seen decides. So the worker judges what it has from time to time, and shows the verdict as soon as
nothing that is awaited could take it back, marked as provisional.
"""

import time
from collections.abc import Sequence

import msgspec

from bot.runs.model import Plan, RunRequest
from checks.diagnosis import decided, diagnose
from checks.diagnosis.model import UNKNOWN
from checks.finding import Finding, worst
from checks.inventory import take_inventory
from checks.judgement import judge_run
from checks.observation import Observation
from checks.report import Report, kept
from checks.text import Text

STOCKED = ("plan", "verify")
"""The commands whose reports hold what plans are made of and verified by."""
LEAST_PAUSE_S = 0.25
"""Between two judgements: results of many nodes come in at once."""
SHARE_OF_TIME = 0.2
"""How much of its time a worker may spend on judgements that are not the last: large clusters take a second each."""


def report_of(
    request: RunRequest, plan: Plan, observations: Sequence[Observation], awaited: Sequence[str] = ()
) -> Report:
    """What comes of these observations; provisional while anything is awaited. Pure."""
    return summed_up(request, plan, observations, found(request, plan, observations), awaited)


def found(request: RunRequest, plan: Plan, observations: Sequence[Observation]) -> list[Finding]:
    """The findings of these observations, with all of their places. Pure."""
    return judge_run(plan.snapshot, request.checks, request.parameters, observations)


def summed_up(
    request: RunRequest,
    plan: Plan,
    observations: Sequence[Observation],
    findings: Sequence[Finding],
    awaited: Sequence[str] = (),
) -> Report:
    """What comes of these findings, which are of these observations. Pure."""
    return Report(
        severity=worst(finding.severity for finding in findings),
        findings=kept(findings),
        diagnosis=diagnose(findings) if request.command == "diagnose" or request.plan else None,
        inventory=take_inventory(plan.snapshot, observations) if request.command in STOCKED else None,
        awaited=tuple(awaited),
    )


class Provisional:
    """Looks at what a diagnosis has so far, as often as that is cheap."""

    def __init__(self, request: RunRequest, plan: Plan) -> None:
        self._request = request
        self._plan = plan
        self._due = 0.0
        self._judged = 0
        self.shown: Report | None = None
        """The last report that was worth showing."""

    def look(self, observations: Sequence[Observation], awaited: Sequence[str]) -> Report | None:
        """A report that decides already; None while there is none, or none that says anything new."""
        begin = time.monotonic()
        if self._request.command != "diagnose" or begin < self._due or len(observations) == self._judged:
            return None
        report = report_of(self._request, self._plan, observations, awaited)
        self._judged = len(observations)
        took_s = time.monotonic() - begin
        self._due = time.monotonic() + max(LEAST_PAUSE_S, took_s / SHARE_OF_TIME)
        if report.diagnosis is None or not decided(report.diagnosis, awaited):
            return None
        if self.shown is not None and _same(self.shown, report):
            return None
        self.shown = report
        return report


def _same(former: Report, report: Report) -> bool:
    """Whether a person would see no difference but figures."""
    return _verdict(former) == _verdict(report) and former.awaited == report.awaited


def _verdict(report: Report) -> object:
    diagnosis = report.diagnosis
    return diagnosis and (diagnosis.verdict, diagnosis.also, [cause.at for cause in diagnosis.causes])


def revised(former: Report | None, report: Report) -> Text | None:
    """The title of the verdict that was shown before, where the final one is another."""
    if former is None or former.diagnosis is None or report.diagnosis is None:
        return None
    return None if former.diagnosis.verdict == report.diagnosis.verdict else former.diagnosis.causes[0].title


def timed(report: Report, former: Report | None, elapsed_s: float) -> Report:
    """The report with the time that it took, and that of the first verdict of its run."""
    named = report.diagnosis is not None and (report.diagnosis.verdict != UNKNOWN)
    first = former.first_verdict_s if former is not None and former.first_verdict_s else elapsed_s if named else 0.0
    other = None if report.awaited else revised(former, report)
    return msgspec.structs.replace(report, elapsed_s=elapsed_s, first_verdict_s=first, revised=other)
