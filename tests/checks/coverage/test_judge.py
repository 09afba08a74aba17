"""What could not be looked at is a finding."""

from checks.cluster.snapshot import Condition, Gap, Metadata, Node, Pod, PodIP, PodSpec, PodStatus, Snapshot
from checks.coverage.judge import CODES, judge
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.observation import Network, Observation, State
from checks.place import Node as NodePlace
from checks.place import Permission
from tests.checks.words import words

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
    found = judge(seen, observations)
    assert [declared.name for declared in CODES] == [f.code for f in found]
    return next(f for f in found if f.code == code)


def places(finding: Finding) -> list[object]:
    """The places of which nothing is known."""
    return [s.place for s in finding.seen if s.outcome == UNSEEN]


def test_everything_seen_is_ok() -> None:
    """With every agent ready and every job observed nothing is missing."""
    seen = snapshot(agent("w1"), agent("w2"))

    found = judge(seen, [observed("w1"), observed("w2")])

    assert [(Severity.OK, "pass")] * 3 == [(f.severity, f.outcome) for f in found]
    assert (Seen(NodePlace("w1"), "pass"), Seen(NodePlace("w2"), "pass")) == found[1].seen


def test_pods_that_nobody_may_list_are_no_silent_agents() -> None:
    """Every agent answered; that its pod could not be seen is said of the permission, not of the node."""
    seen = snapshot(gaps=(Gap(verb="list pods", reason="forbidden"),))

    found = finding("coverage.agents", seen, observed("w1"), observed("w2"))

    assert ("pass", []) == (found.outcome, places(found))


def test_a_silent_node_is_named() -> None:
    """An agent that does not answer is unknown, with its node."""
    found = finding("coverage.agents", snapshot(agent("w1"), agent("w2")), observed("w1", State.NO_ANSWER))

    assert (Severity.UNKNOWN, [NodePlace("w1")]) == (found.severity, places(found))
    assert "No answer from w1: look whether the node is up and its netcheck agents run." == words(found.text)
    assert ["w1: paths on the pod network did not answer"] == [words(line) for line in found.evidence]


def test_a_silent_worker_is_no_node() -> None:
    """What the worker itself should have asked is not put down to a node of that name."""
    found = finding("coverage.agents", snapshot(), observed("", State.NO_ANSWER))

    assert (Severity.UNKNOWN, []) == (found.severity, places(found))
    assert "No answer from the worker: look whether it runs." == words(found.text)


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

    assert (Severity.UNKNOWN, [NodePlace("w2")]) == (found.severity, places(found))
    line = "w2: no ready agent in its pod network, so no path to its pods was probed"
    assert [line] == [words(line) for line in found.evidence]


def test_a_job_that_was_killed_is_no_statement_about_the_cluster() -> None:
    """Overdue, broken and refused jobs are unknown, never failed."""
    for state in (State.OVERDUE, State.BROKEN, State.REFUSED):
        found = finding("coverage.checks", snapshot(), observed("w1", state))
        assert (Severity.UNKNOWN, ()) == (found.severity, found.where)
        assert "1 job ended without a result: this is no statement about the cluster." == words(found.text)
        assert [f"paths on w1/pod: {state}: killed"] == [words(line) for line in found.evidence]


def test_a_throttled_probe_is_told() -> None:
    """A starved agent accuses the network, so it is said beside the findings."""
    found = finding("coverage.checks", snapshot(agent("w1"), agent("w2")), observed("w1", throttled=7))

    assert Severity.OK is found.severity
    assert ["paths on w1: its container was throttled 7 times"] == [words(line) for line in found.evidence]


def test_a_missing_permission_names_what_to_allow() -> None:
    """The verb and resource are what a role would have to name; what is not installed is not missing."""
    gaps = (
        Gap(verb="list pods", reason="forbidden", message="no"),
        Gap(verb="list ipaddresspools.metallb.io", reason="not-installed"),
    )

    found = finding("coverage.access", snapshot(gaps=gaps))

    assert (Severity.UNKNOWN, [Permission("list pods")]) == (found.severity, places(found))
    assert "1 kind of object could not be read. Allow the worker's service account to list pods." == words(found.text)
    assert ["list pods: forbidden: no"] == [words(line) for line in found.evidence]
