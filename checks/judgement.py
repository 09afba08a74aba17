"""All observations of a run in, all findings out: every check's own, and what could not be looked at. Pure."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from checks.check import Check
from checks.cluster.snapshot import Snapshot
from checks.coverage.judge import judge as judge_coverage
from checks.finding import Finding
from checks.observation import Observation
from checks.registry import CHECKS
from checks.text import say

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
        try:
            findings += CHECKS[name].judge(CHECKS[name].gather(snapshot, parameters.get(name, {}), observations))
        except Exception as error:
            log.exception("judging %s", name)
            findings += _broken(CHECKS[name], error)
    return findings + judge_coverage(snapshot, observations)


def _broken(check: Check, error: Exception) -> list[Finding]:
    sentence = say("The check {check} could not be judged: this is a fault of netcheck.", check=check.name)
    words = say("{kind}: {message}", kind=type(error).__name__, message=str(error))
    return [code.unseen(sentence, [words]) for code in check.codes]
