"""Whether each API server says that it is ready. Pure."""

from http import HTTPStatus

from checks.apiserver.model import Data, Parameters
from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.place import Node
from checks.text import Text, names, say

READY = Code(
    name="apiserver.ready",
    meaning="Every API server says that it is ready",
    place=Node,
    outcomes=(
        Outcome("pass", Severity.OK, "all of its own checks are well"),
        Outcome("failing", Severity.FAILED, "one of its own checks fails, which is named"),
    ),
    leak=HARDLY_EVER,
)
_FAILING = "[-]"


def judge_ready(gathered: Gathered[Parameters, Data]) -> Finding:
    """Its own checks; those of `/livez` are among those of `/readyz` (k8s.io/apiserver, pkg/server/healthz.go)."""
    told = [(heard.data, _outcome(heard.data)) for heard in gathered.heard]
    missing = {node.name for node in gathered.snapshot.nodes if node.control_plane} - {data.node for data, _ in told}
    unasked = [Seen(Node(name), UNSEEN) for name in sorted(missing)]
    known = [(data, outcome) for data, outcome in told if outcome != UNSEEN]
    evidence = [*(_words(data) for data, outcome in told if outcome != "pass"), *gathered.unheard()]
    if not known:
        places = [Node(data.node) for data, _ in told if data.node]
        return READY.unseen(say("No API server told whether it is ready."), evidence, places, unasked)
    bad = [data.node or data.address or "?" for data, outcome in known if outcome != "pass"]
    text = say("Every API server that could be asked is ready.")
    if bad:
        text = say("API servers that are not ready: {nodes}.", nodes=names(bad))
    # An API server that is on none of the cluster's nodes has no place here.
    seen = [*(Seen(Node(data.node), outcome) for data, outcome in told if data.node), *unasked]
    return READY.found(text, seen, outcome="failing" if bad else "pass", evidence=evidence)


def _outcome(data: Data) -> str:
    if any(line.startswith(_FAILING) for line in data.ready.message.splitlines()):
        return "failing"
    return "pass" if data.ready.status == HTTPStatus.OK else UNSEEN


def _words(data: Data) -> Text:
    lines = data.ready.message.splitlines()
    failing = [line.removeprefix(_FAILING) for line in lines if line.startswith(_FAILING)]
    where = data.node or data.address or "the API server"
    words = "; ".join(failing or lines[:1]) or "no answer"
    return say("{where}: HTTP {status}: {words}", where=where, status=data.ready.status, words=words)
