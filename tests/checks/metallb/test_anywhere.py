"""MetalLB is found in any namespace and under any name, and is as healthy there as anywhere."""

from typing import Any

import msgspec
import pytest

from checks.cluster.metallb import find_metallb
from checks.cluster.snapshot import (
    Container,
    CustomObject,
    Metadata,
    OwnerReference,
    Pod,
    PodSpec,
    PodTemplate,
    Rule,
    ServiceReference,
    Snapshot,
    WebhookClientConfig,
    Workload,
    WorkloadSpec,
    WorkloadStatus,
)
from checks.diagnosis import diagnose
from checks.finding import Finding, Severity
from checks.inventory import take_inventory
from checks.judgement import judge_run
from checks.metallb import CHECK
from checks.place import Workload as WorkloadPlace
from checks.registry import CHECKS
from tests.checks import objects
from tests.checks.diagnosis.worlds import NODES, observed, snapshot
from tests.checks.words import words

BY_MANIFEST = {"app": "metallb", "component": ""}
BY_HELM = {"app.kubernetes.io/name": "metallb", "app.kubernetes.io/instance": "lb", "app.kubernetes.io/component": ""}
RULES = (Rule(api_groups=("metallb.io",), resources=("ipaddresspools",), operations=("CREATE", "UPDATE")),)


def labelled(labels: dict[str, str], part: str) -> dict[str, str]:
    """The labels of one part."""
    return {key: value or part for key, value in labels.items()}


def workload(namespace: str, name: str, kind: str, labels: dict[str, str], image: str) -> Workload:
    """A ready workload."""
    ready = WorkloadStatus(replicas=1, ready_replicas=1) if kind == "Deployment" else None
    return Workload(
        kind=kind,
        metadata=Metadata(name=name, namespace=namespace, labels=labels),
        spec=WorkloadSpec(
            template=PodTemplate(
                metadata=Metadata(labels=labels), spec=PodSpec(containers=(Container(name="x", image=image),))
            )
        ),
        status=ready or WorkloadStatus(desired_number_scheduled=len(NODES), number_ready=len(NODES)),
    )


def made_by(kind: str, owner: str, pod: Pod) -> Pod:
    """The pod with the owner that made it."""
    metadata = msgspec.structs.replace(pod.metadata, owner_references=(OwnerReference(kind=kind, name=owner),))
    return msgspec.structs.replace(pod, metadata=metadata)


def metallb_in(
    namespace: str, names: tuple[str, str], labels: dict[str, str], images: tuple[str, str] = ("", "")
) -> Snapshot:
    """A healthy cluster whose MetalLB is there and called so."""
    controller, speaker = names
    base = snapshot()
    made = (
        workload(namespace, controller, "Deployment", labelled(labels, "controller"), images[0]),
        workload(namespace, speaker, "DaemonSet", labelled(labels, "speaker"), images[1]),
    )
    pods = (
        made_by("ReplicaSet", f"{controller}-5f7d", objects.pod(f"{controller}-5f7d-x", "w1", namespace=namespace)),
        *(made_by("DaemonSet", speaker, objects.pod(f"{speaker}-{n}", n, namespace=namespace)) for n in NODES),
    )
    service = ServiceReference(name="hook", namespace=namespace)
    hook = objects.webhook(
        name="renamed", rules=RULES, client_config=WebhookClientConfig(service=service, ca_bundle=objects.PEM_BASE64)
    )
    moved = [msgspec.structs.replace(s.metadata, name="hook", namespace=namespace) for s in base.services[:1]]
    return msgspec.structs.replace(
        base,
        workloads=made,
        pods=(*(p for p in base.pods if p.metadata.namespace != objects.NAMESPACE), *pods),
        services=(msgspec.structs.replace(base.services[0], metadata=moved[0]), *base.services[1:]),
        endpoint_slices=(
            objects.endpoint_slice("hook", objects.endpoint("10.244.1.5", "w1"), namespace=namespace),
            *base.endpoint_slices[1:],
        ),
        webhook_configurations=(objects.configuration(hook), *base.webhook_configurations[1:]),
        metallb=tuple(
            msgspec.structs.replace(o, metadata=msgspec.structs.replace(o.metadata, namespace=namespace))
            for o in base.metallb
        ),
    )


def findings(cluster: Snapshot, **parameters: str) -> dict[str, Finding]:
    """What the check says."""
    return {f.code.partition(".")[2]: f for f in CHECK.judge(CHECK.gather(cluster, parameters, ()))}


WAYS: list[Any] = [
    ("metallb", ("lb-metallb-controller", "lb-metallb-speaker"), BY_HELM),
    ("openshift-metallb-system", ("controller", "speaker"), BY_MANIFEST),
    ("kube-system", ("metallb-controller", "metallb-speaker"), BY_HELM),
    ("load-balancers", ("assigner", "announcer"), BY_MANIFEST),
    ("x", ("a", "b"), {}, ("registry.corp/mirror/metallb/controller:v0.14.9", "quay.io/metallb/speaker@sha256:1")),
    ("y", ("a", "b"), {}, ("docker.io/bitnami/metallb-controller:0.14", "docker.io/bitnami/metallb-speaker:0.14")),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[0])
