"""Which endpoints and which dry run tell how the API server reaches a webhook."""

import ipaddress
from collections.abc import Iterator, Sequence

from checks.cluster.metallb import find_metallb
from checks.cluster.snapshot import Snapshot
from checks.judging.topology import webhook_askers
from checks.observation import Network, Task
from checks.webhook.hooks import Hook, hooks_in, of_pools, pod_of
from checks.webhook.model import DryRun, Handshake, Parameters, Request
from checks.webhook.resolve import EXTERNAL, Resolver

DOCUMENTATION_RANGES = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
"""RFC 5737: never routed, so a pool of them takes nobody's addresses."""
DRY_RUN_AT_MOST_S = 12.5
"""Within the check's deadline of 14 s; the API server's default `timeoutSeconds` is 10 s."""
PAST_THE_WEBHOOK_S = 2.0
"""How long after `timeoutSeconds` the API server may take to say that the webhook did not answer."""


ENDPOINTS = 4
"""Endpoints of one webhook that are greeted: what is wrong with a certificate is wrong with all replicas."""
HANDSHAKES = 64
"""On one node, eight of them at a time."""
ASKERS = 2
"""Nodes of API servers that ask what is outside of the cluster."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """The dry run on the worker, and on every node with endpoints the handshakes with these."""
    hooks = hooks_in(snapshot, parameters.namespace)
    tasks = [
        Task(network=Network.HOST, node=node, request=Request(handshakes=tuple(handshakes)[:HANDSHAKES]))
        for node, handshakes in _handshakes(snapshot, hooks).items()
    ]
    asked = of_pools(hooks)
    if asked:
        timeout_s = min(max(hook.webhook.timeout_seconds for hook in asked) + PAST_THE_WEBHOOK_S, DRY_RUN_AT_MOST_S)
        namespace = find_metallb(snapshot).namespace or next(h.service.namespace for h in asked if h.service)
        dry_run = DryRun(namespace=namespace, addresses=_unused_range(snapshot), timeout_s=timeout_s)
        tasks.insert(0, Task(network=Network.CLUSTER, request=Request(dry_run=dry_run)))
    return tasks


def _handshakes(snapshot: Snapshot, hooks: Sequence[Hook]) -> dict[str, dict[Handshake, None]]:
    """The handshakes to make on each node, each once: many webhooks are behind one Service."""
    by_node: dict[str, dict[Handshake, None]] = {}
    askers, resolver = [node.name for node in webhook_askers(snapshot)[:ASKERS]], Resolver(snapshot)
    for hook in hooks:
        for node, handshake in _of(resolver, hook, askers):
            by_node.setdefault(node, {})[handshake] = None
    return by_node


def _of(resolver: Resolver, hook: Hook, askers: Sequence[str]) -> Iterator[tuple[str, Handshake]]:
    """The handshakes of one webhook: on the node of each endpoint, where no network disturbs them.

    What is outside of the cluster is asked from where API servers are. A webhook behind a Service that has no caBundle
    has nothing to be verified by.
    """
    if hook.service is None:
        host, port = hook.host
        if host and port:
            yield from ((node, _greeting(f"{host}:{port}", host, port, host)) for node in askers)
        return
    if not hook.ca_bundle:
        return
    resolved = resolver.resolve(hook.service)
    if resolved.outcome == EXTERNAL and resolved.service:
        name, port = resolved.service.spec.external_name, hook.service.port
        yield from ((node, _greeting(f"{name}:{port}", name, port, hook.server_name)) for node in askers if name)
    for endpoint, port in resolved.targets[:ENDPOINTS]:
        greeting = _greeting(pod_of(endpoint), endpoint.addresses[0], port, hook.server_name)
        yield from ((node, greeting) for node in ([endpoint.node_name] if endpoint.node_name else askers))


def _greeting(pod: str, address: str, port: int, server_name: str) -> Handshake:
    return Handshake(pod=pod, address=address, port=port, server_name=server_name)


def _unused_range(snapshot: Snapshot) -> str:
    """A documentation range that no pool has: MetalLB refuses pools that overlap."""
    taken = [network for pool in snapshot.metallb if pool.kind == "IPAddressPool" for network in _ranges(pool.spec)]
    free = (
        candidate
        for candidate in DOCUMENTATION_RANGES
        if not any(network.overlaps(ipaddress.IPv4Network(candidate)) for network in taken)
    )
    return next(free, DOCUMENTATION_RANGES[0])


def _ranges(spec: dict[str, object]) -> Iterator[ipaddress.IPv4Network]:
    """The IPv4 networks of a pool, written as `a.b.c.d/n` or `a.b.c.d-a.b.c.e`."""
    addresses = spec.get("addresses")
    for text in addresses if isinstance(addresses, list) else ():
        first, _, last = str(text).partition("-")
        try:
            if last:
                yield from ipaddress.summarize_address_range(
                    ipaddress.IPv4Address(first.strip()), ipaddress.IPv4Address(last.strip())
                )
            else:
                yield ipaddress.IPv4Network(first.strip(), strict=False)
        except (ValueError, TypeError):
            continue  # IPv6, or nothing that MetalLB would accept
