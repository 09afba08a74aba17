"""Whether the API server finds anybody behind the Services that webhooks are called through. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from checks.backing import Backing, behind
from checks.cluster.snapshot import Endpoint, ServiceReference
from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.place import Service
from checks.text import Text, Unit, Value, filled, listed, names, say, shortened
from checks.webhook.absence import NOT_USED, absent
from checks.webhook.hooks import Hook, services
from checks.webhook.resolve import NODE_NOT_READY, PASS, Resolved
from checks.webhook.shown import Looked

ENDPOINTS = Code(
    name="webhook.endpoints",
    meaning="What the API server finds behind each webhook's Service",
    place=Service,
    outcomes=(
        Outcome(PASS, Severity.OK, "an endpoint is ready"),
        NOT_USED,
        Outcome("external", Severity.ADVICE, "an ExternalName, which leads to a name outside of the cluster"),
        Outcome("leaving", Severity.ADVICE, "none is ready, and one that ends still answers"),
        Outcome("unsupported", Severity.FAILED, "the API server takes no Service of this type"),
        Outcome("headless", Severity.FAILED, "the Service has no address, and the API server needs one"),
        Outcome("not-local", Severity.FAILED, "internalTrafficPolicy Local, and nobody is on the API server's node"),
        Outcome("wrong-port", Severity.FAILED, "endpoints are ready, and none has the port that is meant"),
        Outcome("no-port", Severity.FAILED, "the Service does not have the port that the webhook names"),
        Outcome("no-service", Severity.FAILED, "there is no such Service"),
        Outcome(NODE_NOT_READY, Severity.FAILED, "all that it has are on nodes that are not ready"),
        Outcome("none", Severity.FAILED, "no endpoint is ready"),
    ),
    measures={"ready": Unit.COUNT, "endpoints": Unit.COUNT},
    essential=True,
)
RESOURCES = ("endpointslices", "services")
SENTENCES = {
    "none": say("No ready endpoint is behind {service} ({product}): the API server has nobody to ask."),
    NODE_NOT_READY: say("All that is behind {service} ({product}) is on nodes that are not ready."),
    "no-service": say("The Service {service} that the webhook is called through does not exist."),
    "no-port": say("{service} ({product}) has no port {port}, by which its webhook is called; it has {ports}."),
    "wrong-port": say("The pods behind {service} ({product}) do not have the port {target} that it leads to."),
    "not-local": say("{service} ({product}) leads to endpoints on its own node alone, and the API server's has none."),
    "headless": say("{service} ({product}) is headless: the API server calls webhooks by a Service's address."),
    "unsupported": say("The API server calls no webhook through {service} ({product}), of the type {type}."),
    "leaving": say("Only pods that are ending answer behind {service} ({product})."),
    "external": say("{service} ({product}) leads to {external}, outside of the cluster."),
    "pass": say("Every webhook's Service has ready endpoints."),
}
"""What is said of the worst."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A Service that webhooks are called through."""

    reference: ServiceReference
    resolved: Resolved
    backing: Backing
    ignored: bool
    """Whether all of its webhooks may fail."""

    @property
    def place(self) -> Service:
        return Service(self.reference.namespace, self.reference.name)

    @property
    def seen(self) -> Seen:
        counts = {"ready": float(len(self.resolved.targets)), "endpoints": float(self.resolved.total)}
        counted = self.resolved.outcome in ("pass", "leaving", "none", NODE_NOT_READY, "wrong-port", "not-local")
        return Seen(self.place, self.resolved.outcome, counts if counted else {})


def judge_endpoints(looked: Looked) -> Finding:
    """Every Service by itself; from the snapshot alone."""
    elsewhere = absent(ENDPOINTS, looked.gathered)
    if elsewhere:
        return elsewhere
    snapshot, hooks = looked.gathered.snapshot, looked.hooks
    references = services(hooks)
    if not references:
        return ENDPOINTS.found(say("No webhook is called through a Service."), outcome="not-used")
    for gap in filter(None, map(snapshot.gap, RESOURCES)):
        text = say("Endpoints could not be read: {verb}, {reason}.", verb=gap.verb, reason=gap.reason)
        words = [say("{words}", words=gap.message)] if gap.message else []
        places = dict.fromkeys(Service(s.namespace, s.name) for s in references)
        return ENDPOINTS.unseen(text, words, places)
    every = [
        _Found(s, looked.resolver.resolve(s), behind(snapshot, s.namespace, s.name), _is_ignored(hooks, s))
        for s in references
    ]
    found = _worst_of_each(every)
    worst = max(found, key=lambda f: ENDPOINTS.words.index(f.resolved.outcome))
    finding = ENDPOINTS.found(
        _sentence(worst),
        [f.seen for f in found],
        severity=_severity(found),
        evidence=shortened(map(_line, sorted(found, key=lambda f: f.resolved.outcome == PASS))),
    )
    return msgspec.structs.replace(finding, backings=tuple(f.backing for f in found))


def _worst_of_each(found: Sequence[_Found]) -> list[_Found]:
    """Of several ports of one Service the worst."""
    by_place: dict[Service, _Found] = {}
    for each in found:
        former = by_place.get(each.place)
        if former is None or _rank(each) > _rank(former):
            by_place[each.place] = each
    return list(by_place.values())


def _rank(found: _Found) -> int:
    return ENDPOINTS.words.index(found.resolved.outcome)


def _is_ignored(hooks: Sequence[Hook], reference: ServiceReference) -> bool:
    called = [hook for hook in hooks if hook.service == reference]
    return all(hook.webhook.failure_policy == "Ignore" for hook in called)


def _severity(found: Sequence[_Found]) -> Severity | None:
    """Milder where nothing fails because of it: the API server passes over webhooks whose failures are ignored."""
    bad = [f for f in found if not ENDPOINTS.normal(f.resolved.outcome)]
    return Severity.DEGRADED if bad and all(f.ignored for f in bad) else None


def _values(found: _Found) -> dict[str, Value]:
    service = found.resolved.service
    ports = service.spec.ports if service else ()
    port = next((p for p in ports if p.port == found.reference.port), None)
    return {
        "service": found.place,
        "product": found.backing.product,
        "port": found.reference.port,
        "ports": names([str(p.port) for p in ports]) or say("none"),
        "target": str((port.target_port or port.port) if port else found.reference.port),
        "type": service.spec.type if service else "",
        "external": service.spec.external_name if service else "",
    }


def _sentence(found: _Found) -> Text:
    return filled(SENTENCES[found.resolved.outcome], _values(found))


def _line(found: _Found) -> Text:
    resolved, name = found.resolved, found.reference.name
    if resolved.outcome not in ("pass", "leaving", "not-local", NODE_NOT_READY, "none"):
        return _sentence(found)
    counts = {"ready": len(resolved.targets), "total": resolved.total}
    if not resolved.targets:
        return say("{service}: {ready} ready of {total}", service=name, **counts)
    where = [_where(endpoint) for endpoint, _ in resolved.targets]
    return say("{service}: {ready} ready of {total}: {endpoints}", service=name, endpoints=listed(where), **counts)


def _where(endpoint: Endpoint) -> Text:
    return say("{address} on {node}", address=endpoint.addresses[0], node=endpoint.node_name or say("no node"))
