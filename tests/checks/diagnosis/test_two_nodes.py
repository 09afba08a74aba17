"""A cluster of two nodes has one pair of them: what is lost between them may be the doing of either end."""

import pytest

from checks.diagnosis import diagnose
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.declaration import Declaration
from checks.judgement import judge_run
from checks.place import Between, Node
from checks.registry import CHECKS
from tests.checks.diagnosis import worlds
from tests.checks.diagnosis.worlds import World, findings
from tests.checks.words import words

NODES = ("cp", "w1")
ELSEWHERE = ("apiserver-not-ready", "kubelet-port", "node-egress", "vxlan-tx-checksum")
"""Causes that show only from one of the two sorts of nodes, or where replicas of CoreDNS are on both."""
AT_A_NODE = [cause for cause in CAUSES.values() if cause.at[0] is Node and cause.slug not in ELSEWHERE]


@pytest.fixture(scope="module")
def healthy() -> World:
    """What the judges say of such a cluster, whose worker has both replicas of CoreDNS and the webhook."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worlds, "NODES", NODES)
        patch.setattr(worlds, "REPLICAS", {"coredns-a": "w1", "coredns-b": "w1"})
        patch.setattr(worlds, "WEBHOOK_ON", "w1")
        cluster = worlds.snapshot(NODES)
        found = judge_run(cluster, tuple(CHECKS), {}, worlds.observed(cluster))
    # Not while it is patched: what other tests share would be made, and kept, of these nodes.
    return {(f.code, s.place): s.outcome for f in found for s in f.seen}


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("cause", AT_A_NODE, ids=lambda cause: cause.slug)
def test_the_cause_is_named_where_its_end_is_open(cause: Declaration, node: str, healthy: World) -> None:
    """What it is is known, although nothing may tell at which end it is; the place is among those that are named."""
    diagnosis = diagnose(findings(worlds.with_cause(healthy, cause, Node(node)), set()))

    assert cause.slug == diagnosis.verdict
    first = diagnosis.causes[0]
    assert Node(node) in first.at or (Between(*NODES),) == first.at
    assert first.among is (len(first.at) > 1)
    assert ("at one or more of" in words(diagnosis.summary)) is first.among


@pytest.mark.parametrize("slug", ["underlay-loss", "vxlan-port-conflict"])
def test_what_is_at_either_end_or_between_is_between_them(slug: str, healthy: World) -> None:
    """That says all that is known, in one place."""
    diagnosis = diagnose(findings(worlds.with_cause(healthy, CAUSES[slug], Node("w1")), set()))

    assert ((Between(*NODES),), False) == (diagnosis.causes[0].at, diagnosis.causes[0].among)
