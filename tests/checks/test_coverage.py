"""What could not be looked at is a finding."""

from checks.cluster.snapshot import Condition, Gap, Metadata, Node, Pod, PodIP, PodSpec, PodStatus, Snapshot
from checks.coverage.judge import judge
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.observation import Network, Observation, State
from checks.place import Node as NodePlace
from checks.place import Permission
from checks.text import say

AGENT = {"app.kubernetes.io/component": "agent-pod"}
READY = (Condition(type="Ready", status="True"),)


def agent(node: str, *, ready: bool = True) -> Pod:
    """The pod agent of a node."""
    return Pod(
        metadata=Metadata(name=f"agent-{node}", labels=AGENT),
        spec=PodSpec(node_name=node),
        status=PodStatus(pod_ips=(PodIP(ip="10.244.1.4"),), conditions=READY if ready else ()),
    )


def snapshot(*agents: Pod, gaps: tuple[Gap, ...] = ()) -> Snapshot:
    """A cluster of two nodes."""
    nodes = tuple(Node(metadata=Metadata(name=name)) for name in ("w1", "w2"))
    return Snapshot(nodes=nodes, pods=agents, gaps=gaps)


def observed(node: str, state: State = State.OBSERVED, *, throttled: int = 0) -> Observation:
    """What a `paths` job of a node came to."""
    message = "killed" if state is not State.OBSERVED else ""
    return Observation(
        check="paths", network=Network.POD, node=node, state=state, data={}, message=message, throttled=throttled
    )


def finding(code: str, seen: Snapshot, *observations: Observation) -> Finding:
    """The finding of that code."""
    return next(f for f in judge(seen, observations) if f.code == code)


def test_everything_seen_is_ok() -> None:
    """With every agent ready and every job observed nothing is missing."""
    seen = snapshot(agent("w1"), agent("w2"))

    assert [Severity.OK] * 3 == [f.severity for f in judge(seen, [observed("w1"), observed("w2")])]


def test_a_silent_node_is_named() -> None:
    """An agent that does not answer is unknown, with its node."""
    found = finding("coverage.agents", snapshot(agent("w1"), agent("w2")), observed("w1", State.NO_ANSWER))

    assert (Severity.UNKNOWN, (Seen(NodePlace("w1"), UNSEEN),)) == (found.severity, found.seen)


def test_a_node_of_which_one_agent_answers_is_seen_in_part() -> None:
    """Its other network may still be judged, and nobody may say that no agent answers."""
    host = Observation(check="nic", network=Network.HOST, node="w1", data={})

    found = finding("coverage.agents", snapshot(agent("w1"), agent("w2")), host, observed("w1", State.NO_ANSWER))

    assert (Severity.UNKNOWN, (Seen(NodePlace("w1"), "part"),)) == (found.severity, found.seen)


def test_a_cluster_without_agents_is_one_line() -> None:
    """Where there is none to answer, what helps is to install them, not a line for each silence."""
    found = finding("coverage.agents", snapshot(), observed("w1", State.NO_ANSWER), observed("w2", State.NO_ANSWER))

    assert (Severity.UNKNOWN, True, ()) == (found.severity, "Install" in found.text.template, found.evidence)


def test_a_node_without_a_ready_agent_is_named() -> None:
    """Nobody could aim at its pods, so a count of pairs that all pass would hide it."""
    found = finding("coverage.agents", snapshot(agent("w1"), agent("w2", ready=False)), observed("w1"))

    assert (Severity.UNKNOWN, (Seen(NodePlace("w2"), UNSEEN), Seen(NodePlace("w1"), "pass"))) == (
        found.severity,
        found.seen,
    )


def test_a_job_that_was_killed_is_no_statement_about_the_cluster() -> None:
    """Overdue, broken and refused jobs are unknown, never failed."""
    for state in (State.OVERDUE, State.BROKEN, State.REFUSED):
        found = finding("coverage.checks", snapshot(), observed("w1", state))
        assert (Severity.UNKNOWN, ["killed"]) == (found.severity, [e.values["words"] for e in found.evidence])


def test_a_throttled_probe_is_told() -> None:
    """A starved agent accuses the network, so it is said beside the findings."""
    found = finding("coverage.checks", snapshot(agent("w1"), agent("w2")), observed("w1", throttled=7))

    line = say(
        "{check} on {node}: its container was throttled {times} times",
        check="paths",
        node="w1",
        network="pod",
        times=7,
    )
    assert (Severity.OK, (line,)) == (found.severity, found.evidence)


def test_a_missing_permission_names_what_to_allow() -> None:
    """The verb and resource are what a role would have to name; what is not installed is not missing."""
    gaps = (
        Gap(verb="list pods", reason="forbidden", message="no"),
        Gap(verb="list ipaddresspools.metallb.io", reason="not-installed"),
    )

    found = finding("coverage.access", snapshot(gaps=gaps))

    assert (Severity.UNKNOWN, [Permission("list pods")]) == (found.severity, [s.place for s in found.seen])
    assert (1, ["list pods"]) == (found.text.count, found.text.values["verbs"])
