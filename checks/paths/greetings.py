"""Judge the TLS greetings to webhooks: F and G, and those from their own nodes. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.gathered import Gathered
from checks.judging.crossing import PASS, REFUSED, TIMEOUT, connecting
from checks.judging.places import answering, by_place, service_path
from checks.judging.topology import webhook_services
from checks.paths.model import Data, Parameters
from checks.paths.plan import server_name, webhook_aims
from checks.paths.samples import Sample
from checks.place import Service, ServicePath
from checks.probes.outcome import Result
from checks.text import Text, Value, listed, say, say_many, shortened

RESOURCES = ("validatingwebhookconfigurations", "mutatingwebhookconfigurations", "services", "endpointslices")
"""What has to be readable to know the webhooks and where they are."""
NOT_USED = "not-used"
OUTCOMES = (
    Outcome(PASS, Severity.OK, "the greeting is answered"),
    Outcome(NOT_USED, Severity.OK, "no webhook is called through a Service"),
    Outcome(REFUSED, Severity.FAILED, "something refused it at once, because nobody listens or it may not pass"),
    Outcome(TIMEOUT, Severity.FAILED, "nothing came back"),
)
ENDPOINT = Code(
    name="paths.webhook-endpoint",
    meaning="TLS greeting from the API server's node to each ready endpoint of each webhook",
    place=ServicePath,
    outcomes=OUTCOMES,
    probe="F",
    tries=say("webhook endpoint"),
)
NOT_ASKED, HANGS = "not-asked", "hangs"
LOCAL = Code(
    name="paths.webhook-local",
    meaning="TLS greeting to each ready endpoint of each webhook from the node that it is on",
    place=ServicePath,
    outcomes=(
        *OUTCOMES[:2],
        Outcome(NOT_ASKED, Severity.OK, "an old recording"),
        *OUTCOMES[2:],
        Outcome(HANGS, Severity.FAILED, "it takes the connection and does not answer"),
    ),
)
SERVICE = Code(
    name="paths.webhook-service",
    meaning="TLS greeting from the API server's node to each webhook's ClusterIP",
    place=ServicePath,
    outcomes=OUTCOMES,
    probe="G",
    tries=say("webhook ClusterIP"),
)


@dataclass(frozen=True, slots=True)
class Greeting:
    """One of the two rows."""

    code: Code
    what: Text
    """What is greeted."""


ENDPOINTS = Greeting(ENDPOINT, say("Webhook endpoints"))
SERVICES = Greeting(SERVICE, say("ClusterIPs of webhooks"))


def judge_local(found: Sequence[Sample], gathered: Gathered[Parameters, Data], coverage: Sequence[Text]) -> Finding:
    """`hangs` where a webhook leaves its own node's greeting without an answer: then it is not the way to it."""
    places = by_place(found, _service_paths(gathered.snapshot))
    seen = [_seen(LOCAL, place, map(_of_local, probes)) for place, probes in places.items()]
    unclear = [*shortened(sample.line() for sample in found if _of_local(sample) == UNSEEN), *coverage]
    known = [s for s in seen if s.outcome != UNSEEN]
    if not known:
        if not found and webhook_aims(gathered.snapshot) and gathered.heard and not coverage:
            return LOCAL.found(say("No webhook was greeted from its own node."), outcome=NOT_ASKED)
        return _unmeasured(LOCAL, say("Webhooks on their own nodes"), gathered, unclear, list(places))
    failed = [s for s in known if s.outcome != PASS]
    text = say("Webhooks answer their own nodes.")
    if failed:
        services = dict.fromkeys(Service(p.namespace, p.name) for s in failed if isinstance(p := s.place, ServicePath))
        text = say("Webhooks do not answer their own nodes: {services}.", services=listed(services))
    lines = shortened(sample.line() for sample in found if _of_local(sample) not in (PASS, UNSEEN))
    return LOCAL.found(text, seen, evidence=[*lines, *unclear])


def _of_local(sample: Sample) -> str:
    """Where the connection was made, it is the one who listens that does not answer."""
    m = sample.measurement
    return HANGS if m.result is Result.TIMEOUT and m.detail else _outcome(sample)


