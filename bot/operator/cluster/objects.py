"""What is read of API objects to change them: a few fields each, decoded by msgspec."""

import msgspec

from checks.cluster.snapshot import Condition

CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
"""The label that kubeadm and Talos give to the nodes that run the API server."""


class Object(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """The base of everything decoded from API JSON: unknown fields are ignored, missing ones have defaults."""


class Owner(Object, frozen=True):
    """Who made an object."""

    kind: str = ""
    name: str = ""
    controller: bool = False


class Metadata(Object, frozen=True):
    """`metadata` of any object."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    owner_references: tuple[Owner, ...] = ()
    deletion_timestamp: str = ""
    """When the object is to be gone, request and grace already added; empty while nobody deletes it."""

    @property
    def controller(self) -> Owner | None:
        """The controller that would make it anew."""
        return next((owner for owner in self.owner_references if owner.controller), None)


class EmptyDir(Object, frozen=True):
    """A volume that dies with its pod."""


class Volume(Object, frozen=True):
    """One volume of a pod."""

    name: str = ""
    empty_dir: EmptyDir | None = None


class PodSpec(Object, frozen=True):
    """`spec` of a Pod."""

    node_name: str = ""
    restart_policy: str = "Always"
    volumes: tuple[Volume, ...] = ()


class ContainerStatus(Object, frozen=True):
    """How one container is."""

    name: str = ""
    restart_count: int = 0


class PodStatus(Object, frozen=True):
    """`status` of a Pod."""

    phase: str = ""
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] = ()


class Pod(Object, frozen=True):
    """A Pod."""

    metadata: Metadata = Metadata()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()

    @property
    def name(self) -> str:
        """Its namespace and name, as people write it."""
        return f"{self.metadata.namespace}/{self.metadata.name}"

    @property
    def ready(self) -> bool:
        """Whether the kubelet says that it is ready."""
        return any(c.type == "Ready" and c.status == "True" for c in self.status.conditions)

    @property
    def unschedulable(self) -> bool:
        """Whether the scheduler finds no node for it."""
        return any(
            c.type == "PodScheduled" and c.status == "False" and c.reason == "Unschedulable"
            for c in self.status.conditions
        )

    @property
    def terminating(self) -> bool:
        """Whether it is being deleted."""
        return bool(self.metadata.deletion_timestamp)


class Requirement(Object, frozen=True):
    """One expression of a label selector."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] = ()

    def holds(self, labels: dict[str, str]) -> bool:
        """Whether these labels satisfy it."""
        if self.operator == "Exists":
            return self.key in labels
        if self.operator == "DoesNotExist":
            return self.key not in labels
        return (labels.get(self.key) in self.values) == (self.operator == "In")


class Selector(Object, frozen=True):
    """A label selector; an empty one selects all."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()

    def selects(self, labels: dict[str, str]) -> bool:
        """Whether it selects an object with these labels."""
        equal = all(labels.get(key) == value for key, value in self.match_labels.items())
        return equal and all(each.holds(labels) for each in self.match_expressions)


class BudgetSpec(Object, frozen=True):
    """`spec` of a PodDisruptionBudget."""

    selector: Selector | None = None
    """None selects nothing."""
    unhealthy_pod_eviction_policy: str = "IfHealthyBudget"


class BudgetStatus(Object, frozen=True):
    """`status` of a PodDisruptionBudget."""

    observed_generation: int = 0
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    disrupted_pods: dict[str, str] = {}
    """Pods whose eviction was granted a moment ago, by name, and when."""


class Budget(Object, frozen=True):
    """A PodDisruptionBudget."""

    metadata: Metadata = Metadata()
    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()

    @property
    def name(self) -> str:
        """Its namespace and name, as people write it."""
        return f"{self.metadata.namespace}/{self.metadata.name}"

    @property
    def lets_unready_go(self) -> bool:
        """Whether a pod that is not ready may always go."""
        return self.spec.unhealthy_pod_eviction_policy == "AlwaysAllow"

    def guards(self, pod: Pod) -> bool:
        """Whether the pod may go only with its leave."""
        selector = self.spec.selector
        same = self.metadata.namespace == pod.metadata.namespace
        return same and selector is not None and selector.selects(pod.metadata.labels)


class Taint(Object, frozen=True):
    """What keeps pods away that do not tolerate it."""

    key: str = ""
    effect: str = ""


class NodeSpec(Object, frozen=True):
    """`spec` of a Node."""

    provider_id: str = msgspec.field(default="", name="providerID")
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()


class NodeInfo(Object, frozen=True):
    """What kubelet found on the machine."""

    boot_id: str = msgspec.field(default="", name="bootID")
    system_uuid: str = msgspec.field(default="", name="systemUUID")


class NodeStatus(Object, frozen=True):
    """`status` of a Node."""

    conditions: tuple[Condition, ...] = ()
    node_info: NodeInfo = NodeInfo()


class Node(Object, frozen=True):
    """A Node."""

    metadata: Metadata = Metadata()
    spec: NodeSpec = NodeSpec()
    status: NodeStatus = NodeStatus()

    @property
    def name(self) -> str:
        """Its name."""
        return self.metadata.name

    @property
    def ready(self) -> bool:
        """Whether the API server says that it is Ready: for some 40 s after its end too."""
        return any(c.type == "Ready" and c.status == "True" for c in self.status.conditions)

    @property
    def takes_pods(self) -> bool:
        """Whether pods that ask for nothing special may come."""
        barred = any(taint.effect in {"NoSchedule", "NoExecute"} for taint in self.spec.taints)
        return self.ready and not self.spec.unschedulable and not barred

    @property
    def control_plane(self) -> bool:
        """Whether it runs an API server."""
        return CONTROL_PLANE in self.metadata.labels


class LeaseSpec(Object, frozen=True):
    """`spec` of a Lease."""

    renew_time: str = ""


class Lease(Object, frozen=True):
    """A Lease."""

    spec: LeaseSpec = LeaseSpec()
