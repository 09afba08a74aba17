"""Whether a NetworkPolicy leaves nodes a way to the pods of each webhook. Pure.

An API server calls from its node's own address, and no selector of pods or namespaces means that: only a rule without
`from`, or one with an `ipBlock`, lets it in (Kubernetes documentation, Network Policies: hostNetwork pods). Network
plugins differ in what they let pass all the same, and some enforce nothing; so this is no fault, and worth knowing.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.backing import workload_behind
from checks.cluster.selectors import selects
from checks.cluster.snapshot import CustomObject, ServiceReference, Snapshot
from checks.code import HARDLY_EVER, Code, Outcome, Role
from checks.finding import Finding, Seen, Severity
from checks.place import Service
from checks.text import Text, listed, names, say, shortened
from checks.webhook.absence import NOT_USED, absent
from checks.webhook.hooks import services
from checks.webhook.shown import Looked

RESOURCE = "networkpolicies"
POLICIES = Code(
    name="webhook.policies",
    meaning="NetworkPolicies leave the nodes of API servers a way to each webhook's pods",
    place=Service,
    outcomes=(
        Outcome("pass", Severity.OK, "none means its pods, or one lets the nodes in"),
        NOT_USED,
        Outcome("closed", Severity.ADVICE, "some mean its pods, and none lets a node in"),
    ),
    role=Role.RISK,
    leak=HARDLY_EVER,
)


@dataclass(frozen=True, slots=True)
class _Pods:
    """What the pods of a webhook are known by."""

    reference: ServiceReference
    labels: Mapping[str, str]
    ports: frozenset[int | str]
    """Where they are called: numbers, and the names that these have."""


def judge_policies(looked: Looked) -> Finding:
    """Every Service by itself; from the snapshot alone."""
    gathered = looked.gathered
    elsewhere = absent(POLICIES, gathered)
    if elsewhere:
        return elsewhere
    snapshot, references = gathered.snapshot, services(looked.hooks)
    if not references:
        return POLICIES.found(say("No webhook is called through a Service."), outcome="not-used")
    if snapshot.gap(RESOURCE):
        places = dict.fromkeys(Service(each.namespace, each.name) for each in references)
        return POLICIES.unseen(say("NetworkPolicies could not be read."), gathered.gaps([RESOURCE]), places)
    nodes = [node for node in snapshot.nodes if node.control_plane] or list(snapshot.nodes)
    addresses = [address for node in nodes for address in node.internal_ips]
    closed: dict[Service, list[CustomObject]] = {}
    for pods in (_pods(looked, reference) for reference in references):
        place = Service(pods.reference.namespace, pods.reference.name)
        meaning = list(_meaning(snapshot, pods))
        shut = meaning and not any(_lets_in(policy, pods.ports, addresses) for policy in meaning)
        closed[place] = [*closed.get(place, []), *(meaning if shut else ())]
    seen = [Seen(place, "closed" if policies else "pass") for place, policies in closed.items()]
    bad = [s.place for s in seen if s.outcome == "closed"]
    text = say("No NetworkPolicy keeps the nodes from a webhook's pods.")
    if bad:
        text = say(
            "NetworkPolicies let no node in to the pods behind {services}: where they are enforced, the API server "
            "does not reach them.",
            services=listed(bad),
        )
    return POLICIES.found(text, seen, evidence=shortened(_line(*each) for each in closed.items() if each[1]))


def _line(place: Service, policies: Sequence[CustomObject]) -> Text:
    chosen = names(dict.fromkeys(policy.metadata.name for policy in policies))
    return say("{service}: NetworkPolicy {policies}", service=place, policies=chosen)


def _pods(looked: Looked, reference: ServiceReference) -> _Pods:
    snapshot = looked.gathered.snapshot
    service = snapshot.service(reference.namespace, reference.name)
    workload = workload_behind(snapshot, reference.namespace, service)
    numbers = {port for _, port in looked.resolver.resolve(reference).targets}
    declared = [port for c in (workload.makes.spec.containers if workload else ()) for port in c.ports]
    called = {port.name for port in declared if port.container_port in numbers and port.name}
    ports: set[int | str] = {*numbers, *called}
    ports.update(p.target_port for p in (service.spec.ports if service else ()) if p.port == reference.port)
    labels = dict(service.spec.selector) if service else {}
    return _Pods(
        reference,
        labels | (dict(workload.makes.metadata.labels) if workload else {}),
        frozenset(ports - {0, ""}),
    )


def _meaning(snapshot: Snapshot, pods: _Pods) -> Iterator[CustomObject]:
    """The policies for what comes in that mean these pods."""
    for policy in snapshot.network_policies:
        kinds, selector = policy.spec.get("policyTypes"), policy.spec.get("podSelector")
        if (
            policy.metadata.namespace == pods.reference.namespace
            and (not isinstance(kinds, list) or not kinds or "Ingress" in kinds)
            and isinstance(selector, dict)
            and pods.labels
            and selects(selector, pods.labels)
        ):
            yield policy


def _lets_in(policy: CustomObject, ports: frozenset[int | str], addresses: Sequence[str]) -> bool:
    rules = policy.spec.get("ingress")
    return any(
        _is_for(rule.get("ports"), ports) and _is_from(rule.get("from"), addresses)
        for rule in (rules if isinstance(rules, list) else ())
        if isinstance(rule, dict)
    )


def _is_for(wanted: Any, ports: frozenset[int | str]) -> bool:
    """Whether a rule is for one of the ports; one without ports is for all, as it is where nobody knows them."""
    if not isinstance(wanted, list) or not wanted or not ports:
        return True
    return any(_takes(each, port) for each in wanted if isinstance(each, dict) for port in ports)


def _takes(wanted: Mapping[str, Any], port: int | str) -> bool:
    if wanted.get("protocol", "TCP") != "TCP":
        return False
    first, last = wanted.get("port"), wanted.get("endPort")
    if first is None or first == port:
        return True
    return isinstance(first, int) and isinstance(last, int) and isinstance(port, int) and first <= port <= last


def _is_from(peers: Any, addresses: Sequence[str]) -> bool:
    """Whether a rule lets some node in: it names nobody, or a block of addresses with a node's."""
    if not isinstance(peers, list) or not peers:
        return True
    blocks = [peer["ipBlock"] for peer in peers if isinstance(peer, dict) and isinstance(peer.get("ipBlock"), dict)]
    return any(_has(block, address) for block in blocks for address in addresses)


def _has(block: Mapping[str, Any], address: str) -> bool:
    excepted = block.get("except")
    return _within(block.get("cidr"), address) and not any(
        _within(cidr, address) for cidr in (excepted if isinstance(excepted, list) else ())
    )


def _within(cidr: Any, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(str(cidr), strict=False)
    except ValueError:
        return False
