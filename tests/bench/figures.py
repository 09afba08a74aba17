"""One measured figure, and the table of all."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, what came out, and what was wanted."""

    what: str
    seen: str
    goal: str = ""
    met: bool | None = None
    """None where there is no goal (a peer)."""
    remark: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    rows = [f"| {f.what} | {f.seen} | {f.goal} | {_word(f.met)} | {f.remark} |" for f in figures]
    return "\n".join(["| what | seen | goal | met | remark |", "|---|---|---|---|---|", *rows]) + "\n"


def _word(met: bool | None) -> str:  # noqa: FBT001 - a cell of the table
    return "" if met is None else "yes" if met else "**no**"
