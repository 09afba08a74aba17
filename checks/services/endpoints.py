"""Whether anybody is ready behind each Service. Pure."""

from collections.abc import Sequence

import msgspec

from checks.backing import behind as backing
from checks.code import Code, Outcome, Role
from checks.finding import UNSEEN, Finding, Seen, Severity
from checks.place import Service
from checks.services.behind import Behind
from checks.services.looked import NONE, PASS, Looked
from checks.text import Text, Unit, Value, listed, names, say, shortened

ENDPOINTS = Code(
    name="services.endpoints",
    meaning="Somebody is ready behind every Service",
    place=Service,
    role=Role.RISK,
    outcomes=(
        Outcome("on-purpose", Severity.OK, "nobody has to be: no selector, headless, ExternalName, or scaled to zero"),
        Outcome(PASS, Severity.OK, "an endpoint is ready"),
        Outcome("unready-published", Severity.ADVICE, "none is ready, and `publishNotReadyAddresses` sends to them"),
        Outcome("leaving", Severity.ADVICE, "none is ready, and one that ends still answers"),
        Outcome("unmatched", Severity.ADVICE, "its selector fits no workload, and it has no pod"),
        Outcome(NONE, Severity.DEGRADED, "no endpoint is ready"),
    ),
    measures={"ready": Unit.COUNT, "endpoints": Unit.COUNT},
)
BACKED = 32
"""Services of which it is told what answers for them."""


def judge_endpoints(looked: Looked) -> Finding:
    """From the snapshot alone."""
    if nothing := looked.nothing(ENDPOINTS):
        return nothing
    asked = bool(looked.gathered.parameters.service)
    outcomes = [(behind, _outcome(behind)) for behind in looked.services]
    seen = [_seen(behind, outcome) for behind, outcome in outcomes]
    empty = [behind for behind, outcome in outcomes if outcome == NONE]
    told = empty or (looked.services if asked else ())
    if all(outcome == UNSEEN for _, outcome in outcomes):
        return ENDPOINTS.unseen(say("Endpoints could not be read."), looked.gathered.gaps(["endpointslices"]))
    finding = ENDPOINTS.found(
        _sentence(outcomes, empty),
        seen,
        # It is a fault where somebody asked why a Service does not answer; else it may be nobody's.
        severity=Severity.FAILED if asked and empty else None,
        evidence=shortened(map(_line, told)),
    )
    snapshot = looked.gathered.snapshot
    return msgspec.structs.replace(finding, backings=tuple(backing(snapshot, *b.name) for b in empty[:BACKED]))


def _outcome(behind: Behind) -> str:
    if behind.ready:
        return _ready(behind)
    if any(endpoint.leaving for endpoint, _ in behind.served):
        return "leaving"
    if behind.is_empty_on_purpose:
        return "on-purpose"
    if not behind.slices:
        # Every Service with a selector has one, an empty one too: nobody has looked, or may look.
        return UNSEEN
    # Somebody left it behind, or makes pods without a workload when they are needed.
    return NONE if behind.workloads or behind.served or behind.matters else "unmatched"


def _ready(behind: Behind) -> str:
    """With `publishNotReadyAddresses` those that are not ready are called so, and are not said to serve."""
    serving = any(endpoint.conditions.serving is not False for endpoint, _ in behind.ready)
    return PASS if serving else "unready-published"


def _seen(behind: Behind, outcome: str) -> Seen:
    counts = {"ready": float(len(behind.ready)), "endpoints": float(len(behind.served))}
    return Seen(behind.place, outcome, {} if outcome in (UNSEEN, "on-purpose") else counts)


def _sentence(outcomes: Sequence[tuple[Behind, str]], empty: Sequence[Behind]) -> Text:
    if empty:
        return say("No ready endpoint is behind {services}.", services=listed([behind.place for behind in empty]))
    ending = [behind.place for behind, outcome in outcomes if outcome == "leaving"]
    if ending:
        return say("Only pods that are ending answer behind {services}.", services=listed(ending))
    published = [behind.place for behind, outcome in outcomes if outcome == "unready-published"]
    if published:
        return say("Only pods that are not ready are behind {services}, as they ask for.", services=listed(published))
    unmatched = [behind.place for behind, outcome in outcomes if outcome == "unmatched"]
    if unmatched:
        return say("{services} selects labels that no workload has.", services=listed(unmatched))
    return say("Behind every Service that should have somebody, somebody is ready.")


def _line(behind: Behind) -> Text:
    """The link from the selector to the endpoints."""
    workloads = [f"{w.kind.lower()}/{w.metadata.name}" for w in behind.workloads]
    selector = [f"{key}={value}" for key, value in behind.service.spec.selector.items()]
    values: dict[str, Value] = {"service": behind.place, "ready": len(behind.ready), "total": len(behind.served)}
    if not selector:
        return say("{service} has no selector: {ready} ready of {total}", **values)
    if not workloads:
        return say(
            "{service} selects {selector}, which no workload of its namespace has: {ready} ready of {total}",
            selector=names(selector),
            **values,
        )
    return say(
        "{service} selects {workloads}: {ready} ready of {total}",
        workloads=names(workloads),
        **values,
    )
