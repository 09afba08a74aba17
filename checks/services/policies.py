"""Whether traffic that stays on its node finds somebody there. Pure."""

from collections.abc import Iterator, Sequence

from checks.cluster.dns import find_service
from checks.cluster.snapshot import Snapshot
from checks.code import HARDLY_EVER, Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.judging.topology import webhook_askers
from checks.place import Service
from checks.services.behind import Behind
from checks.services.looked import NOT_USED, PASS, Looked
from checks.text import Text, listed, names, say, shortened

LOCAL_POLICY = "Local"
LOCAL = Code(
    name="services.local",
    meaning="Where a Service's traffic stays on its node, somebody is there",
    place=Service,
    outcomes=(
        Outcome(PASS, Severity.OK, "it does not, or somebody is, wherever it may be asked"),
        NOT_USED,
        Outcome("some-nodes", Severity.ADVICE, "on some nodes nobody is, so that who asks there gets no answer"),
        Outcome("dropped", Severity.FAILED, "nobody is on a node from which it is asked"),
    ),
    leak=HARDLY_EVER,
)


def judge_local(looked: Looked) -> Finding:
    """From the snapshot alone; a Service without any endpoint is no affair of its policies."""
    if nothing := looked.nothing(LOCAL):
        return nothing
    snapshot, asked = looked.gathered.snapshot, bool(looked.gathered.parameters.service)
    served = [behind for behind in looked.services if behind.ready]
    if not served:
        return LOCAL.found(say("No Service has a ready endpoint."), outcome=NOT_USED.word)
    seen = [Seen(behind.place, _outcome(snapshot, behind, asked=asked)) for behind in served]
    evidence = [_line(snapshot, behind) for behind, each in zip(served, seen, strict=True) if each.outcome != PASS]
    return LOCAL.found(_sentence(seen), seen, evidence=shortened(evidence))


def _policies(behind: Behind) -> list[str]:
    """Which of its policies are Local; that of outside traffic counts where there is any."""
    spec = behind.service.spec
    found = (
        ["internalTrafficPolicy"]
        if spec.internal_traffic_policy == LOCAL_POLICY and not behind.service.headless
        else []
    )
    outside = spec.type in ("NodePort", "LoadBalancer")
    return [*found, *(["externalTrafficPolicy"] if outside and spec.external_traffic_policy == LOCAL_POLICY else ())]


def _outcome(snapshot: Snapshot, behind: Behind, *, asked: bool) -> str:
    without = set(_without(snapshot, behind)) if _policies(behind) else ()
    if not without:
        return PASS
    return "dropped" if without.intersection(_asked_from(snapshot, behind, everywhere=asked)) else "some-nodes"


def _without(snapshot: Snapshot, behind: Behind) -> Iterator[str]:
    """The nodes without a ready endpoint."""
    having = {endpoint.node_name for endpoint, _ in behind.ready}
    yield from (node.name for node in snapshot.nodes if node.name not in having)


def _asked_from(snapshot: Snapshot, behind: Behind, *, everywhere: bool) -> Iterator[str]:
    """The nodes from which a Service is known to be asked.

    Traffic from outside comes to the node that announces the address: elsewhere nobody is no fault, and load balancers
    look for themselves where somebody is.
    """
    policies = _policies(behind)
    if "externalTrafficPolicy" in policies:
        yield from announcers(snapshot, behind)
    if "internalTrafficPolicy" in policies:
        dns = find_service(snapshot)
        if everywhere or (dns is not None and dns.metadata == behind.service.metadata):
            yield from (node.name for node in snapshot.nodes)
        elif behind.matters:
            yield from (node.name for node in webhook_askers(snapshot))


def announcers(snapshot: Snapshot, behind: Behind) -> Iterator[str]:
    """The nodes whose speaker says that it announces a Service (ServiceL2Status, MetalLB 0.14.6 and newer)."""
    for told in (each.status for each in snapshot.metallb if each.kind == "ServiceL2Status"):
        if (told.get("serviceNamespace"), told.get("serviceName")) == behind.name and told.get("node"):
            yield str(told["node"])


def _sentence(seen: Sequence[Seen]) -> Text:
    dropped = [s.place for s in seen if s.outcome == "dropped"]
    if dropped:
        return say(
            "{services} keeps its traffic on the node, and nobody is on a node that asks.", services=listed(dropped)
        )
    some = [s.place for s in seen if s.outcome == "some-nodes"]
    if some:
        return say("{services} keeps its traffic on the node, and not every node has somebody.", services=listed(some))
    return say("Wherever traffic stays on its node, somebody is there.")


def _line(snapshot: Snapshot, behind: Behind) -> Text:
    return say(
        "{service}: {policies} Local; no ready endpoint on {nodes}",
        service=behind.place,
        policies=names(_policies(behind)),
        nodes=names(sorted(_without(snapshot, behind))),
    )
