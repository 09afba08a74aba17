"""MetalLB, known by what it is, in whatever namespace and under whatever name. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from checks.cluster.admission import CONVERSION, Webhook, WebhookConfiguration
from checks.cluster.parts import Part, part_of
from checks.cluster.pods import Pod, Workload
from checks.cluster.snapshot import Snapshot

GROUP = "metallb.io"
USUAL_NAMESPACE = "metallb-system"
POOLS = "ipaddresspools"
_NAME = "metallb.io"
"""With this ends MetalLB's own name of each of its webhooks; recordings from before rules were read tell no more."""
_CONTROLLER, _SPEAKER = "controller", "speaker"


@dataclass(frozen=True, slots=True)
class MetalLB:
    """What there is of it."""

    namespace: str = ""
    """Where it runs, which is where it looks for its objects; empty where nothing of it runs."""
    controller: Workload | None = None
    speaker: Workload | None = None


def find_metallb(snapshot: Snapshot, namespace: str = "") -> MetalLB:
    """MetalLB's workloads: in this namespace, or in the one where they are.

    They are known by image and labels; where a workload tells neither (an old recording, or a chart that was changed),
    by its name in a namespace that MetalLB's webhook, or its usual name, points to.
    """
    controllers = [w for w in snapshot.workloads if part_of(w) is Part.METALLB_CONTROLLER]
    speakers = [w for w in snapshot.workloads if part_of(w) is Part.METALLB_SPEAKER]
    places = [w.metadata.namespace for w in (*controllers, *speakers)]
    where = namespace or next(iter([*places, *_pointed_to(snapshot)]), "")
    controller = _of(controllers, where, _CONTROLLER) or _by_name(
        snapshot, where, ("Deployment", "StatefulSet"), _CONTROLLER
    )
    speaker = _of(speakers, where, _SPEAKER) or _by_name(snapshot, where, ("DaemonSet",), _SPEAKER)
    return MetalLB(where if controller or speaker else "", controller, speaker)


def _of(workloads: Sequence[Workload], namespace: str, part: str) -> Workload | None:
    """The one that is labelled as the part: MetalLB's operator serves webhooks from the controller's image as well."""
    own = [w for w in workloads if w.metadata.namespace == namespace]
    return min(own, key=lambda w: part not in w.makes.metadata.labels.values(), default=None)


def _by_name(snapshot: Snapshot, namespace: str, kinds: tuple[str, ...], name: str) -> Workload | None:
    """Its manifest calls it `controller`, its Helm chart `RELEASE-controller`."""
    found = (w for w in snapshot.workloads if w.metadata.namespace == namespace and w.kind in kinds)
    return next((w for w in found if part_of(w) is None and w.metadata.name.split("-")[-1] == name), None)


def _pointed_to(snapshot: Snapshot) -> list[str]:
    """The namespaces in which MetalLB is where its workloads do not tell: of its webhooks' Services, and the usual."""
    services = [
        webhook.client_config.service.namespace
        for configuration, webhook in webhooks(snapshot)
        if webhook.client_config.service and configuration.kind != CONVERSION
    ]
    return [*services, USUAL_NAMESPACE]


def webhooks(snapshot: Snapshot) -> list[tuple[WebhookConfiguration, Webhook]]:
    """MetalLB's own webhooks, by the API group that they are called for."""
    return [
        (configuration, webhook)
        for configuration in snapshot.webhook_configurations
        for webhook in configuration.webhooks
        if is_of_metallb(configuration, webhook)
    ]


def is_of_metallb(configuration: WebhookConfiguration, webhook: Webhook) -> bool:
    """Whether a webhook is called for MetalLB's objects by name; a policy engine is called for all objects."""
    if configuration.kind == CONVERSION:
        return configuration.metadata.name.endswith(f".{GROUP}")
    if webhook.rules:
        return any(GROUP in rule.api_groups for rule in webhook.rules)
    return webhook.name.endswith(_NAME)


def checks_pools(configuration: WebhookConfiguration, webhook: Webhook) -> bool:
    """Whether a create of an IPAddressPool calls it, and it is MetalLB's own."""
    if configuration.kind == CONVERSION or not is_of_metallb(configuration, webhook):
        return False
    if webhook.rules:
        return any(rule.covers(GROUP, POOLS, "CREATE") for rule in webhook.rules)
    return webhook.name.startswith(POOLS.removesuffix("s"))


def pods_of(snapshot: Snapshot, workload: Workload) -> list[Pod]:
    """The pods of a workload, by their owner; a ReplicaSet, whose name has one more word, stands before a Deployment's.

    Recordings from before owners were read tell by the pods' names.
    """
    meta = workload.metadata
    return [p for p in snapshot.pods if p.metadata.namespace == meta.namespace and _is_of(p, workload)]


def _is_of(pod: Pod, workload: Workload) -> bool:
    owners, name = pod.metadata.owner_references, workload.metadata.name
    if not owners:
        return pod.metadata.name.startswith(f"{name}-")
    if workload.kind == "Deployment":
        return any(o.kind == "ReplicaSet" and o.name.rpartition("-")[0] == name for o in owners)
    return any((o.kind, o.name) == (workload.kind, name) for o in owners)
