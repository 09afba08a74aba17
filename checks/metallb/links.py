"""Why the address of one Service does not answer, link by link: from the Service to whom asks. Pure."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from checks.cluster.parts import Part, part_of
from checks.cluster.snapshot import CustomObject, Service, Snapshot
from checks.code import Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.metallb.addresses import answers, place_of
from checks.metallb.advertising import BY_BGP, interfaces_of
from checks.metallb.allocation import Allocator
from checks.metallb.announced import ANNOUNCED, WHY, outcome_of, ready_endpoints
from checks.metallb.announcers import Announcers, announcers_of
from checks.metallb.configuration import Configuration
from checks.metallb.installation import NOT_USED
from checks.metallb.spans import addresses_in
from checks.place import Service as ServicePlace
from checks.text import Text, names, say

CODE = Code(
    name="metallb.service",
    meaning="Each link from one Service to whom asks for its address holds",
    place=ServicePlace,
    role=Role.RISK,
    outcomes=(
        Outcome("pass", Severity.OK, "each that can be seen from here does"),
        NOT_USED,
        Outcome("not-asked", Severity.OK, "no Service was named (`service=NAMESPACE/NAME`)"),
        Outcome("broken", Severity.DEGRADED, "one does not: the first that does not is named"),
    ),
)
CODES = (CODE,)
_STRICT_ARP = re.compile(r"^\s*strictARP:\s*(\w+)", re.MULTILINE)
_MODE = re.compile(r'^\s*mode:\s*"?(\w*)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Link:
    """One link."""

    text: Text
    holds: bool | None = True
    """None where nobody could look."""


@dataclass(frozen=True)
class Chain:
    """The links of one Service."""

    configuration: Configuration
    service: Service
    told: Mapping[ServicePlace, tuple[str, ...]]

    def links(self) -> Iterator[Link]:
        """One after the other; where one is broken, those that stand on it are not looked at."""
        for step in _STEPS:
            link = step(self)
            yield link
            if link.holds is False:
                return

    @cached_property
    def pool(self) -> CustomObject | None:
        """The pool that its address is of."""
        return self.configuration.pool_of(addresses_in(self.service.external))

    @cached_property
    def announcers(self) -> Announcers | None:
        """Who may announce it."""
        return announcers_of(self.configuration, self.pool, self.service) if self.pool else None

    @cached_property
    def by(self) -> tuple[str, ...]:
        """The nodes that announce it."""
        return self.told.get(place_of(self.service), ())


def _type(chain: Chain) -> Link:
    kind = chain.service.spec.type
    if kind != "LoadBalancer":
        return Link(say("Service: its type is {type}, not LoadBalancer, so it gets no address", type=kind), holds=False)
    return Link(say("Service: its type is LoadBalancer"))


def _class(chain: Chain) -> Link:
    own, asked = chain.configuration.load_balancer_class, chain.service.spec.load_balancer_class
    if asked == own:
        return Link(say("Class: it is MetalLB's to serve"))
    text = say(
        "Class: it asks for {asked}, and MetalLB serves {own}: another load balancer has to give the address",
        asked=asked or say("no class"),
        own=own or say("Services without a class"),
    )
    return Link(text, holds=False)


def _address(chain: Chain) -> Link:
    if chain.service.external:
        return Link(say("Address: it has {addresses}", addresses=names(chain.service.external)))
    answer = answers(chain.configuration, Allocator(chain.configuration)).get(place_of(chain.service))
    return Link(say("Address: it has none: {why}", why=answer.why if answer else say("nobody knows why")), holds=False)


def _of_pool(chain: Chain) -> Link:
    if chain.pool is None:
        text = say("Pool: {addresses} is of no pool of MetalLB", addresses=names(chain.service.external))
        return Link(text, holds=False)
    return Link(say("Pool: {pool}", pool=chain.pool.metadata.name))


def _advertisement(chain: Chain) -> Link:
    every = chain.announcers.advertisements if chain.announcers else ()
    if not every:
        return Link(say("Advertisement: none is for its pool"), holds=False)
    shown = names(f"{each.kind} {each.metadata.name}" for each in every)
    return Link(say("Advertisement: {advertisements}", advertisements=shown))


def _endpoints(chain: Chain) -> Link:
    ready = ready_endpoints(chain.configuration, chain.service)
    if ready is None:
        return Link(say("Endpoints: not seen"), holds=None)
    if not ready:
        text = say("Endpoints: none is ready, and MetalLB announces no address behind which nobody is")
        return Link(text, holds=False)
    nodes = sorted({endpoint.node_name for endpoint in ready if endpoint.node_name})
    return Link(say("Endpoints: {count} ready, on {nodes}", count=len(ready), nodes=names(nodes)))


def _nodes(chain: Chain) -> Link:
    if chain.announcers is None or not chain.configuration.snapshot.nodes:
        return Link(say("Nodes: not seen"), holds=None)
    if not chain.announcers.able:
        shown = [say("{line}", line=line) for line in chain.announcers.lines[:3]]
        return Link(say("Nodes: none may announce it: {lines}", lines=list(shown)), holds=False)
    return Link(say("Nodes: {nodes} may announce it", nodes=names(chain.announcers.able)))


def _announced(chain: Chain) -> Link:
    outcome = outcome_of(chain.configuration, chain.service, chain.told)
    if not ANNOUNCED.normal(outcome):
        return Link(say("Announced: {why}", why=WHY[outcome]), holds=False)
    if not chain.by:
        return Link(say("Announced: MetalLB does not tell by whom"), holds=None)
    quiet = [node for node in chain.by if not chain.configuration.speaks(node)]
    if quiet == list(chain.by):
        text = say("Announced: by {nodes}, whose speaker is not ready", nodes=names(quiet))
        return Link(text, holds=False)
    return Link(say("Announced: by {nodes}", nodes=names(chain.by)))


def _interfaces(chain: Chain) -> Link:
    every = chain.announcers.advertisements if chain.announcers else ()
    named = sorted({name for each in every for name in interfaces_of(each)})
    if not named or not all(map(interfaces_of, every)):
        return Link(say("Interfaces: all of the node's"))
    told = {node: chain.configuration.interfaces[node] for node in chain.by if node in chain.configuration.interfaces}
    text = say("Interfaces: {interfaces} alone", interfaces=names(named))
    if not told:
        return Link(say("{text}; see that the node has one (`ip -br link`)", text=text), holds=None)
    lacking = sorted(node for node, there in told.items() if there.isdisjoint(named))
    if lacking:
        return Link(say("{text}, and {nodes} has none of them", text=text, nodes=names(lacking)), holds=False)
    return Link(say("{text}, and the node has one", text=text))


def _kube_proxy(chain: Chain) -> Link:
    snapshot = chain.configuration.snapshot
    by_l2 = any(each.kind != BY_BGP for each in (chain.announcers.advertisements if chain.announcers else ()))
    if by_l2 and _lacks_strict_arp(snapshot):
        text = say(
            "kube-proxy: in mode ipvs without strictARP every node answers ARP for the address; set strictARP: true"
        )
        return Link(text, holds=False)
    pods = [pod for pod in snapshot.pods if part_of(pod) is Part.KUBE_PROXY]
    quiet = sorted(pod.spec.node_name for pod in pods if not pod.ready and pod.spec.node_name in chain.by)
    if quiet:
        return Link(say("kube-proxy: it is not ready on {nodes}, which announces", nodes=names(quiet)), holds=False)
    if not pods:
        return Link(say("kube-proxy: not seen; something else may stand for it"), holds=None)
    policy = chain.service.spec.external_traffic_policy
    return Link(say("kube-proxy: ready; externalTrafficPolicy is {policy}", policy=policy))


def _lacks_strict_arp(snapshot: Snapshot) -> bool:
    """MetalLB's installation notes ask for strictARP where kube-proxy uses IPVS."""
    files = [text for each in snapshot.config_maps if each.metadata.name == "kube-proxy" for text in each.data.values()]
    told = [(mode[1], arp[1]) for f in files if (mode := _MODE.search(f)) and (arp := _STRICT_ARP.search(f))]
    return ("ipvs", "false") in told


