"""Services and who is behind them, in the few fields that are read."""

import msgspec

from checks.cluster.meta import Metadata, Struct

SERVICE_NAME = "kubernetes.io/service-name"
"""The label of a slice that says whose it is."""


class ServicePort(Struct, frozen=True):
    """One port of a Service."""

    name: str = ""
    port: int = 0
    protocol: str = "TCP"
    target_port: int | str = 0
    """A number, or the name of a container's port; 0 where nothing is said, which means `port`."""


class ServiceSpec(Struct, frozen=True):
    """`spec` of a Service."""

    type: str = "ClusterIP"
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    cluster_ips: tuple[str, ...] = msgspec.field(default=(), name="clusterIPs")
    ip_family_policy: str = ""
    ip_families: tuple[str, ...] = ()
    ports: tuple[ServicePort, ...] = ()
    selector: dict[str, str] = msgspec.field(default_factory=dict)
    external_name: str = ""
    internal_traffic_policy: str = "Cluster"
    external_traffic_policy: str = "Cluster"
    load_balancer_ip: str = msgspec.field(default="", name="loadBalancerIP")
    load_balancer_class: str = ""
    """Whose affair it is; empty where nobody is named."""
    publish_not_ready_addresses: bool = False


class Ingress(Struct, frozen=True):
    """One address that a load balancer gave a Service."""

    ip: str = ""
    hostname: str = ""


class LoadBalancerStatus(Struct, frozen=True):
    """`status.loadBalancer` of a Service."""

    ingress: tuple[Ingress, ...] | None = ()


class ServiceStatus(Struct, frozen=True):
    """`status` of a Service."""

    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class Service(Struct, frozen=True):
    """A Service."""

    metadata: Metadata = Metadata()
    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()

    @property
    def external(self) -> tuple[str, ...]:
        """The addresses that a load balancer gave it."""
        return tuple(each.ip or each.hostname for each in self.status.load_balancer.ingress or ())

    @property
    def headless(self) -> bool:
        """Whether it has no address of its own on purpose."""
        return self.spec.cluster_ip == "None"


class EndpointConditions(Struct, frozen=True):
    """Whether an endpoint takes traffic; None means that the API leaves it open."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class TargetRef(Struct, frozen=True):
    """The object behind an endpoint."""

    name: str = ""


class Endpoint(Struct, frozen=True):
    """One endpoint of a slice."""

    addresses: tuple[str, ...] = ()
    conditions: EndpointConditions = EndpointConditions()
    node_name: str = ""
    target_ref: TargetRef | None = None

    @property
    def ready(self) -> bool:
        """Whether kube-proxy sends it new connections; what the API leaves open counts as yes."""
        return self.conditions.ready is not False

    @property
    def leaving(self) -> bool:
        """Whether it ends and still answers: kube-proxy sends to it where nobody is ready (KEP-1669)."""
        return self.conditions.terminating is True and self.conditions.serving is True


class EndpointPort(Struct, frozen=True):
    """One port of a slice."""

    name: str = ""
    port: int = 0
    protocol: str = "TCP"


class EndpointSlice(Struct, frozen=True):
    """An EndpointSlice."""

    metadata: Metadata = Metadata()
    endpoints: tuple[Endpoint, ...] | None = ()
    ports: tuple[EndpointPort, ...] | None = ()

    @property
    def service(self) -> str:
        """The Service it belongs to."""
        return self.metadata.labels.get(SERVICE_NAME, "")
