"""The webhooks of a snapshot, in whatever configuration, and what each of them is called through. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from checks import place
from checks.cluster.admission import CONVERSION, WebhookConfiguration
from checks.cluster.metallb import checks_pools, is_of_metallb
from checks.cluster.snapshot import Endpoint, ServiceReference, Snapshot, Webhook
from checks.judging.places import answering, service_path
from checks.webhook.resolve import NODE_NOT_READY, Resolver

_SORTS = {"MutatingWebhookConfiguration": "mutating", CONVERSION: "conversion"}
HTTPS = 443


@dataclass(frozen=True, slots=True)
class Hook:
    """One webhook of one configuration: its name alone is not unique."""

    configuration: str
    webhook: Webhook
    service: ServiceReference | None
    """None for one that is called by URL."""
    sort: str = ""
    """See `checks.place.Webhook`."""
    of_metallb: bool = False
    of_pools: bool = False
    """Whether a dry run of an IPAddressPool calls it, and it is MetalLB's own."""

    @property
    def name(self) -> str:
        """What the API server calls it in errors; not unique."""
        return self.webhook.name

    @property
    def ca_bundle(self) -> str:
        """Base64 of PEM, as in the configuration."""
        return self.webhook.client_config.ca_bundle

    @property
    def host(self) -> tuple[str, int]:
        """Host and port of its URL; empty where it has none that can be read."""
        try:
            url = urlsplit(self.webhook.client_config.url)
            host, port = url.hostname or "", url.port or HTTPS
        except ValueError:
            return "", 0
        return host, port

    @property
    def server_name(self) -> str:
        """The name that the API server expects in the certificate."""
        return f"{self.service.name}.{self.service.namespace}.svc" if self.service else self.host[0]

    @property
    def place(self) -> place.Webhook:
        """The place that findings about it have."""
        service = f"{self.service.namespace}/{self.service.name}" if self.service else ""
        return place.Webhook(self.configuration, self.name, service, self.sort)


def all_hooks(snapshot: Snapshot) -> list[Hook]:
    """Every webhook that is called through a Service or by a URL, MetalLB's first."""
    hooks = [
        _hook(configuration, webhook)
        for configuration in snapshot.webhook_configurations
        for webhook in configuration.webhooks
        if webhook.client_config.service or webhook.client_config.url
    ]
    return sorted(hooks, key=lambda hook: not hook.of_metallb)


def _hook(configuration: WebhookConfiguration, webhook: Webhook) -> Hook:
    return Hook(
        configuration.metadata.name,
        webhook,
        webhook.client_config.service,
        _SORTS.get(configuration.kind, ""),
        is_of_metallb(configuration, webhook),
        checks_pools(configuration, webhook),
    )


def hooks_in(snapshot: Snapshot, namespace: str) -> list[Hook]:
    """Those whose Service is in a namespace; all of them where none is named."""
    hooks = all_hooks(snapshot)
    return [hook for hook in hooks if not namespace or (hook.service and hook.service.namespace == namespace)]


def of_pools(hooks: Sequence[Hook]) -> list[Hook]:
    """MetalLB's own that a dry run of an IPAddressPool calls."""
    return [hook for hook in hooks if hook.of_pools]


def services(hooks: Sequence[Hook]) -> list[ServiceReference]:
    """The Services that they are called through, each port of each once."""
    found = {(h.service.namespace, h.service.name, h.service.port): h.service for h in hooks if h.service}
    return list(found.values())


def pod_of(endpoint: Endpoint) -> str:
    """The pod behind an endpoint; its address where the API names none."""
    return endpoint.target_ref.name if endpoint.target_ref else endpoint.addresses[0]


def path_to(snapshot: Snapshot, resolver: Resolver, service: ServiceReference) -> place.ServicePath:
    """The way from the API server to a Service. On which node it begins is known when one runs the control plane."""
    planes = [node.name for node in snapshot.nodes if node.control_plane]
    resolved = resolver.resolve(service)
    endpoints = [endpoint for endpoint, _ in resolved.targets]
    if resolved.outcome == NODE_NOT_READY:
        endpoints = answering(snapshot, service.namespace, service.name)
    return service_path(planes[0] if len(planes) == 1 else "", service.namespace, service.name, endpoints)