def judge_webhooks(
    row: Greeting, found: Sequence[Sample], gathered: Gathered[Parameters, Data], coverage: Sequence[Text]
) -> Finding:
    """F or G: `timeout` when any greeting was lost, else `refused` when any was, else `pass`."""
    snapshot = gathered.snapshot
    places = by_place(found, _service_paths(snapshot))
    seen = [_seen(row.code, place, map(_outcome, probes)) for place, probes in places.items()]
    unclear = [*shortened(sample.line() for sample in found if _outcome(sample) == UNSEEN), *coverage]
    if all(s.outcome == UNSEEN for s in seen):
        return _unmeasured(row.code, row.what, gathered, unclear, list(places))
    local = [s.place for s in seen if s.outcome != UNSEEN and not s.place.crosses]
    evidence = [
        _count([s.outcome for s in seen]),
        *shortened(sample.line() for sample in found if _outcome(sample) in (REFUSED, TIMEOUT)),
        *shortened(say("{path}: every endpoint is on the node that asks", path=path) for path in local),
    ]
    asker = say("the API server's node")
    if not any(node.control_plane for node in snapshot.nodes):
        asker = say("the nodes that greeted them")
        evidence.append(say("no control-plane node is in sight: measured from other nodes"))
    return row.code.found(_sentence(row, seen, asker), seen, evidence=[*evidence, *unclear])


def _service_paths(snapshot: Snapshot) -> Callable[[Sample], ServicePath | None]:
    """Finds the place of a greeting: who asks, the Service, and the endpoints that may answer."""
    services = {server_name(namespace, name): (namespace, name) for namespace, name, _ in webhook_services(snapshot)}
    behind = {reference: answering(snapshot, *reference) for reference in services.values()}

    def place(sample: Sample) -> ServicePath | None:
        reference, m = services.get(sample.measurement.name), sample.measurement
        if reference is None:
            return None
        endpoints = [e for e in behind[reference] if not m.peer or m.address in e.addresses]
        return service_path(sample.node, *reference, endpoints)

    return place


def _outcome(sample: Sample) -> str:
    """One greeting in one word; `UNSEEN` when it was not measured.

    Whatever closed the connection was reached, so `closed` is a pass: how well it speaks TLS is not the question here.
    """
    m = sample.measurement
    if m.result is Result.CLOSED:
        return PASS
    return connecting(m.result, m.rtt_s)


def _seen(code: Code, place: ServicePath, outcomes: Iterable[str]) -> Seen:
    """The worst of the greetings over one path: a Service may be called by several ports."""
    known = [outcome for outcome in outcomes if outcome != UNSEEN]
    return Seen(place, max(known, key=code.words.index, default=UNSEEN))


def _count(outcomes: Sequence[str]) -> Text:
    known = [outcome for outcome in outcomes if outcome != UNSEEN]
    return say("{passed} of {total} answer a TLS greeting", passed=known.count(PASS), total=len(known))


def _sentence(row: Greeting, seen: Sequence[Seen], asker: Text) -> Text:
    known = [s for s in seen if s.outcome != UNSEEN]
    failed = [s for s in known if s.outcome != PASS]
    if failed:
        return _failing(row, failed, len(known), asker)
    if not any(s.place.crosses for s in known):
        return say("{what}: all are on the node that asked, and answer: the tunnel was not used.", what=row.what)
    return say_many(
        "{what}: the one that was greeted answers {asker}.",
        "{what}: all {count} that were greeted answer {asker}.",
        len(known),
        what=row.what,
        asker=asker,
    )


def _failing(row: Greeting, failed: Sequence[Seen], total: int, asker: Text) -> Text:
    services = dict.fromkeys(Service(p.namespace, p.name) for s in failed if isinstance(p := s.place, ServicePath))
    values: dict[str, Value] = {"what": row.what, "total": total, "asker": asker, "services": listed(services)}
    if any(s.outcome == TIMEOUT for s in failed):
        return say_many(
            "{what}: {count} of {total} does not answer {asker} ({services}).",
            "{what}: {count} of {total} do not answer {asker} ({services}).",
            len(failed),
            **values,
        )
    return say_many(
        "{what}: {count} of {total} is refused to {asker} ({services}).",
        "{what}: {count} of {total} are refused to {asker} ({services}).",
        len(failed),
        **values,
    )


def _unmeasured(
    code: Code,
    what: Text,
    gathered: Gathered[Parameters, Data],
    evidence: Sequence[Text],
    places: Sequence[ServicePath],
) -> Finding:
    gaps = gathered.gaps(RESOURCES)
    if not gaps and not webhook_services(gathered.snapshot):
        return code.found(say("No webhook of this cluster is called through a Service."), outcome=NOT_USED)
    text = say(
        "{what}: none was greeted. None is ready, or no agent near the API server answered.",
        what=what,
    )
    return code.unseen(text, [*gaps, *evidence], places)
