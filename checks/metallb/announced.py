"""Whether pools are announced, by whom, and who announces the address of each Service. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from checks.cluster.snapshot import Endpoint, Service
from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.gathered import Heard
from checks.metallb import spec
from checks.metallb.addresses import place_of
from checks.metallb.advertising import BY_BGP, of_pool
from checks.metallb.allocation import Allocator
from checks.metallb.announcers import EXCLUDED, NO_INTERFACE, NO_NODE, NO_PEER, NOT_ANNOUNCED, Announcers, announcers_of
from checks.metallb.configuration import Configuration
from checks.metallb.installation import NOT_USED, unreadable
from checks.metallb.model import Data
from checks.metallb.spans import addresses_in
from checks.place import Pool
from checks.place import Service as ServicePlace
from checks.text import Text, Unit, listed, names, say, say_many, shortened

IDLE, FOREIGN, NO_LOCAL, NOBODY, YOUNG = "idle", "foreign", "no-local", "nobody", "young"
POOLS = Code(
    name="metallb.pools",
    meaning="There are address pools, and advertisements announce them",
    place=Pool,
    measures={"free": Unit.COUNT, "assigned": Unit.COUNT},
    outcomes=(
        Outcome("pass", Severity.OK, "the pool is announced"),
        NOT_USED,
        Outcome(YOUNG, Severity.OK, "no advertisement is for it yet: it was made just now"),
        Outcome("none", Severity.ADVICE, "there is no pool"),
        Outcome(NOT_ANNOUNCED, Severity.FAILED, "no advertisement is for the pool"),
    ),
)
ANNOUNCERS = Code(
    name="metallb.announcers",
    meaning="Some node may announce the addresses of each announced pool",
    place=Pool,
    outcomes=(
        Outcome("pass", Severity.OK, "one may, or the pool is not announced at all"),
        NOT_USED,
        Outcome("none", Severity.OK, "there is no pool"),
        Outcome(NO_NODE, Severity.FAILED, "no node that is chosen has a ready speaker and a network"),
        Outcome(NO_PEER, Severity.FAILED, "it is announced by BGP alone, and no BGPPeer is for it"),
        Outcome(EXCLUDED, Severity.FAILED, "every node has the label that excludes it from load balancers"),
    ),
)
ANNOUNCED = Code(
    name="metallb.announced",
    meaning="A node announces the address of each Service",
    place=ServicePlace,
    outcomes=(
        Outcome("pass", Severity.OK, "one does"),
        NOT_USED,
        Outcome("none", Severity.OK, "no Service has an address"),
        Outcome("not-told", Severity.OK, "nothing speaks against it, and MetalLB does not tell who does"),
        Outcome(FOREIGN, Severity.OK, "its address is of no pool: somebody else gave it"),
        Outcome(IDLE, Severity.OK, "nobody does, because it has no ready endpoint"),
        Outcome(YOUNG, Severity.OK, "nobody does yet: it was made just now"),
        Outcome(NOBODY, Severity.DEGRADED, "no speaker says so, although some node may"),
        Outcome(NO_INTERFACE, Severity.DEGRADED, "who does has none of the interfaces that its advertisements name"),
        Outcome(NO_LOCAL, Severity.DEGRADED, "its externalTrafficPolicy is Local, and no node with an endpoint may"),
        Outcome(NO_NODE, Severity.DEGRADED, "no node may: selectors, speakers, NetworkUnavailable"),
        Outcome(NO_PEER, Severity.DEGRADED, "no node may: no BGPPeer is for it"),
        Outcome(EXCLUDED, Severity.DEGRADED, "no node may: all are excluded from load balancers"),
        Outcome(NOT_ANNOUNCED, Severity.DEGRADED, "no advertisement is for its pool"),
    ),
)
CODES = (POOLS, ANNOUNCERS, ANNOUNCED)
WHY = {
    NOBODY: say("no speaker says that it does, although some node may"),
    NO_INTERFACE: say("the node that does has none of the interfaces that its advertisements name"),
    NO_LOCAL: say("its externalTrafficPolicy is Local, and no node with a ready endpoint may announce it"),
    NO_NODE: say("no node may: look at the selectors, the speakers and the nodes' networks"),
    NO_PEER: say("no node may: no BGPPeer is for it"),
    EXCLUDED: say("no node may: a label excludes all from load balancers"),
    NOT_ANNOUNCED: say("no advertisement is for its pool"),
}
"""Why nobody announces an address."""
KINDS = ("l2advertisements", "bgpadvertisements")


def judge(configuration: Configuration, allocator: Allocator, heard: Sequence[Heard[Data]]) -> list[Finding]:
    """The findings about pools, their nodes, and Services."""
    gaps = (configuration.snapshot.gap(kind) for kind in KINDS)
    unread = next((gap for gap in gaps if gap and gap.reason != "not-installed"), None)
    if unread and configuration.pools:
        return [unreadable(code, unread) for code in CODES]
    told = who_announces(configuration, heard)
    return [_pools(configuration, allocator), _announcers(configuration), _announced(configuration, told)]


def _pools(configuration: Configuration, allocator: Allocator) -> Finding:
    pools = configuration.pools
    if not pools:
        return POOLS.found(say("There is no address pool, so no Service can get an address."), outcome="none")
    seen = []
    for pool in pools:
        outcome = "pass" if of_pool(configuration, pool) else YOUNG if configuration.is_young(pool) else NOT_ANNOUNCED
        seen.append(Seen(Pool(pool.metadata.name), outcome, _room(configuration, allocator, pool.metadata.name)))
    silent = [s.place for s in seen if s.outcome == NOT_ANNOUNCED]
    text = say_many("{count} address pool, announced.", "{count} address pools, all announced.", len(pools))
    if silent:
        text = say(
            "No advertisement announces the pool {pool}: its addresses are given but not reached.", pool=silent[0]
        )
    evidence = [
        say(
            "{pool}: {addresses}",
            pool=p.metadata.name,
            addresses=names(spec.words(p, "addresses")) or say("no addresses"),
        )
        for p in sorted(pools, key=lambda p: bool(of_pool(configuration, p)))
    ]
    return POOLS.found(text, seen, evidence=shortened(evidence))


def _room(configuration: Configuration, allocator: Allocator, name: str) -> dict[str, float]:
    """How many addresses of a pool are given and how many are left; nothing where that cannot be known."""
    pool = next(p for p in configuration.pools if p.metadata.name == name)
    if configuration.snapshot.gap("services") or len(configuration.spans[name]) < len(spec.words(pool, "addresses")):
        return {}
    given = allocator.assigned(pool)
    return {"free": float(max(0, allocator.usable(pool) - given)), "assigned": float(given)}


def _announcers(configuration: Configuration) -> Finding:
    if not configuration.pools:
        return ANNOUNCERS.found(say("There is no address pool."), outcome="none")
    if gap := configuration.snapshot.gap("nodes"):
        return unreadable(ANNOUNCERS, gap)
    seen, lines, words = [], [], {}
    for pool in configuration.pools:
        announcers = announcers_of(configuration, pool)
        # That is said of it already.
        outcome = "pass" if announcers.outcome == NOT_ANNOUNCED else announcers.outcome
        seen.append(Seen(Pool(pool.metadata.name), outcome))
        if outcome != "pass":
            words[pool.metadata.name] = outcome
            lines += announcers.lines
    if not words:
        return ANNOUNCERS.found(say("Some node may announce each pool."), seen)
    worst = max(words, key=lambda name: ANNOUNCERS.words.index(words[name]))
    return ANNOUNCERS.found(_NOBODY[words[worst]](worst), seen, evidence=lines)


_NOBODY = {
    EXCLUDED: lambda pool: say(
        "No node may announce the pool {pool}: a label excludes every one from load balancers.", pool=pool
    ),
    NO_PEER: lambda pool: say("The pool {pool} is announced by BGP alone, and no BGPPeer is for its nodes.", pool=pool),
    NO_NODE: lambda pool: say(
        "No node may announce the pool {pool}: none that is chosen has a ready speaker and a network.", pool=pool
    ),
}


def who_announces(configuration: Configuration, heard: Sequence[Heard[Data]]) -> Mapping[ServicePlace, tuple[str, ...]]:
    """The nodes that announce each Service's address, as MetalLB tells: in statuses, or in the speakers' figures."""
    found: dict[ServicePlace, set[str]] = {}
    for kind in ("ServiceL2Status", "ServiceBGPStatus"):
        for status in configuration.told(kind):
            if node := spec.told(status, "node"):
                place = ServicePlace(spec.told(status, "serviceNamespace"), spec.told(status, "serviceName"))
                found.setdefault(place, set()).add(node)
    for each in heard:
        for announced in each.data.metrics.announced if each.data.metrics else ():
            namespace, _, name = announced.service.partition("/")
            found.setdefault(ServicePlace(namespace, name), set()).add(each.node)
    return {place: tuple(sorted(nodes)) for place, nodes in found.items()}


def _announced(configuration: Configuration, told: Mapping[ServicePlace, tuple[str, ...]]) -> Finding:
    """Who announces what."""
    if gap := configuration.snapshot.gap("services"):
        return unreadable(ANNOUNCED, gap)
    given = [service for service in configuration.services if service.external]
    if not given:
        return ANNOUNCED.found(say("No Service has an address to announce."), outcome="none")
    seen = [Seen(place_of(s), outcome_of(configuration, s, told)) for s in given]
    silent = [s.place for s in seen if not ANNOUNCED.normal(s.outcome)]
    text = say("Nothing keeps the addresses of Services from being announced.")
    if silent:
        text = say("No node announces the addresses of {services}.", services=listed(silent))
    elif any(s.outcome == "pass" for s in seen):
        text = say("The addresses of Services are announced.")
    return ANNOUNCED.found(text, seen, evidence=shortened(_lines(seen, told)))


def _lines(seen: Sequence[Seen], told: Mapping[ServicePlace, tuple[str, ...]]) -> Iterator[Text]:
    for each in seen:
        if isinstance(each.place, ServicePlace) and each.outcome == "pass" and each.place in told:
            yield say("{service} is announced by {nodes}", service=each.place, nodes=names(told[each.place]))
        elif not ANNOUNCED.normal(each.outcome):
            yield say("{service}: {why}", service=each.place, why=WHY[each.outcome])


def outcome_of(configuration: Configuration, service: Service, told: Mapping[ServicePlace, tuple[str, ...]]) -> str:
    """What is known of who announces a Service's address."""
    pool = configuration.pool_of(addresses_in(service.external))
    if pool is None:
        return FOREIGN
    announcers = announcers_of(configuration, pool, service)
    young = configuration.is_young(service, pool, *announcers.advertisements)
    hindered = _hindrance(configuration, service, announcers)
    if hindered:
        return YOUNG if young and hindered == NOT_ANNOUNCED else hindered
    if by := told.get(place_of(service)):
        return NO_INTERFACE if {announcers.by_node.get(node) for node in by} == {NO_INTERFACE} else "pass"
    if not tells(configuration, announcers):
        return "not-told"
    return YOUNG if young else NOBODY


