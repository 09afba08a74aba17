"""What `--json` prints of a run: sentences for people beside places, outcomes and numbers for scripts (docs/json.md).

Every field of an object is always there, so a script need not ask.
"""

import json
from collections.abc import Iterable
from typing import IO, Any

import msgspec

from bot.language import ENGLISH, Language
from bot.runs.model import PREFLIGHT, Run
from bot.runs.outline.findings import Sorted
from bot.runs.outline.lines import references
from checks.diagnosis.model import Cause, Diagnosis, Link, Reference
from checks.finding import Finding, Seen
from checks.past import Past
from checks.place import Place
from checks.readiness import Assessed, State, assess
from checks.report import Report
from checks.text import Text


def run_json(run: Run, language: Language = ENGLISH) -> dict[str, Any]:
    """A run that has ended; without a report only what was asked for and why there is none."""
    request = run.request
    asked = {
        "run": run.id,
        "cluster": request.cluster,
        "command": request.command,
        "state": run.state,
        "error": run.error,
    }
    if run.report is None:
        return asked
    document = _Document(run.report, language)
    practices = {"practices": document.practices()} if request.command == PREFLIGHT else {}
    return asked | practices | document.report()


class _Document:
    """One report in one language."""

    def __init__(self, report: Report, language: Language) -> None:
        self._report = report
        self._findings = Sorted(report)
        self._language = language

    def report(self) -> dict[str, Any]:
        """The fields of a report, a diagnosis's first."""
        report = self._report
        return (self._diagnosis(report.diagnosis) if report.diagnosis else {}) | {
            "severity": str(report.severity),
            "findings": [self._finding(finding) for finding in report.findings],
            "elapsed_s": report.elapsed_s,
            "first_verdict_s": report.first_verdict_s,
            "awaited": list(report.awaited),
            "revised": self._words(report.revised),
            "past": {name: _past(past) for name, past in report.past.items()},
        }

    def practices(self) -> list[dict[str, Any]]:
        """What a preflight says, practice by practice."""
        return [self._practice(assessed) for assessed in assess(self._report.findings)]

    def _practice(self, assessed: Assessed) -> dict[str, Any]:
        met = assessed.state is not State.NOT_MET
        return {
            "name": assessed.practice.name,
            "title": self._words(assessed.practice.title),
            "state": str(assessed.state),
            "findings": [finding.code for finding in (*assessed.wrong, *assessed.unseen)],
            "where": [str(place) for place in assessed.places()],
            "do": "" if met else self._words(assessed.practice.do),
        }

    def _diagnosis(self, diagnosis: Diagnosis) -> dict[str, Any]:
        return {
            "verdict": diagnosis.verdict,
            "summary": self._words(diagnosis.summary),
            "also": list(diagnosis.also),
            "causes": [self._cause(cause) for cause in diagnosis.causes],
            "unexplained": [self._reference(reference) for reference in diagnosis.unexplained],
            "chain": [self._link(link) for link in diagnosis.chain],
            "decide": self._words(diagnosis.decide),
        }

    def _cause(self, cause: Cause) -> dict[str, Any]:
        return {
            "slug": cause.slug,
            "title": self._words(cause.title),
            "probability": cause.probability,
            "at": _plain(cause.at),
            "where": [str(place) for place in cause.at],
            "among": cause.among,
            "for": self._sentences(cause.pro),
            "against": self._sentences(cause.contra),
            "unknown": self._sentences(cause.missing),
            "fix": self._words(cause.fix),
            "rollback": self._words(cause.rollback),
        }

    def _link(self, link: Link) -> dict[str, Any]:
        return {
            "claim": self._words(link.claim),
            "answer": link.answer,
            "measured": self._sentences(link.measured),
            "remark": self._words(link.remark),
        }

    def _reference(self, reference: Reference) -> dict[str, Any]:
        return {
            "code": reference.code,
            "places": _plain(reference.places),
            "summary": "".join(self._sentences((reference,))),
        }

    def _finding(self, finding: Finding) -> dict[str, Any]:
        return {
            "code": finding.code,
            "severity": str(finding.severity),
            "summary": self._words(finding.text),
            "outcome": finding.outcome,
            "probe": finding.probe,
            "where": [str(place) for place in finding.where],
            "evidence": [self._words(text) for text in finding.evidence],
            "seen": [_seen(seen) for seen in finding.seen],
            "seen_in_all": finding.seen_in_all or len(finding.seen),
        }

    def _sentences(self, found: tuple[Reference, ...]) -> list[str]:
        return [self._words(text) for text in references(found, self._findings)]

    def _words(self, text: Text | None) -> str:
        return self._language.words(text) if text else ""


def _plain(places: Place | tuple[Place, ...]) -> Any:
    """Places as JSON has them: tuples would be another type after reading the document again."""
    return msgspec.json.decode(msgspec.json.encode(places))


def _seen(seen: Seen) -> dict[str, Any]:
    return {
        "place": _plain(seen.place),
        "outcome": seen.outcome,
        "bad": seen.bad,
        "measures": dict(seen.measures),
    }


def _past(past: Past) -> dict[str, Any]:
    before = past.before
    return {
        "since": past.since,
        "before": {"began": before.began, "ended": before.ended, "fixed_by": before.fixed_by} if before else None,
        "times": past.times,
        "earliest": past.earliest,
    }


def print_json(out: IO[str], value: Any) -> None:
    """Print one document."""
    out.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_lines(out: IO[str], values: Iterable[Any]) -> None:
    """Print one document a line."""
    for value in values:
        out.write(json.dumps(value, ensure_ascii=False) + "\n")
