"""Pods and the workloads that make them, in the few fields that are read."""

import msgspec

from checks.cluster.meta import Condition, Metadata, Struct


class EnvVar(Struct, frozen=True):
    """One variable of a container's environment."""

    name: str = ""
    value: str = ""


class VolumeMount(Struct, frozen=True):
    """Where a container sees a volume."""

    name: str = ""
    mount_path: str = ""


class ContainerPort(Struct, frozen=True):
    """A port that a container says it listens on."""

    name: str = ""
    container_port: int = 0


class Container(Struct, frozen=True):
    """One container of a pod."""

    name: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    volume_mounts: tuple[VolumeMount, ...] = ()
    """Kept for DNS servers alone, whose Corefile may be in several files."""
    ports: tuple[ContainerPort, ...] = ()
    """Kept for workloads alone."""


class ConfigMapItem(Struct, frozen=True):
    """One key of a ConfigMap, and the file that it becomes."""

    key: str = ""
    path: str = ""


class ConfigMapVolume(Struct, frozen=True):
    """A volume that is a ConfigMap."""

    name: str = ""
    items: tuple[ConfigMapItem, ...] = ()


class Volume(Struct, frozen=True):
    """One volume of a pod."""

    name: str = ""
    config_map: ConfigMapVolume | None = None


class PodSpec(Struct, frozen=True):
    """`spec` of a Pod."""

    node_name: str = ""
    host_network: bool = False
    dns_policy: str = ""
    """Kept for DNS servers alone; empty where the API server has not filled it in, as in a manifest."""
    containers: tuple[Container, ...] = ()
    volumes: tuple[Volume, ...] = ()
    """Kept for DNS servers alone."""


class PodIP(Struct, frozen=True):
    """One of a pod's addresses."""

    ip: str = ""


class Waiting(Struct, frozen=True):
    """Why a container does not run yet, or not again."""

    reason: str = ""


class Terminated(Struct, frozen=True):
    """How a container ended."""

    reason: str = ""
    exit_code: int = 0


class ContainerState(Struct, frozen=True):
    """The state of a container: one of these, or none where it runs."""

    waiting: Waiting | None = None
    terminated: Terminated | None = None


class ContainerStatus(Struct, frozen=True):
    """How one container of a pod fares."""

    name: str = ""
    restart_count: int = 0
    """Since the pod was made."""
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()
    """How it ended the last time."""


class PodStatus(Struct, frozen=True):
    """`status` of a Pod."""

    phase: str = ""
    pod_ips: tuple[PodIP, ...] = msgspec.field(default=(), name="podIPs")
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[ContainerStatus, ...] | None = ()


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


class PodTemplate(Struct, frozen=True):
    """What a workload makes its pods of."""

    metadata: Metadata = Metadata()
    spec: PodSpec = PodSpec()


class WorkloadSpec(Struct, frozen=True):
    """`spec` of a workload."""

    replicas: int | None = None
    """How many pods somebody wants; a DaemonSet does not say."""
    template: PodTemplate = PodTemplate()


class WorkloadStatus(Struct, frozen=True):
    """The counts of a workload's `status`."""

    replicas: int = 0
    ready_replicas: int = 0
    desired_number_scheduled: int = 0
    number_ready: int = 0


class Workload(Struct, frozen=True):
    """A Deployment, a DaemonSet or a StatefulSet."""

    kind: str = ""
    metadata: Metadata = Metadata()
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()

    @property
    def makes(self) -> PodTemplate:
        """What its pods are made of."""
        return self.spec.template

    @property
    def is_wanted(self) -> bool:
        """Whether it is to have any pod: not where somebody scaled it to zero, or no node is to have one."""
        if self.kind == "DaemonSet":
            return self.status.desired_number_scheduled > 0
        return self.spec.replicas != 0
