"""The cluster as checks read it: a few fields of each API object, decoded by msgspec.

Pure data, which `checks.cluster.api` reads. Field names are the API's own in snake case, so that msgspec can decode API
JSON straight into these types (`rename="camel"`). What is not read is not here: on 5,000 nodes the
difference is 4 s against 0.1 s.
"""

import msgspec


class Struct(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The base of everything decoded from API JSON: unknown fields are ignored, missing ones have defaults."""


class Metadata(Struct, frozen=True):
    """`metadata` of any object."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Condition(Struct, frozen=True):
    """One of an object's conditions."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class NodeAddress(Struct, frozen=True):
    """One of a node's addresses."""

    type: str = ""
    address: str = ""


class NodeSpec(Struct, frozen=True):
    """`spec` of a Node."""

    pod_cidrs: tuple[str, ...] = msgspec.field(default=(), name="podCIDRs")
    provider_id: str = msgspec.field(default="", name="providerID")
    unschedulable: bool = False


class NodeInfo(Struct, frozen=True):
    """`status.nodeInfo` of a Node."""

    system_uuid: str = msgspec.field(default="", name="systemUUID")
    os_image: str = ""


class NodeStatus(Struct, frozen=True):
    """`status` of a Node."""

    addresses: tuple[NodeAddress, ...] = ()
    conditions: tuple[Condition, ...] = ()
    node_info: NodeInfo = NodeInfo()


class Node(Struct, frozen=True):
    """A Node."""

    metadata: Metadata = Metadata()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    @property
    def name(self) -> str:
        """Its name."""
        return self.metadata.name

    @property
    def internal_ips(self) -> tuple[str, ...]:
        """Its InternalIP addresses, in the order the API gives, which is the order of preference of families."""
        return tuple(a.address for a in self.status.addresses if a.type == "InternalIP")

    @property
    def ready(self) -> bool:
        """Whether its kubelet says that it is ready."""
        return any(c.type == "Ready" and c.status == "True" for c in self.status.conditions)

    @property
    def control_plane(self) -> bool:
        """Whether kubeadm's or Talos's label says that the API server runs here."""
        return "node-role.kubernetes.io/control-plane" in self.metadata.labels


class EnvVar(Struct, frozen=True):
    """One variable of a container's environment."""

    name: str = ""
    value: str = ""


class Container(Struct, frozen=True):
    """One container of a pod."""

    name: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()


class PodSpec(Struct, frozen=True):
    """`spec` of a Pod."""

    node_name: str = ""
    host_network: bool = False
    containers: tuple[Container, ...] = ()


class PodIP(Struct, frozen=True):
    """One of a pod's addresses."""

    ip: str = ""


class PodStatus(Struct, frozen=True):
    """`status` of a Pod."""

    phase: str = ""
    pod_ips: tuple[PodIP, ...] = msgspec.field(default=(), name="podIPs")
    conditions: tuple[Condition, ...] = ()


class Pod(Struct, frozen=True):
    """A Pod."""

    metadata: Metadata = Metadata()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def ips(self) -> tuple[str, ...]:
        """Its addresses, primary family first."""
        return tuple(p.ip for p in self.status.pod_ips if p.ip)

    @property
    def ready(self) -> bool:
        """Whether the kubelet says that it is ready."""
        return any(c.type == "Ready" and c.status == "True" for c in self.status.conditions)


class ServicePort(Struct, frozen=True):
    """One port of a Service."""

    name: str = ""
    port: int = 0
    protocol: str = "TCP"


class ServiceSpec(Struct, frozen=True):
    """`spec` of a Service."""

    type: str = "ClusterIP"
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    ip_families: tuple[str, ...] = ()
    ports: tuple[ServicePort, ...] = ()
    selector: dict[str, str] = {}


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


class EndpointConditions(Struct, frozen=True):
    """Whether an endpoint takes traffic; None means that the API leaves it open, which counts as yes."""

    ready: bool | None = None


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
        """Whether kube-proxy sends it new connections."""
        return self.conditions.ready is not False


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
        return self.metadata.labels.get("kubernetes.io/service-name", "")


class ServiceReference(Struct, frozen=True):
    """The Service that a webhook is called through."""

    name: str = ""
    namespace: str = ""
    port: int = 443


class WebhookClientConfig(Struct, frozen=True):
    """How the API server calls a webhook."""

    service: ServiceReference | None = None
    url: str = ""
    ca_bundle: str = msgspec.field(default="", name="caBundle")
    """Base64 of PEM, as the API gives it."""


class Webhook(Struct, frozen=True):
    """One webhook of a configuration."""

    name: str = ""
    client_config: WebhookClientConfig = WebhookClientConfig()
    failure_policy: str = "Fail"
    timeout_seconds: int = 10
    side_effects: str = ""


class WebhookConfiguration(Struct, frozen=True):
    """A ValidatingWebhookConfiguration or MutatingWebhookConfiguration."""

    kind: str = ""
    metadata: Metadata = Metadata()
    webhooks: tuple[Webhook, ...] = ()


class ConfigMap(Struct, frozen=True):
    """A ConfigMap."""

    metadata: Metadata = Metadata()
    data: dict[str, str] = {}


class WorkloadStatus(Struct, frozen=True):
    """The counts of a Deployment's or a DaemonSet's `status`."""

    replicas: int = 0
    ready_replicas: int = 0
    desired_number_scheduled: int = 0
    number_ready: int = 0


class Workload(Struct, frozen=True):
    """A Deployment or a DaemonSet."""

    kind: str = ""
    metadata: Metadata = Metadata()
    status: WorkloadStatus = WorkloadStatus()


class CustomObject(Struct, frozen=True):
    """A MetalLB object: `spec` as it is, because its shape is MetalLB's affair."""

    kind: str = ""
    metadata: Metadata = Metadata()
    spec: dict[str, object] = {}
    status: dict[str, object] = {}


class Gap(Struct, frozen=True):
    """Something that could not be read."""

    verb: str
    """`list pods`, `list ipaddresspools.metallb.io`: the verb and resource that a role would have to name."""
    reason: str
    """`forbidden`, `not-installed`, `timeout`, `unreachable` or `invalid`."""
    message: str = ""


class Snapshot(Struct, frozen=True):
    """What was read of one cluster at one moment. Whatever could not be read is in `gaps`, never silently empty."""

    cluster: str = ""
    taken_at: float = 0.0
    """Unix time in seconds."""
    server_version: str = ""
    """For whoever reads a bundle: which API server it was."""
    nodes: tuple[Node, ...] = ()
    pods: tuple[Pod, ...] = ()
    """Pods of kube-system, kube-flannel, metallb-system and of netcheck's own namespace."""
    services: tuple[Service, ...] = ()
    endpoint_slices: tuple[EndpointSlice, ...] = ()
    webhook_configurations: tuple[WebhookConfiguration, ...] = ()
    config_maps: tuple[ConfigMap, ...] = ()
    workloads: tuple[Workload, ...] = ()
    metallb: tuple[CustomObject, ...] = ()
    """IPAddressPool, L2Advertisement, BGPAdvertisement and ServiceL2Status objects."""
    gaps: tuple[Gap, ...] = ()

    def gap(self, resource: str) -> Gap | None:
        """Why a resource (`pods`) could not be read, or None when it could."""
        return next((g for g in self.gaps if g.verb.split()[-1].split(".")[0] == resource), None)

    def node(self, name: str) -> Node | None:
        """The node of that name."""
        return next((n for n in self.nodes if n.name == name), None)

    def endpoints(self, namespace: str, service: str) -> list[tuple[Endpoint, tuple[EndpointPort, ...]]]:
        """The endpoints of a Service over all its slices, each with the ports of its slice."""
        return [
            (endpoint, s.ports or ())
            for s in self.endpoint_slices
            if s.metadata.namespace == namespace and s.service == service
            for endpoint in s.endpoints or ()
        ]

    @property
    def api_servers(self) -> tuple[tuple[str, int], ...]:
        """The API servers' own addresses and ports, as they tell them in the slice of their Service."""
        return tuple(
            (address, port.port)
            for endpoint, ports in self.endpoints("default", "kubernetes")
            for port in ports
            # All addresses of an endpoint are of one server.
            for address in endpoint.addresses[:1]
        )

    def agents(self) -> list[Pod]:
        """The pod-network agents of netcheck itself: the peers that probes may be aimed at.

        They are found by the label `app.kubernetes.io/component: agent-pod`, which the chart sets.
        """
        return [p for p in self.pods if p.metadata.labels.get("app.kubernetes.io/component") == "agent-pod" and p.ips]
