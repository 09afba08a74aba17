"""Whether the nodes are ready, and whether somebody has cordoned them. From the snapshot alone."""

from checks.cluster.snapshot import Node as NodeObject
from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered
from checks.nodes.model import Data, Parameters
from checks.place import Node
from checks.reading.pods import CNI
from checks.reading.read import read
from checks.text import Text, names, say, shortened

READY = Code(
    name="nodes.ready",
    meaning="The kubelet of every node is heard of and says that the node is ready",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "it is ready"),
        Outcome("not-told", Severity.OK, "an old recording, which does not tell"),
        Outcome("not-ready", Severity.FAILED, "its kubelet says that it is not"),
        Outcome("no-network", Severity.FAILED, "its kubelet says that it has no network plugin that is ready (CNI)"),
        Outcome("silent", Severity.FAILED, "its kubelet was not heard of for 40 seconds or more"),
    ),
)
SCHEDULABLE = Code(
    name="nodes.schedulable",
    meaning="Pods may be scheduled on the nodes",
    place=Node,
    role=Role.CIRCUMSTANCE,
    outcomes=(
        Outcome("pass", Severity.OK, "they may"),
        Outcome("cordoned", Severity.ADVICE, "somebody has cordoned it"),
    ),
)
CODES = (READY, SCHEDULABLE)


def judge(gathered: Gathered[Parameters, Data]) -> list[Finding]:
    """One finding a code, with every node as a place."""
    snapshot = gathered.snapshot
    if not snapshot.nodes:
        text = say("There is no node to be seen.")
        return [code.unseen(text, gathered.gaps(["nodes"])) for code in CODES]
    return [_ready(snapshot), _schedulable(snapshot)]


def _ready(snapshot: Snapshot) -> Finding:
    seen = [Seen(Node(node.name), _heard(node)) for node in snapshot.nodes]
    bad = [s.place.nodes[0] for s in seen if not READY.normal(s.outcome)]
    text = say("Nodes that are not ready: {nodes}.", nodes=names(bad)) if bad else say("All nodes are ready.")
    return READY.found(text, seen, evidence=shortened(_said(node) for node in snapshot.nodes if node.name in bad))


def _heard(node: NodeObject) -> str:
    ready = next((c for c in node.status.conditions if c.type == "Ready"), None)
    told = ready.status if ready else "not-told"
    if ready and told == "False" and read(ready.message, (CNI,)).known:
        return "no-network"
    return {"True": "pass", "False": "not-ready", "not-told": "not-told"}.get(told, "silent")


def _said(node: NodeObject) -> Text:
    ready = next(c for c in node.status.conditions if c.type == "Ready")
    return say("{node}: {reason}: {message}", node=node.name, reason=ready.reason, message=ready.message)


def _schedulable(snapshot: Snapshot) -> Finding:
    seen = [Seen(Node(n.name), "cordoned" if n.spec.unschedulable else "pass") for n in snapshot.nodes]
    closed = [s.place.nodes[0] for s in seen if s.outcome == "cordoned"]
    text = say("Pods may be scheduled on every node.")
    if closed:
        text = say("Cordoned, so that nothing new is scheduled there: {nodes}.", nodes=names(closed))
    return SCHEDULABLE.found(text, seen)
