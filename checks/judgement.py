"""All observations of a run in, all findings out: every check's own, and what could not be looked at. Pure."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from checks.check import Check
from checks.cluster.snapshot import Snapshot
from checks.coverage import coverage
from checks.finding import Finding, Severity
from checks.observation import Observation, State
from checks.registry import CHECKS

log = logging.getLogger(__name__)


def judge_run(
    snapshot: Snapshot,
    checks: Sequence[str],
    parameters: Mapping[str, Mapping[str, Any]],
    observations: Sequence[Observation],
) -> list[Finding]:
    """The findings of the named checks, then those about coverage.

    A judgement that raises is our own fault; its check's findings are *unknown* then, and the others still stand.
    """
    findings = []
    for name in checks:
        check = CHECKS[name]
        own = [_decoded(check, o) for o in observations if o.check == name]
        try:
            typed = msgspec.convert(parameters.get(name, {}), check.parameters)
            findings += check.judge(snapshot, typed, own)
        except Exception as error:
            log.exception("judging %s", name)
            findings += [_broken(code, name, error) for code in check.findings]
    return findings + coverage(snapshot, observations)


def _decoded(check: Check, observation: Observation) -> Observation:
    try:
        return check.decode(observation)
    except msgspec.ValidationError as error:
        message = f"The result is of another version: {error}."
        return msgspec.structs.replace(observation, state=State.BROKEN, data=None, message=message)


def _broken(code: str, check: str, error: Exception) -> Finding:
    return Finding(
        code=code,
        severity=Severity.UNKNOWN,
        summary=f"The check {check} could not be judged: this is a fault of netcheck.",
        evidence=(f"{type(error).__name__}: {error}",),
    )
