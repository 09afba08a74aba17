"""Whether the API server reaches the other API servers that it passes requests on to, as it says itself. Pure."""

from collections.abc import Sequence

import msgspec

from checks.backing import behind as backing
from checks.cluster.snapshot import APIService
from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.judging.places import answering, service_path
from checks.place import ServicePath
from checks.reading.control_plane import AGGREGATED_API as KIND
from checks.reading.read import read
from checks.services.behind import Behind, Name
from checks.services.looked import NOT_USED, PASS, Looked
from checks.text import Text, listed, say, shortened

AGGREGATED_API = Code(
    name="services.aggregated",
    meaning="The API server reaches the other API servers behind APIServices, as it says",
    place=ServicePath,
    outcomes=(
        Outcome(PASS, Severity.OK, "it does"),
        NOT_USED,
        Outcome(
            "other", Severity.ADVICE, "it gets an answer that it does not accept, which is no matter of the network"
        ),
        Outcome("x509", Severity.FAILED, "the certificate does not verify"),
        Outcome("proxy", Severity.FAILED, "a proxy refuses"),
        Outcome("tunnel", Severity.FAILED, "its tunnel into the cluster does not get through"),
        Outcome("no-service", Severity.FAILED, "there is no such Service, or it does not have the port"),
        Outcome("no-port", Severity.FAILED, "endpoints are ready, and none has the port that is meant"),
        Outcome("node-not-ready", Severity.FAILED, "all that it has are on nodes that are not ready"),
        Outcome("none", Severity.FAILED, "no endpoint is ready"),
        Outcome("refused", Severity.FAILED, "the connection is refused"),
        Outcome("timeout", Severity.FAILED, "no answer comes in time"),
    ),
)
_REASONS = {
    "ServiceNotFound": "no-service",
    "ServicePortError": "no-service",
    "EndpointsNotFound": "none",
    "MissingEndpoints": "none",
}
"""What the availability controller says without asking (kube-aggregator, pkg/controllers/status)."""
_READ = {"hangs": "timeout", "no-endpoints": "none"}
"""Outcomes of a text in the words of this code, where they are others."""


def judge_aggregated(looked: Looked) -> Finding:
    """Its own words, read like a text that somebody pasted."""
    if nothing := looked.nothing(AGGREGATED_API):
        return nothing
    meant = {behind.name: behind for behind in looked.services}
    asked = bool(looked.gathered.parameters.service)
    services = [each for each in looked.gathered.snapshot.api_services if not asked or _name(each) in meant]
    if not services:
        gaps = [] if asked else looked.gathered.gaps(["apiservices"])
        if gaps:
            return AGGREGATED_API.unseen(say("Which other API servers there are could not be read."), gaps)
        return AGGREGATED_API.found(say("No API is served by another API server."), outcome=NOT_USED.word)
    lost = looked.gathered.snapshot.lost_nodes
    outcomes = [(each, _outcome(each, meant.get(_name(each)), lost)) for each in services]
    if all(outcome == UNSEEN for _, outcome in outcomes):
        return AGGREGATED_API.unseen(say("The API server does not say whether it reaches the other API servers."))
    source = _source(looked)
    snapshot = looked.gathered.snapshot
    ways = [service_path(source, *_name(each), answering(snapshot, *_name(each))) for each in services]
    seen = _worst_of_each([(way, outcome) for way, (_, outcome) in zip(ways, outcomes, strict=True)])
    bad = [each for each, outcome in outcomes if outcome not in (PASS, UNSEEN, "other")]
    odd = [each for each, outcome in outcomes if outcome not in (PASS, UNSEEN)]
    finding = AGGREGATED_API.found(_sentence(bad, odd), seen, evidence=shortened(map(_line, odd)))
    names = dict.fromkeys(map(_name, bad))
    return msgspec.structs.replace(finding, backings=tuple(backing(looked.gathered.snapshot, *name) for name in names))


def _name(service: APIService) -> Name:
    reference = service.spec.service
    return (reference.namespace, reference.name) if reference else ("", "")


def _source(looked: Looked) -> str:
    planes = [node.name for node in looked.gathered.snapshot.nodes if node.control_plane]
    return planes[0] if len(planes) == 1 else ""


def _outcome(service: APIService, behind: Behind | None, lost: frozenset[str]) -> str:
    told = service.available
    if told is None or told.status == "Unknown":
        return UNSEEN
    if told.status == "True":
        return PASS
    if told.reason not in _REASONS:
        return _read_of(told.message)
    word = _REASONS[told.reason]
    if word != "none" or behind is None or not behind.served:
        return word
    # Its words are the same where endpoints are there without the port.
    if behind.ready:
        return "no-port"
    return "node-not-ready" if lost.issuperset(endpoint.node_name for endpoint, _ in behind.served) else word


def _read_of(message: str) -> str:
    reading = read(message, (KIND,))
    word = _READ.get(reading.outcome, reading.outcome) if reading.known else "other"
    return word if word in AGGREGATED_API.words else "other"


def _worst_of_each(outcomes: Sequence[tuple[ServicePath, str]]) -> list[Seen]:
    worst: dict[ServicePath, str] = {}
    for way, outcome in outcomes:
        worst[way] = max(worst.get(way, outcome), outcome, key=_rank)
    return [Seen(way, outcome) for way, outcome in worst.items()]


def _rank(outcome: str) -> int:
    return -1 if outcome == UNSEEN else AGGREGATED_API.words.index(outcome)


def _sentence(bad: Sequence[APIService], odd: Sequence[APIService]) -> Text:
    apis = listed([each.metadata.name for each in bad or odd])
    if bad:
        return say("The API server does not get an answer of {apis}.", apis=apis)
    if odd:
        return say("The API server does not accept the answer of {apis}.", apis=apis)
    return say("The API server reaches every other API server.")


def _line(service: APIService) -> Text:
    told = service.available
    reason, words = (told.reason, told.message) if told else ("", "")
    return say("{api}: {reason}: {words}", api=service.metadata.name, reason=reason, words=words)
