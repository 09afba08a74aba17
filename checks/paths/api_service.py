"""Judge the way from every node and its pods to the API servers' Service, which every node translates itself. Pure."""

from collections.abc import Sequence

from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.crossing import LOST, PASS, REJECTED, crossing
from checks.paths.samples import Sample, by_place
from checks.place import ServicePath
from checks.text import Text, say, say_many, shortened

NAMESPACE, NAME = "default", "kubernetes"
"""The Service that every cluster has (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/)."""
REFUSED, TIMEOUT, NOT_ASKED = "refused", "timeout", "not-asked"
API_SERVICE = Code(
    name="paths.api-service",
    meaning="TCP from every node and its pods to the ClusterIP of the API servers",
    place=ServicePath,
    outcomes=(
        Outcome(PASS, Severity.OK, "it connects"),
        Outcome(NOT_ASKED, Severity.OK, "an old recording, or a cluster without that Service"),
        Outcome(REFUSED, Severity.FAILED, "something refused it at once"),
        Outcome(TIMEOUT, Severity.FAILED, "nothing came back"),
    ),
)
_SAID = {REJECTED: REFUSED, LOST: TIMEOUT}


def judge_api_service(found: Sequence[Sample], snapshot: Snapshot, coverage: Sequence[Text], *, heard: bool) -> Finding:
    """One place a node: the worse of what its host and its pod met.

    Args:
        found: The samples.
        snapshot: The cluster.
        coverage: Evidence of what was not measured.
        heard: Whether any agent was.
    """
    if not found and heard:
        return API_SERVICE.found(say("The API servers' Service was not asked."), outcome=NOT_ASKED)
    ends = tuple(node.name for node in snapshot.nodes if {a for a, _ in snapshot.api_servers} & {*node.internal_ips})
    places = by_place(found, lambda sample: ServicePath(sample.node, NAMESPACE, NAME, ends=ends))
    seen = [Seen(place, _worst(asked)) for place, asked in places.items()]
    failed = [s for s in seen if s.outcome in (REFUSED, TIMEOUT)]
    known = [s for s in seen if s.outcome != UNSEEN]
    lines = shortened(sample.line() for sample in found if _outcome(sample) in (REFUSED, TIMEOUT))
    if not known:
        return API_SERVICE.unseen(
            say("The API servers' Service: not measured anywhere."), coverage, [s.place for s in seen]
        )
    text = say_many(
        "The API servers' Service answers {count} node and its pods.",
        "The API servers' Service answers all {count} nodes and their pods.",
        len(known),
    )
    if failed:
        text = say_many(
            "The API servers' Service does not answer {count} of {total} nodes or its pods.",
            "The API servers' Service does not answer {count} of {total} nodes or their pods.",
            len(failed),
            total=len(known),
        )
    return API_SERVICE.found(text, seen, evidence=[*lines, *coverage])


def _outcome(sample: Sample) -> str:
    """An API server listens, and a Service without any is refused by the node that translates it."""
    outcome = crossing(sample.measurement.result, sample.measurement.rtt_s)
    return _SAID.get(outcome, outcome)


def _worst(asked: Sequence[Sample]) -> str:
    known = [outcome for outcome in map(_outcome, asked) if outcome != UNSEEN]
    return max(known, key=API_SERVICE.words.index, default=UNSEEN)
