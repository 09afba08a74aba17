"""Who turns something away: by the sender of the ICMP error, and where there is none by what is known."""

import msgspec
import pytest

from checks.cluster.snapshot import NodeSpec
from checks.observation import Observation
from checks.paths.model import Kind, Measurement
from checks.place import Node
from checks.probes.outcome import Result
from tests.checks.paths.matrix import at, cluster, judged, measured_otherwise, observe

SNAPSHOT = msgspec.structs.replace(
    cluster(),
    nodes=tuple(
        msgspec.structs.replace(node, spec=NodeSpec(pod_cidrs=(f"10.244.{index}.0/24",)))
        for index, node in enumerate(cluster().nodes)
    ),
)


def rejected(result: Result, told_by: str) -> list[Observation]:
    """What w1's pod sends to w2's is turned away."""

    def change(node: str, m: Measurement) -> Measurement:
        if m.kind is not Kind.TCP or (node, m.peer) != ("w1", "w2"):
            return m
        return msgspec.structs.replace(m, result=result, told_by=told_by, reached="")

    return measured_otherwise(observe(SNAPSHOT), change)


@pytest.mark.parametrize(
    ("result", "told_by", "node"),
    [
        (Result.PROHIBITED, "172.30.0.12", "w2"),
        (Result.UNREACHABLE, "10.244.2.0", "w2"),  # its tunnel's address
        (Result.UNREACHABLE, "10.244.1.1", "w1"),  # what w1's own pods take for their gateway
        (Result.UNREACHABLE, "", "w1"),  # its own kernel
        (Result.BLOCKED, "", "w1"),
        (Result.RESET, "", "w2"),
        (Result.REFUSED, "", "w2"),
    ],
)
def test_the_node_that_rejects_is_named(result: Result, told_by: str, node: str) -> None:
    """And no other."""
    found = judged(SNAPSHOT, rejected(result, told_by))["rejections"]
    assert {Node(node)} == at(found, "rejects")
    assert {Node("cp"), Node("w1"), Node("w2")} - {Node(node)} == at(found, "pass")


@pytest.mark.parametrize("told_by", ["192.0.2.1", "::ffff:1"])
def test_a_stranger_that_rejects_accuses_no_node(told_by: str) -> None:
    """A router that is none of the cluster's nodes."""
    assert set() == at(judged(SNAPSHOT, rejected(Result.PROHIBITED, told_by))["rejections"], "rejects")
