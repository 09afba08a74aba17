"""Which endpoints and which dry run tell how the API server reaches a webhook."""

import ipaddress
from collections.abc import Iterator

from checks.cluster.snapshot import Endpoint, ServiceReference, Snapshot, Webhook, WebhookConfiguration
from checks.observation import Network, Task
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
    hooks = pool_webhooks(snapshot, parameters.namespace)
    if hooks:
        timeout_s = min(max(hook.timeout_seconds for hook in hooks) + PAST_THE_WEBHOOK_S, DRY_RUN_AT_MOST_S)
        dry_run = DryRun(namespace=parameters.namespace, addresses=_unused_range(snapshot), timeout_s=timeout_s)
        tasks.insert(0, Task(network=Network.CLUSTER, request=Request(dry_run=dry_run)))
    return tasks


def webhooks(snapshot: Snapshot, namespace: str) -> Iterator[tuple[WebhookConfiguration, Webhook, ServiceReference]]:
    """Every webhook that is called through a Service of the namespace."""
    for configuration in snapshot.webhook_configurations:
        for webhook in configuration.webhooks:
            service = webhook.client_config.service
            if service and service.namespace == namespace:
                yield configuration, webhook, service


def pool_webhooks(snapshot: Snapshot, namespace: str) -> list[Webhook]:
    """The webhooks of the namespace that a dry run of an IPAddressPool calls, known by MetalLB's names for them."""
    return [hook for _, hook, _ in webhooks(snapshot, namespace) if hook.name.startswith("ipaddresspool")]


def services(snapshot: Snapshot, namespace: str) -> list[ServiceReference]:
    """The Services and ports that webhooks of the namespace are called through, each once."""
    return list({(s.name, s.port): s for _, _, s in webhooks(snapshot, namespace)}.values())


def ready_endpoints(snapshot: Snapshot, service: ServiceReference) -> list[tuple[Endpoint, int]]:
    """The ready endpoints of a Service, each with the port that the webhook listens on; 0 when it is not known."""
    found = next(
        (s for s in snapshot.services if (s.metadata.namespace, s.metadata.name) == (service.namespace, service.name)),
        None,
    )
    names = {port.name for port in found.spec.ports if port.port == service.port} if found else set()
    return [
        (endpoint, next((port.port for port in ports if port.name in names), 0))
        for endpoint, ports in snapshot.endpoints(service.namespace, service.name)
        if endpoint.ready and endpoint.addresses
    ]


def _handshakes(snapshot: Snapshot, namespace: str) -> dict[str, list[Handshake]]:
    """The handshakes to make on each node: one for each endpoint and caBundle."""
    by_node: dict[str, dict[Handshake, None]] = {}
    for _, webhook, service in webhooks(snapshot, namespace):
        for endpoint, port in ready_endpoints(snapshot, service):
            if port and endpoint.node_name and webhook.client_config.ca_bundle:
                handshake = Handshake(
                    pod=endpoint.target_ref.name if endpoint.target_ref else endpoint.addresses[0],
                    address=endpoint.addresses[0],
                    port=port,
                    server_name=f"{service.name}.{service.namespace}.svc",
                    ca_bundle=webhook.client_config.ca_bundle,
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
