"""Whether there is anybody behind the Services that webhooks are called through. Pure."""

from collections.abc import Sequence

from checks.cluster.snapshot import ServiceReference, Snapshot
from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.place import Service
from checks.text import Text, Unit, listed, say, shortened
from checks.webhook.absence import NOT_USED, Observed, absent
from checks.webhook.hooks import hooks_in, ready_endpoints, services

ENDPOINTS = Code(
    name="webhook.endpoints",
    meaning="Ready endpoints behind the webhook's Service",
    place=Service,
    outcomes=(
        Outcome("pass", Severity.OK, "there is one at least"),
        NOT_USED,
        Outcome("no-service", Severity.FAILED, "there is no such Service"),
        Outcome("none", Severity.FAILED, "no endpoint is ready"),
    ),
    measures={"ready": Unit.COUNT, "endpoints": Unit.COUNT},
    essential=True,
)
RESOURCES = ("endpointslices", "services")


def judge_endpoints(gathered: Observed) -> Finding:
    """Every Service by itself; from the snapshot alone."""
    elsewhere = absent(ENDPOINTS, gathered)
    if elsewhere:
        return elsewhere
    snapshot = gathered.snapshot
    references = services(hooks_in(snapshot, gathered.parameters.namespace))
    for gap in filter(None, map(snapshot.gap, RESOURCES)):
        text = say("Endpoints could not be read: {verb}, {reason}.", verb=gap.verb, reason=gap.reason)
        words = [say("{words}", words=gap.message)] if gap.message else []
        return ENDPOINTS.unseen(text, words, [Service(s.namespace, s.name) for s in references])
    seen = [_seen(snapshot, service) for service in references]
    lines = [_line(snapshot, service) for service in references]
    return ENDPOINTS.found(_summary(seen), seen, evidence=shortened(lines))


def _seen(snapshot: Snapshot, service: ServiceReference) -> Seen:
    place = Service(service.namespace, service.name)
    if (service.namespace, service.name) not in {(s.metadata.namespace, s.metadata.name) for s in snapshot.services}:
        return Seen(place, "no-service")
    ready = len(ready_endpoints(snapshot, service))
    counts = {"ready": float(ready), "endpoints": float(len(snapshot.endpoints(service.namespace, service.name)))}
    return Seen(place, "pass" if ready else "none", counts)


def _summary(seen: Sequence[Seen]) -> Text:
    """The sentence about the worst of them."""
    at = {s.outcome: s.place for s in reversed(seen)}
    if "none" in at:
        return say("No ready endpoint is behind {service}: the API server has nobody to ask.", service=at["none"])
    if "no-service" in at:
        missing = at["no-service"]
        return say("The Service {service} that the webhook is called through does not exist.", service=missing)
    return say("The webhook's Service has ready endpoints.")


def _line(snapshot: Snapshot, service: ServiceReference) -> Text:
    ready = ready_endpoints(snapshot, service)
    counts = {"ready": len(ready), "total": len(snapshot.endpoints(service.namespace, service.name))}
    if not ready:
        return say("{service}: {ready} ready of {total}", service=service.name, **counts)
    where = [
        say("{address} on {node}", address=endpoint.addresses[0], node=endpoint.node_name or say("no node"))
        for endpoint, _ in ready
    ]
    return say(
        "{service}: {ready} ready of {total}: {endpoints}", service=service.name, endpoints=listed(where), **counts
    )
