"""Which Services have an address, why others have none, and which pools have none left. Pure."""

from collections.abc import Iterable, Mapping

from checks.cluster.snapshot import Service
from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.metallb.allocation import (
    EXHAUSTED,
    FAMILY,
    REQUESTED,
    SHARED,
    UNSUITED,
    WAITS,
    Allocator,
    Answer,
)
from checks.metallb.configuration import Configuration
from checks.metallb.installation import NOT_USED, unreadable
from checks.metallb.validation import refuses
from checks.place import Pool
from checks.place import Service as ServicePlace
from checks.text import listed, names, say, say_many, shortened

CONTROLLER, CONFIGURATION, YOUNG = "controller", "configuration", "young"
ADDRESSES = Code(
    name="metallb.addresses",
    meaning="Services of the type LoadBalancer, of MetalLB's class, have an address",
    place=ServicePlace,
    outcomes=(
        Outcome("pass", Severity.OK, "it has one"),
        NOT_USED,
        Outcome("none", Severity.OK, "there is no such Service"),
        Outcome(YOUNG, Severity.OK, "it, or a pool, was made just now"),
        Outcome("no-pool", Severity.ADVICE, "it waits for one, and there is no pool"),
        Outcome(WAITS, Severity.DEGRADED, "MetalLB may give it one, and has not"),
        Outcome(CONTROLLER, Severity.DEGRADED, "nobody gives one: MetalLB's controller is not ready"),
        Outcome(CONFIGURATION, Severity.DEGRADED, "nobody gives one: MetalLB does not take its configuration"),
        Outcome(SHARED, Severity.DEGRADED, "the address that it asks for is another Service's"),
        Outcome(FAMILY, Severity.DEGRADED, "no pool has addresses of its families, or it asks for others"),
        Outcome(UNSUITED, Severity.DEGRADED, "no pool is for it: autoAssign, serviceAllocation"),
        Outcome(REQUESTED, Severity.DEGRADED, "it asks for an address or a pool that is not there"),
        Outcome(EXHAUSTED, Severity.DEGRADED, "every address that it may have is given"),
    ),
)
ROOM = Code(
    name="metallb.room",
    meaning="A pool has addresses left while a Service waits for one of it",
    place=Pool,
    outcomes=(
        Outcome("pass", Severity.OK, "it has, or nobody waits"),
        NOT_USED,
        Outcome("none", Severity.OK, "there is no pool"),
        Outcome(EXHAUSTED, Severity.FAILED, "all are given, and a Service waits"),
    ),
)

CODES = (ROOM, ADDRESSES)


def answers(configuration: Configuration, allocator: Allocator) -> dict[ServicePlace, Answer]:
    """Why each Service that has no address has none."""
    waiting = [service for service in configuration.services if not service.external]
    if not waiting or not configuration.pools:
        nothing = Answer("no-pool", say("there is no address pool"))
        return {place_of(service): nothing for service in waiting}
    refused, controller = refuses(configuration), configuration.found.controller
    gives = controller is None or controller.status.ready_replicas > 0
    found = {}
    for service in waiting:
        answer = allocator.answer(service)
        if refused:
            answer = Answer(CONFIGURATION, say("MetalLB does not take its configuration"))
        elif not gives:
            answer = Answer(CONTROLLER, say("MetalLB's controller is not ready"))
        elif configuration.is_young(service, *configuration.pools) and answer.outcome == WAITS:
            answer = Answer(YOUNG, say("it, or a pool, was made just now"))
        found[place_of(service)] = answer
    return found


def place_of(service: Service) -> ServicePlace:
    """The Service as a place."""
    return ServicePlace(service.metadata.namespace, service.metadata.name)


def judge(configuration: Configuration, allocator: Allocator) -> list[Finding]:
    """The findings about Services and about pools."""
    if gap := configuration.snapshot.gap("services"):
        return [unreadable(code, gap) for code in CODES]
    why = answers(configuration, allocator)
    return [_of_pools(allocator, why), _of_services(configuration.services, why)]


def _of_services(services: Iterable[Service], why: Mapping[ServicePlace, Answer]) -> Finding:
    every = list(services)
    if not every:
        return ADDRESSES.found(say("No Service asks MetalLB for an address."), outcome="none")
    places = [place_of(service) for service in every]
    seen = [Seen(place, why[place].outcome if place in why else "pass") for place in places]
    lines = [say("{service}: {why}", service=place, why=answer.why) for place, answer in why.items()]
    given = [
        say("{service}: {addresses}", service=place_of(s), addresses=names(s.external)) for s in every if s.external
    ]
    if not why:
        text = say_many("{count} Service, with an address.", "{count} Services, all with an address.", len(every))
    elif len(why) == 1:
        place, answer = next(iter(why.items()))
        text = say("{service} has no address: {why}.", service=place, why=answer.why)
    else:
        text = say("Services that wait for an address: {services}.", services=listed(why))
    return ADDRESSES.found(text, seen, evidence=[*shortened(lines), *shortened(given)])


def _of_pools(allocator: Allocator, why: Mapping[ServicePlace, Answer]) -> Finding:
    pools = allocator.configuration.pools
    if not pools:
        return ROOM.found(say("There is no address pool."), outcome="none")
    waited_for = {name: place for place, answer in why.items() for name in answer.pools}
    seen, lines = [], []
    for pool in pools:
        name, given = pool.metadata.name, allocator.assigned(pool)
        free = max(0, allocator.usable(pool) - given)
        outcome = EXHAUSTED if name in waited_for else "pass"
        seen.append(Seen(Pool(name), outcome))
        lines.append(say("{pool}: {given} given, {free} left", pool=name, given=given, free=free))
    text = say("No Service waits for an address of a full pool.")
    if waited_for:
        name, place = next(iter(waited_for.items()))
        text = say("The pool {pool} has no address left for {service}.", pool=name, service=place)
    return ROOM.found(text, seen, evidence=lines)
