"""Whether pools cover addresses that somebody else has: nodes, pods, the cluster's own Services. Pure.

That pools overlap each other is for `checks.metallb.pools`: MetalLB refuses it.
"""

from collections.abc import Iterator

from checks.cluster.parts import Part, part_of
from checks.cluster.snapshot import Snapshot
from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.metallb.configuration import Configuration, argument
from checks.metallb.installation import NOT_USED
from checks.metallb.spans import Span, addresses_in, readable
from checks.place import Pool
from checks.text import Text, say, say_many

Taken = tuple[str, Text, Span]
"""The outcome where a pool has some of it, whose it is, and what it is."""
CODE = Code(
    name="metallb.overlap",
    meaning="No pool covers addresses of nodes, pods or the cluster's own Services",
    place=Pool,
    outcomes=(
        Outcome("pass", Severity.OK, "it covers none"),
        NOT_USED,
        Outcome("none", Severity.OK, "there is no pool"),
        Outcome("services", Severity.DEGRADED, "it covers some of the range of cluster IPs"),
        Outcome("pods", Severity.DEGRADED, "it covers some of a node's range for pods"),
        Outcome("nodes", Severity.FAILED, "it covers the address of a node"),
    ),
)

CODES = (CODE,)


def judge(configuration: Configuration) -> list[Finding]:
    """One finding about all pools."""
    if not configuration.pools:
        return [CODE.found(say("There is no address pool."), outcome="none")]
    taken = list(_taken(configuration.snapshot))
    seen, lines = [], []
    for pool in configuration.pools:
        name = pool.metadata.name
        met = [t for span in configuration.spans[name] for t in taken if span.meets(t[2])]
        worst = max((outcome for outcome, _, _ in met), key=CODE.words.index, default="pass")
        seen.append(Seen(Pool(name), worst))
        lines += [say("{pool} covers {what}", pool=name, what=what) for outcome, what, _ in met if outcome == worst]
    text = say_many("The pool covers nobody else's addresses.", "No pool covers somebody else's addresses.", len(seen))
    if lines:
        text = say("A pool has addresses that are taken: {first}.", first=lines[0])
    gaps = [gap for gap in map(configuration.snapshot.gap, ("nodes", "services")) if gap]
    if gaps and not lines:
        return [CODE.unseen(say("Whose addresses pools cover could not be seen: {verb}.", verb=gaps[0].verb))]
    return [CODE.found(text, seen, evidence=lines)]


def _taken(snapshot: Snapshot) -> Iterator[Taken]:
    for node in snapshot.nodes:
        for address in addresses_in([a.address for a in node.status.addresses]):
            span = Span(address.version, int(address), int(address))
            what = say("{address}, the address of the node {node}", address=str(address), node=node.name)
            yield "nodes", what, span
        for written, span in _spans(node.spec.pod_cidrs):
            yield "pods", say("{range}, for pods on {node}", range=written, node=node.name), span
    ranges = list(_service_ranges(snapshot))
    yield from (("services", say("{range}, the range of cluster IPs", range=written), span) for written, span in ranges)
    if ranges:
        return
    for service in snapshot.services:
        for address in addresses_in([service.spec.cluster_ip, *service.spec.cluster_ips]):
            what = say(
                "{address}, the cluster IP of {namespace}/{name}",
                address=str(address),
                namespace=service.metadata.namespace,
                name=service.metadata.name,
            )
            yield "services", what, Span(address.version, int(address), int(address))


def _service_ranges(snapshot: Snapshot) -> Iterator[tuple[str, Span]]:
    """As an API server that runs as a pod is told (`--service-cluster-ip-range`); elsewhere nothing tells it."""
    told = (
        argument(container, "service-cluster-ip-range")
        for pod in snapshot.pods
        if part_of(pod) is Part.API_SERVER
        for container in pod.spec.containers
    )
    written = next(filter(None, told), "")
    yield from _spans(tuple(written.split(",")) if written else ())


def _spans(networks: tuple[str, ...]) -> Iterator[tuple[str, Span]]:
    for written in networks:
        for span in readable([written.strip()]):
            yield written, span