def test_healthy_metallb_is_healthy_anywhere(way: Any) -> None:
    """No cause is named, every code is well, and plans know where it is."""
    cluster = metallb_in(*way)
    found = judge_run(cluster, tuple(CHECKS), {}, observed(cluster))
    inventory = take_inventory(cluster, ())

    assert "healthy" == diagnose(found).verdict
    assert {"pass", "off", "not-asked"} == {f.outcome for f in found if f.code.startswith("metallb.")}
    assert [True] == [f.outcome == "pass" for f in found if f.code == "webhook.dry-run"]
    assert (way[0], *way[1]) == (
        inventory.metallb_namespace,
        inventory.metallb_controller,
        inventory.metallb_speaker,
    )


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[0])
def test_speakers_that_are_not_made_are_told_where_they_are(way: Any) -> None:
    """Pod Security is of that namespace; what to do names it and the DaemonSet."""
    cluster = metallb_in(*way)
    namespace, (_, speaker) = way[0], way[1]
    pods = tuple(p for p in cluster.pods if not p.metadata.name.startswith(f"{speaker}-"))
    bare = msgspec.structs.replace(cluster, pods=pods)
    cause = diagnose(judge_run(bare, tuple(CHECKS), {}, observed(bare))).causes[0]

    assert ("pod-security", (WorkloadPlace(namespace, speaker),)) == (cause.slug, cause.at)
    assert cause.fix
    assert f"kubectl -n {namespace} describe daemonset {speaker}" in words(cause.fix)


def test_pods_of_other_workloads_are_not_its_own() -> None:
    """Names that begin alike tell nothing where owners are known."""
    cluster = metallb_in(*WAYS[0])
    other = made_by("DaemonSet", "lb-metallb-speaker-exporter", objects.pod("lb-metallb-speaker-exporter-x", "w1"))
    moved = msgspec.structs.replace(other, metadata=msgspec.structs.replace(other.metadata, namespace="metallb"))
    pods = (*(p for p in cluster.pods if "speaker" not in p.metadata.name), moved)

    assert "not-created" == findings(msgspec.structs.replace(cluster, pods=pods))["speaker"].outcome


def test_operators_webhook_server_is_not_the_controller() -> None:
    """It is of the controller's image, and has another label; the same whichever the API server lists first."""
    image = "quay.io/metallb/controller:v0.14.5"
    server = workload("m", "a-webhook-server", "Deployment", {"component": "webhook-server"}, image)
    controller = workload("m", "controller", "Deployment", {"app": "metallb", "component": "controller"}, image)
    for listed in ((server, controller), (controller, server)):
        assert controller == find_metallb(Snapshot(workloads=listed)).controller


def test_what_is_called_alike_is_not_metallb() -> None:
    """A controller and a speaker of another product in another namespace."""
    labels = {"app.kubernetes.io/name": "audio", "app.kubernetes.io/component": ""}
    made = metallb_in("music", ("controller", "speaker"), labels).workloads
    assert "" == find_metallb(Snapshot(workloads=made)).namespace


def test_namespace_that_somebody_names_decides() -> None:
    """Where MetalLB is not is told, and not another one."""
    found = findings(metallb_in(*WAYS[0]), namespace="elsewhere")["installed"]
    assert ("half", "MetalLB is installed by half: its workloads are not in elsewhere.") == (
        found.outcome,
        words(found.text),
    )


def test_objects_in_the_wrong_namespace_are_named() -> None:
    """MetalLB reads them in its own alone: they are named, and neither pool nor advertisement counts."""
    cluster = metallb_in(*WAYS[0])
    meta = [Metadata(name=name, namespace="metallb-system") for name in ("stray", "all")]
    strays = (
        CustomObject(kind="IPAddressPool", metadata=meta[0], spec={"addresses": ["198.51.100.0/24"]}),
        CustomObject(kind="L2Advertisement", metadata=meta[1]),
    )
    found = findings(msgspec.structs.replace(cluster, metallb=strays))
    assert ("elsewhere", Severity.DEGRADED) == (found["objects"].outcome, found["objects"].severity)
    assert (
        "MetalLB reads objects in metallb alone, and not IPAddressPool metallb-system/stray, "
        "L2Advertisement metallb-system/all."
    ) == words(found["objects"].text)
    assert "none" == found["pools"].outcome

    both = msgspec.structs.replace(cluster, metallb=(*cluster.metallb, *strays))
    assert ("elsewhere", "pass") == (findings(both)["objects"].outcome, findings(both)["pools"].outcome)
    diagnosis = diagnose(judge_run(both, tuple(CHECKS), {}, observed(both)))
    assert "metallb-namespace" == diagnosis.verdict
