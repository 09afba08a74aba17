"""What all cases came to: a confusion matrix, the misses, the figures. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from tests.accuracy.catalogue import Kind
from tests.accuracy.stage import Said


class Figures(msgspec.Struct, frozen=True):
    """The goals' figures."""

    right_first: float
    """The share of single faults that are the verdict, at their place."""
    false_alarms: int
    """Healthy cases that are called anything else."""
    false_healthy: int
    """Faults, single or double, that are called healthy."""
    both_named: float
    """The share of double faults of which both are named, each at its place."""
    n: int
    """Cases."""


def figures(said: Sequence[Said]) -> Figures:
    """Count."""
    of = {kind: [each for each in said if each.kind is kind] for kind in Kind}
    return Figures(
        right_first=_share(each.right for each in of[Kind.FAULT]),
        false_alarms=sum(not each.right for each in of[Kind.HEALTHY]),
        false_healthy=sum(each.verdict == "healthy" for kind in (Kind.FAULT, Kind.DOUBLE) for each in of[kind]),
        both_named=_share(each.both for each in of[Kind.DOUBLE]),
        n=len(said),
    )


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return round(sum(counted) / len(counted), 3) if counted else 0.0


def confusion(said: Sequence[Said]) -> str:
    """Which verdicts each cause got, as a table in Markdown: what is there, how often, and what was said."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for each in said:
        if each.kind is not Kind.DOUBLE:
            rows[next(iter(each.expected), "healthy")][_verdict(each)] += 1
    lines = ["| what is there | cases | right | said instead |", "|---|---|---|---|"]
    for cause, verdicts in sorted(rows.items()):
        right = verdicts.pop(cause, 0)
        instead = ", ".join(f"`{verdict}` {count}" for verdict, count in verdicts.most_common())
        lines.append(f"| `{cause}` | {right + sum(verdicts.values())} | {right} | {instead} |")
    return "\n".join(lines)


def _verdict(each: Said) -> str:
    """What was said; a cause at another place than its own is named as such."""
    if each.right or each.verdict not in each.expected:
        return each.verdict
    return f"{each.verdict} at {', '.join(each.named.get(each.verdict, [])) or 'the cluster'}"


def misses(said: Sequence[Said]) -> str:
    """Every case that was not answered rightly, with what was said and seen."""
    lines = ["| case | said | seen |", "|---|---|---|"]
    for each in said:
        if not (each.both if each.kind is Kind.DOUBLE else each.right):
            named = ", ".join(
                f"`{slug}` at {', '.join(places) or 'the cluster'}" for slug, places in each.named.items()
            )
            seen = ", ".join(f"{code} {outcome}" for code, outcome in each.severities.items())
            lines.append(f"| {each.case} | {named or f'`{each.verdict}`'} | {seen} |")
    return "\n".join(lines) if len(lines) > 2 else "None."


def document(said: Sequence[Said]) -> str:
    """The part of docs/accuracy.md that a campaign writes."""
    got = figures(said)
    count = Counter(each.kind for each in said)
    return "\n".join(
        (
            "| figure | goal | got |",
            "|---|---|---|",
            f"| single faults named first, at their place ({count[Kind.FAULT]}) | 95 % | {got.right_first:.1%} |",
            f"| healthy variants called otherwise ({count[Kind.HEALTHY]}) | 0 | {got.false_alarms} |",
            f"| faults called healthy | 0 | {got.false_healthy} |",
            f"| double faults of which both are named ({count[Kind.DOUBLE]}) | 80 % | {got.both_named:.1%} |",
            "",
            "### What was said of what",
            confusion(said),
            "",
            "### Misses",
            misses(said),
        )
    )
