"""The probe matrix in one line: which probes failed, which were not seen and which passed."""

from collections import defaultdict
from collections.abc import Iterator

from bot.runs.outline.findings import Sorted
from bot.runs.outline.model import SIGNS, Block, Line, Sign, Weight
from checks.finding import Finding, Severity, worst
from checks.registry import declared
from checks.text import Item, say

_FAILED, _UNSEEN, _WELL = SIGNS[Severity.FAILED], SIGNS[Severity.UNKNOWN], SIGNS[Severity.OK]
_RESULTS = (
    (Sign(_FAILED.symbol, _FAILED.emoji, say("failed"), _FAILED.colour), (Severity.DEGRADED, Severity.FAILED)),
    (Sign(_UNSEEN.symbol, _UNSEEN.emoji, say("not seen"), _UNSEEN.colour), (Severity.UNKNOWN,)),
    (Sign(_WELL.symbol, _WELL.emoji, say("passed"), _WELL.colour), (Severity.OK, Severity.ADVICE)),
)
"""How a probe came out, by the worst severity of its findings."""


def probes(findings: Sorted) -> Iterator[Block]:
    """The matrix; nothing when no finding is a row of it."""
    severities: dict[str, list[Severity]] = defaultdict(list)
    probed: dict[str, Item] = {}
    for finding in sorted(findings.by_code.values(), key=lambda f: f.probe):
        if finding.probe and finding.outcome != "not-used":
            severities[finding.probe].append(finding.severity)
            probed[finding.probe] = _words(finding)
    lines = []
    for sign, which in _RESULTS:
        found = [words for letter, words in probed.items() if worst(severities[letter]) in which]
        if found:
            lines.append(Line(say("{probes}", probes=found), sign))
    if lines:
        yield Block(say("Probes"), tuple(lines), Weight.SMALL)


def _words(finding: Finding) -> Item:
    code = declared(finding.code)
    if code is None or code.tries is None:
        return finding.probe
    return say("{letter} {tries}", letter=finding.probe, tries=code.tries)
