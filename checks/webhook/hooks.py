"""The webhooks of a snapshot, the Services that they are called through, and the endpoints behind these. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from checks import place
from checks.cluster.snapshot import Endpoint, ServiceReference, Snapshot, Webhook

POOLS = "ipaddresspool"
"""With this begins MetalLB's name for the webhooks that check address pools."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook that is called through a Service."""

    configuration: str
    webhook: Webhook
    service: ServiceReference

    @property
    def name(self) -> str:
        """What the API server calls it in errors; not unique."""
        return self.webhook.name

    @property
    def ca_bundle(self) -> str:
        """Base64 of PEM, as in the configuration."""
        return self.webhook.client_config.ca_bundle

    @property
    def server_name(self) -> str:
        """The name that the API server expects in the certificate."""
        return f"{self.service.name}.{self.service.namespace}.svc"

    @property
    def place(self) -> place.Webhook:
        """The place that findings about it have."""
        return place.Webhook(self.configuration, self.name, f"{self.service.namespace}/{self.service.name}")


def all_hooks(snapshot: Snapshot) -> list[Hook]:
    """Every webhook that is called through a Service."""
    return [
        Hook(configuration.metadata.name, webhook, service)
        for configuration in snapshot.webhook_configurations
        for webhook in configuration.webhooks
        if (service := webhook.client_config.service)
    ]


def hooks_in(snapshot: Snapshot, namespace: str) -> list[Hook]:
    """Those whose Service is in a namespace."""
    return [hook for hook in all_hooks(snapshot) if hook.service.namespace == namespace]


def of_pools(hooks: Sequence[Hook]) -> list[Hook]:
    """Those that a dry run of an IPAddressPool calls, known by MetalLB's names for them."""
    return [hook for hook in hooks if hook.name.startswith(POOLS)]


def services(hooks: Sequence[Hook]) -> list[ServiceReference]:
    """The Services that they are called through, each once."""
    return list({(hook.service.namespace, hook.service.name): hook.service for hook in hooks}.values())


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


def pod_of(endpoint: Endpoint) -> str:
    """The pod behind an endpoint; its address where the API names none."""
    return endpoint.target_ref.name if endpoint.target_ref else endpoint.addresses[0]


def path_to(snapshot: Snapshot, service: ServiceReference) -> place.ServicePath:
    """The way from the API server to a Service. On which node it begins is known when one runs the control plane."""
    planes = [node.name for node in snapshot.nodes if node.control_plane]
    ready = [endpoint for endpoint, _ in ready_endpoints(snapshot, service)]
    return place.ServicePath(
        source=planes[0] if len(planes) == 1 else "",
        namespace=service.namespace,
        name=service.name,
        ends=tuple(sorted({endpoint.node_name for endpoint in ready if endpoint.node_name})),
        pods=tuple(sorted({e.target_ref.name for e in ready if e.target_ref})),
    )
