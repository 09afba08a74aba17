"""Which endpoints and which dry run tell how the API server reaches a webhook."""

import ipaddress
from collections.abc import Iterator

from checks.cluster.snapshot import Snapshot
from checks.observation import Network, Task
from checks.webhook.hooks import hooks_in, of_pools, pod_of, ready_endpoints
from checks.webhook.model import DryRun, Handshake, Parameters, Request

DOCUMENTATION_RANGES = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
"""RFC 5737: never routed, so a pool of them takes nobody's addresses."""
DRY_RUN_AT_MOST_S = 12.5
"""Within the check's deadline of 14 s; the API server's default `timeoutSeconds` is 10 s."""
PAST_THE_WEBHOOK_S = 2.0
"""How long after `timeoutSeconds` the API server may take to say that the webhook did not answer."""


def plan(snapshot: Snapshot, parameters: Parameters) -> list[Task]:
    """The dry run on the worker, and on every node with ready endpoints the handshakes with these."""
    tasks = [
        Task(network=Network.HOST, node=node, request=Request(handshakes=tuple(handshakes)))
        for node, handshakes in _handshakes(snapshot, parameters.namespace).items()
    ]
    hooks = of_pools(hooks_in(snapshot, parameters.namespace))
    if hooks:
        timeout_s = min(max(hook.webhook.timeout_seconds for hook in hooks) + PAST_THE_WEBHOOK_S, DRY_RUN_AT_MOST_S)
        dry_run = DryRun(namespace=parameters.namespace, addresses=_unused_range(snapshot), timeout_s=timeout_s)
        tasks.insert(0, Task(network=Network.CLUSTER, request=Request(dry_run=dry_run)))
    return tasks


def _handshakes(snapshot: Snapshot, namespace: str) -> dict[str, list[Handshake]]:
    """The handshakes to make on each node: one for each endpoint and caBundle."""
    by_node: dict[str, dict[Handshake, None]] = {}
    for hook in hooks_in(snapshot, namespace):
        for endpoint, port in ready_endpoints(snapshot, hook.service):
            if port and endpoint.node_name and hook.ca_bundle:
                handshake = Handshake(
                    pod=pod_of(endpoint),
                    address=endpoint.addresses[0],
                    port=port,
                    server_name=hook.server_name,
                    ca_bundle=hook.ca_bundle,
                )
                by_node.setdefault(endpoint.node_name, {})[handshake] = None
    return {node: list(handshakes) for node, handshakes in by_node.items()}


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
