"""A report's findings, sorted by what can be said of them."""

from collections.abc import Sequence

from checks.coverage.judge import AGENTS
from checks.coverage.judge import CODES as COVERAGE
from checks.diagnosis.model import HEALTHY, UNKNOWN, Cause
from checks.finding import UNSEEN, WORST_LAST, Finding, Severity
from checks.report import Report

COVERAGE_CODES = frozenset(code.name for code in COVERAGE)


class Sorted:
    """The findings of one report; each list has the worst first and keeps the checks' order otherwise."""

    def __init__(self, report: Report, nodes: Sequence[str] = ()) -> None:
        """Sort a report about some nodes; about all when none are named."""
        self.diagnosis = report.diagnosis
        self.past = report.past
        self.by_code = {finding.code: finding for finding in report.findings}
        silent = self.by_code.get(AGENTS.name)
        self.silent = silent if silent and silent.severity is Severity.UNKNOWN else None
        """The finding that an agent did not answer."""
        self.not_asked = [f for f in report.findings if nodes and self._beyond(f, nodes)]
        """What could not be seen only because it takes nodes that were not asked."""
        counted = [f for f in report.findings if f not in self.not_asked]
        self.counted = sorted(counted, key=lambda f: -WORST_LAST.index(f.severity))
        self.wrong = [f for f in self.counted if f.severity in (Severity.DEGRADED, Severity.FAILED)]
        self.unseen = [f for f in self.counted if f.severity is Severity.UNKNOWN]
        self.advice = [f for f in self.counted if f.severity is Severity.ADVICE]
        self.well = [f for f in self.counted if f.severity is Severity.OK]

    @property
    def nobody(self) -> Finding | None:
        """The finding that no agent answered at all."""
        places = self.silent.seen if self.silent else ()
        return self.silent if places and all(seen.outcome == UNSEEN for seen in places) else None

    @property
    def named(self) -> tuple[Cause, ...]:
        """The causes that the verdict names, the first one first."""
        if self.diagnosis is None or self.diagnosis.verdict in (HEALTHY, UNKNOWN):
            return ()
        return self.diagnosis.causes[: 1 + len(self.diagnosis.also)]

    @property
    def candidates(self) -> tuple[Cause, ...]:
        """The causes that were weighed and not named, the likeliest first."""
        causes = self.diagnosis.causes[len(self.named) :] if self.diagnosis else ()
        weighed = [cause for cause in causes if cause.slug not in (HEALTHY, UNKNOWN)]
        return tuple(sorted(weighed, key=lambda cause: -cause.probability))

    def _beyond(self, finding: Finding, nodes: Sequence[str]) -> bool:
        if finding.severity is not Severity.UNKNOWN or finding.code in COVERAGE_CODES:
            return False
        if not finding.seen:
            return self.silent is None
        return all(set(seen.place.nodes) - set(nodes) for seen in finding.seen)
