"""What the snapshot says about nodes."""

import msgspec
import pytest

from checks.cluster.snapshot import Condition, Gap, NodeSpec, NodeStatus, Snapshot
from checks.finding import Severity
from checks.nodes import CHECK
from checks.place import Node
from tests.checks import objects


def _snapshot(status: str, *, cordoned: bool = False) -> Snapshot:
    """One node whose condition Ready has this status; none when it is empty."""
    conditions = (Condition(type="Ready", status=status, reason="Because", message="of this"),) if status else ()
    node = objects.node("w1", "172.30.0.11")
    node = msgspec.structs.replace(
        node, spec=NodeSpec(unschedulable=cordoned), status=NodeStatus(addresses=(), conditions=conditions)
    )
    return Snapshot(nodes=(node,))


@pytest.mark.parametrize(
    ("status", "outcome", "severity"),
    [
        ("True", "pass", Severity.OK),
        ("False", "not-ready", Severity.FAILED),
        ("Unknown", "silent", Severity.FAILED),
        ("", "not-told", Severity.OK),
    ],
)
def test_ready(status: str, outcome: str, severity: Severity) -> None:
    """Each status of the condition has its outcome, at its node."""
    ready, _ = CHECK.judge(CHECK.gather(_snapshot(status), {}, ()))
    assert [(Node("w1"), outcome)] == [(s.place, s.outcome) for s in ready.seen]
    assert severity == ready.severity


def test_cordoned() -> None:
    """A cordoned node is advice, whoever cordoned it."""
    _, schedulable = CHECK.judge(CHECK.gather(_snapshot("True", cordoned=True), {}, ()))
    assert ("cordoned", Severity.ADVICE) == (schedulable.outcome, schedulable.severity)


def test_nodes_that_may_not_be_read_are_unknown() -> None:
    """A missing permission is named, and nothing is concluded."""
    snapshot = Snapshot(gaps=(Gap(verb="list nodes", reason="forbidden", message="no"),))
    found = CHECK.judge(CHECK.gather(snapshot, {}, ()))
    assert [Severity.UNKNOWN] * 2 == [f.severity for f in found]
