"""What is said of etcd, and what is left open."""

import pytest

from checks.cluster.snapshot import Snapshot
from checks.etcd import CHECK
from checks.etcd.model import Data, Member, Server
from checks.finding import UNSEEN, Finding, Severity
from checks.observation import Answer, Network, Observation, State
from checks.place import Node
from checks.probes.outcome import Outcome, Result
from tests.checks import objects
from tests.checks.etcd.sound import READY
from tests.checks.judged import judged
from tests.checks.words import words

NO_ETCD = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]etcd-readiness ok\nreadyz check failed"
PLANES = ("cp", "cp2", "cp3")


def cluster() -> Snapshot:
    """Three control-plane nodes and a worker."""
    nodes = tuple(objects.node(name, f"10.0.0.{n}", control_plane=True) for n, name in enumerate(PLANES, 1))
    return objects.cluster(nodes=(*nodes, objects.node("w1", "10.0.0.9")))


def server(node: str, message: str, status: int = 200) -> Observation:
    """What an API server said."""
    said = Server(address="10.0.0.1", node=node, answer=Answer(status=status, message=message, elapsed_s=0.01))
    return Observation(check="etcd", network=Network.CLUSTER, data=Data(server=said))


def member(node: str, *, has: bool | None = True, leads: bool | None = False, learns: bool = False) -> Observation:
    """What a member told."""
    told = Member(outcome=Outcome(Result.OK), status=200, has_leader=has, is_leader=leads, is_learner=learns)
    return Observation(check="etcd", network=Network.HOST, node=node, data=Data(member=told))


def refused(node: str) -> Observation:
    """A node on which nobody listens."""
    told = Member(outcome=Outcome(Result.REFUSED))
    return Observation(check="etcd", network=Network.HOST, node=node, data=Data(member=told))


def found(*observations: Observation) -> dict[str, Finding]:
    """Both findings."""
    return judged(CHECK, cluster(), observations)


def seen(finding: Finding) -> dict[str, str]:
    """The outcome by node."""
    return {str(s.place): s.outcome for s in finding.seen}


def test_every_member_has_its_state_and_the_leader_is_named() -> None:
    """At its node."""
    finding = found(member("cp"), member("cp2", leads=True), member("cp3"))["member"]

    assert {"cp": "follower", "cp2": "leader", "cp3": "follower"} == seen(finding)
    assert (Severity.OK, "The member of etcd on cp2 leads.") == (finding.severity, words(finding.text))


@pytest.mark.parametrize(
    ("observation", "outcome", "severity"),
    [
        (member("cp3", has=False), "no-leader", Severity.FAILED),
        (member("cp3", learns=True), "learner", Severity.DEGRADED),
        (member("cp3", has=None), UNSEEN, Severity.OK),
        (refused("cp3"), UNSEEN, Severity.OK),
    ],
    ids=["no-leader", "learner", "not-told", "refused"],
)
def test_one_member_that_is_not_as_it_should_be(observation: Observation, outcome: str, severity: Severity) -> None:
    """What cannot be asked is neither well nor unwell, and takes nothing from what the others tell."""
    finding = found(member("cp", leads=True), member("cp2"), observation)["member"]

    assert (outcome, severity) == (seen(finding)["cp3"], finding.severity)


def test_members_that_nobody_can_ask_are_unknown() -> None:
    """On Talos by default: never well."""
    finding = found(refused("cp"), refused("cp2"))["member"]

    assert (Severity.UNKNOWN, dict.fromkeys(PLANES, UNSEEN)) == (finding.severity, seen(finding))
    assert "cp: its member tells nothing: refused" == words(finding.evidence[0])


def test_each_api_server_speaks_for_its_own_way_to_etcd() -> None:
    """The one that does not reach it is named, with its own words."""
    finding = found(server("cp", READY), server("cp2", NO_ETCD, 500))["api-server"]

    assert {"cp": "pass", "cp2": "failed", "cp3": UNSEEN} == seen(finding)
    assert (Severity.FAILED, "API servers that do not reach etcd: cp2.") == (finding.severity, words(finding.text))
    assert "cp2: HTTP 500: [-]etcd failed: reason withheld" == words(finding.evidence[0])


@pytest.mark.parametrize(
    ("message", "status"),
    [("forbidden: no", 403), ("timed out", 0), ("[+]ping ok\nreadyz check passed", 200), ("", 200)],
)
def test_an_api_server_that_says_nothing_of_etcd_is_unknown(message: str, status: int) -> None:
    """A permission that is missing, silence, or a check that was left out."""
    finding = found(server("cp", message, status))["api-server"]

    assert (Severity.UNKNOWN, dict.fromkeys(PLANES, UNSEEN)) == (finding.severity, seen(finding))


def test_an_api_server_elsewhere_counts_without_a_place() -> None:
    """A managed control plane is on no node of the cluster; it says nothing of the nodes."""
    workers = objects.cluster(nodes=(objects.node("w1", "10.0.0.9"),))
    managed = judged(CHECK, workers, [server("", READY)])["api-server"]
    unplaced = found(server("", READY))["api-server"]

    assert (Severity.OK, "pass", ()) == (managed.severity, managed.outcome, managed.seen)
    assert ("pass", dict.fromkeys(PLANES, UNSEEN)) == (unplaced.outcome, seen(unplaced))


def test_silence_is_told() -> None:
    """An agent of another version, or none."""
    silent = Observation(check="etcd", network=Network.HOST, node="cp", state=State.NO_ANSWER)
    finding = found(silent, member("cp2", leads=True))["member"]

    assert {Node("cp"): UNSEEN, Node("cp2"): "leader", Node("cp3"): UNSEEN} == {
        s.place: s.outcome for s in finding.seen
    }
