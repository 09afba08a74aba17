"""What comes of a run."""

from collections.abc import Iterable, Sequence

import msgspec

from checks.diagnosis.model import Diagnosis
from checks.finding import Finding, Seen, Severity
from checks.inventory import Inventory
from checks.pairs import Pairs, Row
from checks.past import Past
from checks.place import Pair
from checks.text import Text

PLACES_KEPT = 100
"""Places of one finding that are kept: all that are bad in most clusters, and some that are well."""


PAIRS_KEPT = 1200
"""Pairs of the one finding that is drawn: all of a hundred nodes, of which each probes eleven others."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one run and, for `diagnose`, what they mean together."""

    severity: Severity
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis | None = None
    elapsed_s: float = 0.0
    """From the request to this report."""
    first_verdict_s: float = 0.0
    """From the request to the first report of this run that named a cause or called the cluster healthy; 0 without."""
    awaited: tuple[str, ...] = ()
    """The checks whose jobs had not all ended: the report is provisional until there are none."""
    revised: Text | None = None
    """What the provisional report named, where the final one names something else."""
    inventory: Inventory | None = None
    """What a plan fills its commands in with; only where a plan is to be made."""
    past: dict[str, Past] = {}
    """Since when what is not well is so, by the slug of a cause or the code of a finding, where history knows."""


def kept(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings as a record keeps them: each with its worst places, and one with all its pairs, for a picture."""
    drawn = telling(findings)
    return tuple(_with_pairs(finding) if finding is drawn else brief(finding) for finding in findings)


def telling(findings: Sequence[Finding]) -> Finding | None:
    """The finding whose pairs tell most: a row of the probe matrix, and of those the one in which most fails."""
    between = [f for f in findings if f.seen and isinstance(f.seen[0].place, Pair)]
    return max(between, key=lambda f: (bool(f.probe), sum(seen.bad for seen in f.seen)), default=None)


def _with_pairs(finding: Finding) -> Finding:
    short = brief(finding)
    return short if short is finding else msgspec.structs.replace(short, pairs=_packed(finding.seen[:PAIRS_KEPT]))


def _packed(seen: Sequence[Seen]) -> Pairs:
    pairs = [(each, each.place) for each in seen if isinstance(each.place, Pair)]
    nodes = _numbered(node for _, pair in pairs for node in (pair.source, pair.target))
    outcomes = _numbered(each.outcome for each, _ in pairs)
    measures = _numbered(name for each, _ in pairs for name in each.measures)
    rows = tuple(
        Row(
            nodes[pair.source],
            nodes[pair.target],
            outcomes[each.outcome],
            each.bad,
            tuple(_rounded(each.measures.get(name)) for name in measures),
        )
        for each, pair in pairs
    )
    return Pairs(tuple(nodes), tuple(outcomes), tuple(measures), rows)


def _numbered(words: Iterable[str]) -> dict[str, int]:
    return {word: number for number, word in enumerate(dict.fromkeys(words))}


def _rounded(value: float | None) -> float | None:
    """To the microsecond: no clock of ours is better."""
    return None if value is None else round(value, 6)


def brief(finding: Finding) -> Finding:
    """The finding with as many places as are kept: thousands of pairs would fill a record and no screen."""
    if len(finding.seen) <= PLACES_KEPT:
        return finding
    return msgspec.structs.replace(finding, seen=finding.seen[:PLACES_KEPT], seen_in_all=len(finding.seen))