def _outside(chain: Chain) -> Link:
    by_l2 = any(each.kind != BY_BGP for each in (chain.announcers.advertisements if chain.announcers else ()))
    address = next(iter(chain.service.external), "")
    ports = names(str(port.port) for port in chain.service.spec.ports)
    if by_l2:
        text = say(
            "From outside: ask from a machine of the same LAN, `arping {address}` and then port {ports}; a ping is "
            "never answered, and from a node it proves nothing",
            address=address,
            ports=ports,
        )
    else:
        text = say(
            "From outside: see that the router has a route to {address}, then ask port {ports}; a ping is never "
            "answered",
            address=address,
            ports=ports,
        )
    return Link(text, holds=None)


_STEPS: tuple[Callable[[Chain], Link], ...] = (
    _type,
    _class,
    _address,
    _of_pool,
    _advertisement,
    _endpoints,
    _nodes,
    _announced,
    _interfaces,
    _kube_proxy,
    _outside,
)


def judge(configuration: Configuration, asked: str, told: Mapping[ServicePlace, tuple[str, ...]]) -> list[Finding]:
    """The links of the Service that was asked for."""
    if not asked:
        return [CODE.found(say("No Service was asked for."), outcome="not-asked")]
    namespace, _, name = asked.rpartition("/")
    service = configuration.snapshot.service(namespace or "default", name)
    if service is None:
        return [_unknown(configuration.snapshot, asked)]
    links = list(Chain(configuration, service, told).links())
    broken = next((link for link in links if link.holds is False), None)
    place = place_of(service)
    text = say("Nothing that can be seen from here keeps the address of {service} from answering.", service=place)
    if broken:
        text = say("The address of {service} does not answer. {link}.", service=place, link=broken.text)
    return [CODE.found(text, [Seen(place, "broken" if broken else "pass")], evidence=[_line(link) for link in links])]


def _line(link: Link) -> Text:
    if link.holds is None:
        return say("? {link}", link=link.text)
    return say("✓ {link}", link=link.text) if link.holds else say("✗ {link}", link=link.text)


def _unknown(snapshot: Snapshot, asked: str) -> Finding:
    if gap := snapshot.gap("services"):
        return CODE.unseen(say("Services could not be read: {verb}, {reason}.", verb=gap.verb, reason=gap.reason))
    known = sorted(str(place_of(s)) for s in snapshot.services if s.spec.type == "LoadBalancer")
    every = known + [str(place_of(s)) for s in snapshot.services]
    elsewhere = [each for each in every if each.rpartition("/")[2] == asked.rpartition("/")[2]]
    nearest = next(iter(elsewhere or difflib.get_close_matches(asked, every, n=1)), "")
    if nearest:
        return CODE.unseen(say("There is no Service {asked}. Did you mean {nearest}?", asked=asked, nearest=nearest))
    if known:
        return CODE.unseen(
            say("There is no Service {asked}. Of the type LoadBalancer are {known}.", asked=asked, known=names(known))
        )
    return CODE.unseen(say("There is no Service {asked}, and none of the type LoadBalancer.", asked=asked))
