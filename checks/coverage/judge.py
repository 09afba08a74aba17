"""Whether everything that was asked for could be looked at. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.observation import Network, Observation, State
from checks.place import Cluster, Node, Permission
from checks.text import Text, names, say, say_many, shortened

ACCESS = Code(
    name="coverage.access",
    meaning="Everything netcheck reads of the cluster could be read",
    place=Permission,
    outcomes=(Outcome("pass", Severity.OK, "it could"),),
    role=Role.CIRCUMSTANCE,
)
AGENTS = Code(
    name="coverage.agents",
    meaning="Every agent that was asked answered",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "all did"),
        Outcome("part", Severity.OK, "one agent of the node did and the other did not"),
    ),
    role=Role.CIRCUMSTANCE,
)
CHECKS = Code(
    name="coverage.checks",
    meaning="Every check ran to its end",
    place=Cluster,
    outcomes=(Outcome("pass", Severity.OK, "all did"),),
    role=Role.CIRCUMSTANCE,
)
CODES = (ACCESS, AGENTS, CHECKS)
"""What could not be looked at is *unknown*, so none of these has a bad outcome."""
_NOT_RUN = (State.OVERDUE, State.BROKEN, State.REFUSED)


def judge(snapshot: Snapshot, observations: Sequence[Observation]) -> list[Finding]:
    """One finding for each code."""
    return [_access(snapshot), _agents(snapshot, observations), _checks(observations)]


def _access(snapshot: Snapshot) -> Finding:
    # What is not installed is not missing.
    gaps = [gap for gap in snapshot.gaps if gap.reason != "not-installed"]
    if not gaps:
        return ACCESS.found(say("Everything netcheck reads of the cluster could be read."), outcome="pass")
    forbidden = [gap.verb for gap in gaps if gap.reason == "forbidden"]
    text = say_many(
        "{count} kind of object could not be read.", "{count} kinds of objects could not be read.", len(gaps)
    )
    if forbidden:
        text = say_many(
            "{count} kind of object could not be read. Allow the worker's service account to {verbs}.",
            "{count} kinds of objects could not be read. Allow the worker's service account to {verbs}.",
            len(gaps),
            verbs=names(forbidden),
        )
    return ACCESS.unseen(
        text,
        [say("{verb}: {reason}: {words}", verb=g.verb, reason=g.reason, words=g.message) for g in gaps],
        [Permission(gap.verb) for gap in gaps],
    )


def _agents(snapshot: Snapshot, observations: Sequence[Observation]) -> Finding:
    silent: dict[str, list[Text]] = defaultdict(list)
    for o in observations:
        if o.state is State.NO_ANSWER:
            line = say("{node}: {check} on the {network} network did not answer", **_who(o))
            silent[o.node].append(line)
    for node in _without_target(snapshot, observations):
        silent[node].append(
            say("{node}: no ready agent in its pod network, so no path to its pods was probed", node=node)
        )
    answered = {o.node for o in observations if o.network is not Network.CLUSTER and o.state is not State.NO_ANSWER}
    heard = [Seen(Node(node), "part" if node in silent else "pass") for node in sorted(answered)]
    if not silent:
        return AGENTS.found(say("Every agent that was asked answered."), heard, outcome="pass")
    nodes, lines = sorted(filter(None, silent)), [line for _, lines in sorted(silent.items()) for line in lines]
    if not nodes:
        return AGENTS.unseen(say("No answer from the worker: look whether it runs."), lines, seen=heard)
    if not answered and not snapshot.agents() and snapshot.gap("pods") is None:
        text = say(
            "netcheck has no agents in this cluster, so nothing was measured on its nodes. Install its Helm chart "
            "there (`helm install netcheck deploy/chart`, see the README) and ask again."
        )
        return AGENTS.unseen(text, places=map(Node, nodes))
    text = say("No answer from {nodes}: look whether the node is up and its netcheck agents run.", nodes=names(nodes))
    return AGENTS.unseen(text, lines, [Node(node) for node in nodes if node not in answered], seen=heard)


def _who(o: Observation) -> dict[str, str]:
    return {"node": o.node or "worker", "check": o.check, "network": str(o.network)}


def _without_target(snapshot: Snapshot, observations: Sequence[Observation]) -> list[str]:
    """Nodes whose pod network nobody could aim at: paths to them are missing from every count of pairs."""
    asked = any(o.check == "paths" and o.state is State.OBSERVED for o in observations)
    if not asked or snapshot.gap("pods"):
        return []
    targets = {pod.spec.node_name for pod in snapshot.agents() if pod.ready}
    return [node.name for node in snapshot.nodes if node.name not in targets]


def _checks(observations: Sequence[Observation]) -> Finding:
    failed = [o for o in observations if o.state in _NOT_RUN]
    slow = [
        say("{check} on {node}: its container was throttled {times} times", times=o.throttled, **_who(o))
        for o in observations
        if o.throttled
    ]
    if not failed:
        text = say("Every check ran to its end.")
        return CHECKS.found(text, [Seen(Cluster(), "pass")], evidence=shortened(slow))
    ended = [
        say("{check} on {node}/{network}: {state}: {words}", state=str(o.state), words=o.message, **_who(o))
        for o in failed
    ]
    return CHECKS.unseen(
        say_many(
            "{count} job ended without a result: this is no statement about the cluster.",
            "{count} jobs ended without a result: this is no statement about the cluster.",
            len(failed),
        ),
        [*ended, *slow],
    )
