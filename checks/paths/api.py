"""Judge the ways between every node and the API servers: by their Service, by their own addresses, and back. Pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.crossing import PASS, REFUSED, TIMEOUT, connecting
from checks.judging.places import by_place
from checks.paths.samples import Sample
from checks.place import Pair, Place, ServicePath
from checks.text import Text, say, say_many, shortened

NAMESPACE, NAME = "default", "kubernetes"
"""The Service that every cluster has (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/)."""
NOT_ASKED = "not-asked"
OUTCOMES = (
    Outcome(PASS, Severity.OK, "it connects"),
    Outcome(NOT_ASKED, Severity.OK, "an old recording, or a cluster that does not tell where they are"),
    Outcome(REFUSED, Severity.FAILED, "something refused it at once"),
    Outcome(TIMEOUT, Severity.FAILED, "nothing came back"),
)
API_SERVICE = Code(
    name="paths.api-service",
    meaning="TCP from every node and its pods to the ClusterIP of the API servers",
    place=ServicePath,
    outcomes=OUTCOMES,
)
API_SERVER = Code(
    name="paths.api-server",
    meaning="TCP from every node and its pods to each API server's own address",
    place=ServicePath,
    outcomes=OUTCOMES,
)
KUBELET = Code(
    name="paths.kubelet",
    meaning="TCP from the API servers' nodes to the kubelet of every other node, as for logs, exec and metrics",
    place=Pair,
    outcomes=OUTCOMES,
)


@dataclass(frozen=True, slots=True)
class Way:
    """One of the three."""

    code: Code
    what: Text


SERVICE = Way(API_SERVICE, say("The API servers' Service"))
SERVERS = Way(API_SERVER, say("The API servers' own addresses"))
KUBELETS = Way(KUBELET, say("The kubelets"))


def judge_api(
    way: Way,
    found: Sequence[Sample],
    snapshot: Snapshot,
    coverage: Sequence[Text],
    *,
    heard: bool,
    cut: Collection[Place] = (),
) -> Finding:
    """One place a way: the worse of what a node and its pod met.

    Args:
        way: Which.
        found: Its samples.
        snapshot: The cluster.
        coverage: Evidence of what was not measured.
        heard: Whether any agent was.
        cut: Pairs of nodes between which nothing passes at all: that tells nothing of one port.
    """
    if not found and heard:
        return way.code.found(say("{what}: not asked.", what=way.what), outcome=NOT_ASKED)
    places = by_place(found, _pair if way is KUBELETS else _path(snapshot))
    seen = [Seen(at, UNSEEN if at in cut else _worst(way.code, asked)) for at, asked in places.items()]
    failed = [s for s in seen if s.outcome in (REFUSED, TIMEOUT)]
    known = [s for s in seen if s.outcome != UNSEEN]
    lines = shortened(sample.line() for sample in found if _outcome(sample) in (REFUSED, TIMEOUT))
    if not known:
        text = say("{what}: not measured anywhere.", what=way.what)
        return way.code.unseen(text, coverage, [s.place for s in seen])
    text = say_many(
        "{what}: {count} way was tried, and connects.",
        "{what}: {count} ways were tried, and all connect.",
        len(known),
        what=way.what,
    )
    if failed:
        text = say_many(
            "{what}: {count} of {total} ways does not connect.",
            "{what}: {count} of {total} ways do not connect.",
            len(failed),
            what=way.what,
            total=len(known),
        )
    return way.code.found(text, seen, evidence=[*lines, *coverage])


def _pair(sample: Sample) -> Place:
    return sample.pair


def _path(snapshot: Snapshot) -> Callable[[Sample], Place]:
    """From a node to the API servers; to the one whose address was asked, or to all that may answer for the Service."""
    servers = {address for address, _ in snapshot.api_servers}
    every = tuple(node.name for node in snapshot.nodes if not servers.isdisjoint(node.internal_ips))

    def place(sample: Sample) -> Place:
        m = sample.measurement
        ends = every if m.name == NAME else tuple(filter(None, (m.peer,)))
        return ServicePath(sample.node, NAMESPACE, NAME, ends=ends)

    return place


def _outcome(sample: Sample) -> str:
    """An API server and a kubelet listen, and a Service without any is refused by the node that translates it."""
    return connecting(sample.measurement.result, sample.measurement.rtt_s)


def _worst(code: Code, asked: Sequence[Sample]) -> str:
    known = [outcome for outcome in map(_outcome, asked) if outcome != UNSEEN]
    return max(known, key=code.words.index, default=UNSEEN)