def _hindrance(configuration: Configuration, service: Service, announcers: Announcers) -> str:
    """Why no node may announce it; empty where one may."""
    ready = ready_endpoints(configuration, service)
    if announcers.outcome == NOT_ANNOUNCED:
        return NOT_ANNOUNCED
    if ready is not None and not ready:
        return IDLE
    if announcers.outcome != "pass":
        return announcers.outcome
    if ready and service.spec.external_traffic_policy == "Local":
        nodes = {endpoint.node_name for endpoint in ready}
        return NO_LOCAL if nodes.isdisjoint(announcers.able) else ""
    return ""


def tells(configuration: Configuration, announcers: Announcers) -> bool:
    """Whether MetalLB would tell who announces: in ServiceL2Status (0.14.6), by BGP in ServiceBGPStatus (0.15)."""
    kinds = {"servicebgpstatuses" if each.kind == BY_BGP else "servicel2statuses" for each in announcers.advertisements}
    return not any(map(configuration.snapshot.gap, kinds))


def ready_endpoints(configuration: Configuration, service: Service) -> list[Endpoint] | None:
    """A Service's ready endpoints; None where nobody could look, as in recordings from before they were read."""
    slices = configuration.slices.get((service.metadata.namespace, service.metadata.name))
    if not slices or configuration.snapshot.gap("endpointslices"):
        return None
    return [
        endpoint
        for each in slices
        for endpoint in each.endpoints or ()
        if endpoint.ready or endpoint.conditions.serving
    ]
