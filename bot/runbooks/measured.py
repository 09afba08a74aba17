"""What a change has cost: what a node carried before it and after it, as a ratio. Pure."""

from collections.abc import Iterator

from bot.runbooks.execution import Execution
from checks.text import Text, rate, say

BEFORE, AFTER = "measure-before", "measure-after"
"""The names of the two steps that are compared."""
_TENTHS = 2


def compared(execution: Execution) -> Iterator[Text]:
    """One line for each node that was measured twice."""
    for name, after in execution.measured.items():
        step, _, node = name.partition(" ")
        before = execution.measured.get(f"{BEFORE} {node}", {})
        if step == AFTER and before.get("rate") and after.get("rate"):
            yield _line(node, before, after)


def _line(node: str, before: dict[str, float], after: dict[str, float]) -> Text:
    ratio = round(after["rate"] / before["rate"], _TENTHS)
    told = say(
        "{node} carries {after} now and {before} before: a ratio of {ratio}",
        node=node,
        after=rate(after["rate"]),
        before=rate(before["rate"]),
        ratio=ratio,
    )
    if not before.get("softirq") or not after.get("softirq"):
        return say("{told}.", told=told)
    cost = round(after["softirq"] / before["softirq"], _TENTHS)
    return say("{told}; a gigabyte costs its processors {cost} times as much.", told=told, cost=cost)
