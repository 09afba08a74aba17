"""Whether a node may be taken out, and whether it is back: judged from what the API server knows."""

import pytest

from bot.operator.cluster.nodes import (
    CORDONED_BY,
    Cordon,
    Life,
    Return,
    cordon_of,
    objections,
    returned,
)
from bot.operator.cluster.objects import CONTROL_PLANE, Metadata, Node, NodeSpec, NodeStatus, Taint
from checks.cluster.snapshot import Condition

TAINTS = (Taint(key=CONTROL_PLANE, effect="NoSchedule"),)


def node(name: str, *, ready: bool = True, cordoned: bool = False, control_plane: bool = False, by: str = "") -> Node:
    """A node."""
    return Node(
        metadata=Metadata(
            name=name,
            labels={CONTROL_PLANE: ""} if control_plane else {},
            annotations={CORDONED_BY: by} if by else {},
        ),
        spec=NodeSpec(unschedulable=cordoned, taints=TAINTS if control_plane else ()),
        status=NodeStatus(conditions=(Condition(type="Ready", status="True" if ready else "Unknown"),)),
    )


CP = node("cp", control_plane=True)
W1, W2 = node("w1"), node("w2")
PLANES = [node(f"cp{index}", control_plane=True) for index in range(3)]


@pytest.mark.parametrize(
    ("taken", "others", "codes"),
    [
        (W2, [CP, W1], []),
        (W2, [CP, node("w1", cordoned=True)], ["cordoned", "last-node"]),
        (W2, [CP, W1, node("w3", ready=False)], ["not-ready"]),
        (W2, [CP], ["last-node"]),
        (node("w2", ready=False), [CP, W1], ["itself-not-ready"]),
        (CP, [W1, W2], ["only-control-plane"]),
        (PLANES[0], [*PLANES[1:], W1], []),
        (PLANES[0], [PLANES[1], node("cp2", control_plane=True, ready=False), W1], ["not-ready", "quorum"]),
        (PLANES[0], [PLANES[1], W1], ["quorum"]),
    ],
)
def test_what_speaks_against_taking_a_node_out(taken: Node, others: list[Node], codes: list[str]) -> None:
    """Another node out, no node left for the pods, no API server left, no quorum of etcd left."""
    assert codes == [each.code for each in objections(taken, others)]


def test_some_objections_a_person_may_overrule() -> None:
    """That pods have nowhere to go, or that the API is away for a while, may be wanted; a lost quorum may not."""
    found = objections(CP, []) + objections(PLANES[0], [PLANES[1], W1])

    assert [("last-node", True), ("only-control-plane", True), ("quorum", False)] == [
        (each.code, each.consent) for each in found
    ]


@pytest.mark.parametrize(
    ("seen", "whose"),
    [
        (node("w2"), Cordon.NONE),
        (node("w2", by="x1"), Cordon.NONE),
        (node("w2", cordoned=True, by="x1"), Cordon.OURS),
        (node("w2", cordoned=True, by="x2"), Cordon.ANOTHERS),
        (node("w2", cordoned=True), Cordon.ANOTHERS),
    ],
)
def test_a_cordon_belongs_to_who_is_named(seen: Node, whose: Cordon) -> None:
    """The annotation names the execution; without one it was a person."""
    assert whose == cordon_of(seen, "x1")


BEFORE = Life("boot-1", "2026-01-01T00:00:00.000000Z", {"a/c": 0, "b/c": 3}, ready=True)
LATER = "2026-01-01T00:01:00.000000Z"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (BEFORE, Return(heard=False, booted=False, ready=True)),
        (Life("boot-1", LATER, {"a/c": 0, "b/c": 3}, ready=True), Return(heard=True, booted=False, ready=True)),
        (Life("boot-1", LATER, {"a/c": 1, "b/c": 3}, ready=True), Return(heard=True, booted=False, ready=True)),
        (Life("boot-1", LATER, {"a/c": 1}, ready=True), Return(heard=True, booted=True, ready=True)),
        (Life("boot-2", LATER, {"a/c": 0, "b/c": 3}, ready=False), Return(heard=True, booted=True, ready=False)),
    ],
)
def test_ready_alone_is_no_return(now: Life, expected: Return) -> None:
    """For a while "Ready" is said of the last life: kubelet is to be heard, and a boot or new containers seen."""
    assert expected == returned(BEFORE, now)
