"""Webhooks of every product and sort are judged, and what is said of them names that product."""

from typing import Any

import msgspec
import pytest

from bot.runbooks.registry import RUNBOOKS
from bot.runbooks.situation import Situation
from checks import place
from checks.backing import Backing, behind
from checks.cluster.admission import Definition
from checks.cluster.snapshot import (
    EndpointPort,
    EndpointSlice,
    Metadata,
    PodSpec,
    PodTemplate,
    Rule,
    Service,
    ServicePort,
    ServiceReference,
    ServiceSpec,
    Snapshot,
    WebhookClientConfig,
    WebhookConfiguration,
    Workload,
    WorkloadSpec,
)
from checks.diagnosis import diagnose
from checks.diagnosis.model import Cause
from checks.finding import Finding
from checks.inventory import Inventory
from checks.judgement import judge_run
from checks.place import Service as ServicePlace
from checks.registry import CHECKS
from checks.webhook import CHECK
from tests.checks.diagnosis import worlds
from tests.checks.diagnosis.worlds import healthy, observed, snapshot
from tests.checks.objects import PEM_BASE64, configuration, webhook
from tests.checks.words import words

CERT_MANAGER = {"app.kubernetes.io/name": "webhook", "app.kubernetes.io/component": "webhook", "app": "webhook"}
OTHER_BUNDLE = "LS0tCg=="


def reference(namespace: str, name: str, bundle: str = PEM_BASE64, port: int = 443) -> WebhookClientConfig:
    """How a product's webhook is called."""
    return WebhookClientConfig(service=ServiceReference(name=name, namespace=namespace, port=port), ca_bundle=bundle)


def workload(namespace: str, name: str, labels: dict[str, str], kind: str = "Deployment", **of_itself: str) -> Workload:
    """What makes a product's pods."""
    template = PodTemplate(metadata=Metadata(labels=labels), spec=PodSpec())
    metadata = Metadata(name=name, namespace=namespace, labels=of_itself or labels)
    return Workload(kind=kind, metadata=metadata, spec=WorkloadSpec(template=template))


def with_product(
    namespace: str, name: str, labels: dict[str, str], bundle: str = PEM_BASE64, *, kind: str = "Validating"
) -> Snapshot:
    """A healthy cluster, and beside it a product whose webhook has a Service and no ready endpoint."""
    base = snapshot()
    hook = webhook(name="webhook.product.io", client_config=reference(namespace, name, bundle))
    service = Service(
        metadata=Metadata(name=name, namespace=namespace),
        spec=ServiceSpec(cluster_ip="10.96.7.7", selector=labels, ports=(ServicePort(port=443),)),
    )
    return msgspec.structs.replace(
        base,
        services=(*base.services, service),
        workloads=(*base.workloads, workload(namespace, f"{name}-deployment", labels)),
        webhook_configurations=(
            *base.webhook_configurations,
            msgspec.structs.replace(configuration(hook, of_kind=kind), metadata=Metadata(name="product")),
        ),
    )


def run(cluster: Snapshot) -> list[Finding]:
    """What all checks find in it, with everything answered as a sound cluster answers."""
    return judge_run(cluster, tuple(CHECKS), {}, observed(cluster))


def cause_in(cluster: Snapshot) -> tuple[Cause, list[Finding]]:
    """The one cause that is named, with the findings."""
    found = run(cluster)
    diagnosis = diagnose(found)
    assert () == diagnosis.also
    return diagnosis.causes[0], found


@pytest.mark.parametrize(
    ("namespace", "name", "labels", "product"),
    [
        ("cert-manager", "cert-manager-webhook", {"app.kubernetes.io/instance": "cert-manager"}, "cert-manager"),
        ("tls", "webhook", {"helm.sh/chart": "cert-manager-v1.16.2"}, "cert-manager"),
        ("kyverno", "kyverno-svc", {"app.kubernetes.io/part-of": "kyverno"}, "Kyverno"),
        ("ingress", "x-admission", {"app.kubernetes.io/name": "ingress-nginx"}, "ingress-nginx"),
        ("gatekeeper-system", "gatekeeper-webhook-service", {"control-plane": "controller"}, "Gatekeeper"),
        ("istio-system", "istiod-1-24", {"app": "istiod", "istio.io/rev": "1-24"}, "Istio"),
        ("team-a", "own-hook", {"app": "own"}, "own"),
        ("team-b", "hook", {"x": "y"}, "team-b"),
    ],
)
@pytest.mark.parametrize("kind", ["Validating", "Mutating"])
def test_webhook_of_any_product_without_endpoints(
    namespace: str, name: str, labels: dict[str, str], product: str, kind: str
) -> None:
    """Diagnosed at that Service; fix and runbook name the product, its namespace and its workload, not MetalLB's."""
    cause, found = cause_in(with_product(namespace, name, labels, kind=kind))
    plan = RUNBOOKS["webhook-endpoints"].plan(
        Situation(inventory=Inventory(metallb_namespace="metallb-system"), findings=found, diagnosis=diagnose(found))
    )
    said = words(cause.fix) if cause.fix else ""
    shown = "\n".join([words(plan.steps[0].title), *(str(form) for form in plan.steps[0].forms)])

    assert ("no-endpoints", (ServicePlace(namespace, name),)) == (cause.slug, cause.at)
    assert [True] * 3 == [what in said for what in (f"-n {namespace} ", f"deployment/{name}-deployment", product)]
    assert [True] * 3 == [what in shown for what in (f"-n {namespace} ", f"{name}-deployment", product)]
    assert "metallb" not in f"{said}{shown}".lower()


def ready(cluster: Snapshot, namespace: str, name: str) -> Snapshot:
    """The cluster with an endpoint behind a Service."""
    slices = EndpointSlice(
        metadata=Metadata(namespace=namespace, labels={"kubernetes.io/service-name": name}),
        endpoints=(msgspec.structs.replace(cluster.endpoint_slices[0].endpoints[0]),),  # type: ignore[index]
        ports=(EndpointPort(port=10250),),
    )
    return msgspec.structs.replace(cluster, endpoint_slices=(*cluster.endpoint_slices, slices))


@pytest.mark.parametrize(
    ("namespace", "name", "labels", "told"),
    [
        ("cert-manager", "cert-manager-webhook", {"app": "webhook"}, "cert-manager-cainjector"),
        ("kyverno", "kyverno-svc", {"app": "x"}, "Kyverno registers its webhooks"),
        ("in", "nginx-admission", {"app.kubernetes.io/name": "ingress-nginx"}, "ingress-nginx-admission-create"),
        ("team", "own", {"app": "own"}, "rollout restart deployment/own-deployment"),
    ],
)
def test_ca_bundle_of_any_product(namespace: str, name: str, labels: dict[str, str], told: str) -> None:
    """What is to be done is that product's way of renewing it."""
    broken = ready(with_product(namespace, name, labels, OTHER_BUNDLE), namespace, name)
    cause, found = cause_in(broken)
    plan = RUNBOOKS["redeploy-metallb"].plan(
        Situation(
            inventory=Inventory(metallb_namespace="metallb-system", metallb_controller="controller"),
            findings=found,
            diagnosis=diagnose(found),
        )
    )
    shown = "\n".join([words(plan.title), *(str(form) for step in plan.steps for form in step.forms)])

    assert ("ca-bundle", (ServicePlace(namespace, name),)) == (cause.slug, cause.at)
    assert cause.fix
    assert (True, False) == (told in words(cause.fix), "metallb" in words(cause.fix).lower())
    assert (True, False) == (f"-n {namespace} " in shown, "metallb" in shown.lower())


def test_product_with_a_right_certificate_is_healthy() -> None:
    """Another product's webhook that answers changes no verdict."""
    sound = ready(
        with_product("cert-manager", "cert-manager-webhook", CERT_MANAGER), "cert-manager", "cert-manager-webhook"
    )
    assert "healthy" == diagnose(run(sound)).verdict


def test_what_is_called_through_the_api_server_needs_no_bundle() -> None:
    """An aggregated API behind `default/kubernetes` is called by the API server's own authority."""
    hook = webhook(name="own", client_config=reference("default", "kubernetes", ""))
    base = snapshot()
    cluster = msgspec.structs.replace(base, webhook_configurations=(*base.webhook_configurations, configuration(hook)))
    found = judged(cluster)
    at = [s.outcome for s in found["ca-bundle"].seen if str(s.place) == "own"]
    assert (["pass"], ()) == (at, found["endpoints"].where)


def test_target_port_on_which_nobody_listens() -> None:
    """A number that is wrong is no missing endpoint: the pods are ready, and refuse."""
    world = dict(healthy())
    for code, at in healthy():
        own = code == "services.target-port" and at == ServicePlace("metallb-system", "metallb-webhook-service")
        if own or code in ("paths.webhook-endpoint", "paths.webhook-service", "webhook.dry-run"):
            world[code, at] = "refused"
        elif code == "webhook.ca-bundle":
            world[code, at] = "unseen"
    assert "wrong-target-port" == diagnose(worlds.findings(world)).verdict


def test_namesakes_of_two_sorts_are_two() -> None:
    """cert-manager's configurations have one name and its webhooks too: a bundle that is missing in one is seen."""
    hooks = [
        webhook(name="webhook.cert-manager.io", client_config=reference("cert-manager", "w", bundle))
        for bundle in (PEM_BASE64, "")
    ]
    configurations = tuple(
        msgspec.structs.replace(configuration(hook, of_kind=kind), metadata=Metadata(name="cert-manager-webhook"))
        for hook, kind in zip(hooks, ("Validating", "Mutating"), strict=True)
    )
    found = judged(msgspec.structs.replace(snapshot(), webhook_configurations=configurations))["ca-bundle"]
    at = ("cert-manager-webhook", "webhook.cert-manager.io", "cert-manager/w")
    assert {(place.Webhook(*at), "unseen"), (place.Webhook(*at, "mutating"), "missing")} == {
        (s.place, s.outcome) for s in found.seen
    }


def judged(cluster: Snapshot) -> dict[str, Finding]:
    """What the check says of the snapshot alone."""
    return {f.code.partition(".")[2]: f for f in CHECK.judge(CHECK.gather(cluster, {}, ()))}


def definition(**changes: Any) -> dict[str, Any]:
    """A CustomResourceDefinition as the API gives it."""
    conversion = {
        "strategy": "Webhook",
        "webhook": {"clientConfig": {"service": {"name": "hook", "namespace": "capi", "path": "/convert"}}},
    }
    spec = {"group": "x.io", "versions": [{"name": "v1"}, {"name": "v2"}], "conversion": conversion} | changes
    return {"metadata": {"name": "things.x.io"}, "spec": spec}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 1),
        ({"versions": [{"name": "v1"}]}, 0),
        ({"conversion": {"strategy": "None"}}, 0),
        ({"conversion": {"strategy": "Webhook"}}, 0),
    ],
)
def test_conversion_webhooks_are_webhooks(changes: dict[str, Any], expected: int) -> None:
    """They stand in definitions; one that converts nothing is called by nobody."""
    found = msgspec.convert(definition(**changes), Definition).configuration
    assert expected == len([found] if found else [])
    if found:
        base = snapshot()
        cluster = msgspec.structs.replace(base, webhook_configurations=(*base.webhook_configurations, found))
        at = place.Webhook("things.x.io", "things.x.io", "capi/hook", "conversion")
        assert (ServicePlace("capi", "hook"),) == judged(cluster)["endpoints"].where
        assert (at,) == judged(cluster)["ca-bundle"].where
        assert "pass" == judged(cluster)["configuration"].outcome


def test_metallbs_webhooks_are_known_by_their_api_group() -> None:
    """Under any name; a policy engine, which is called for all objects, is not MetalLB's."""
    rules = {
        "ours": Rule(api_groups=("metallb.io",), resources=("ipaddresspools",), operations=("CREATE", "UPDATE")),
        "peers": Rule(api_groups=("metallb.io",), resources=("bgppeers",), operations=("CREATE",)),
        "kyverno": Rule(api_groups=("*",), resources=("*/*",), operations=("CREATE",)),
    }
    hooks = [webhook(name=name, rules=(rule,), client_config=reference("lb", name)) for name, rule in rules.items()]
    cluster = msgspec.structs.replace(snapshot(), webhook_configurations=(WebhookConfiguration(webhooks=tuple(hooks)),))
    paths = judged(cluster)["dry-run"].seen
    assert ["lb/ours"] == [str(s.place).rpartition(" ")[2] for s in paths]


@pytest.mark.parametrize(
    ("selector", "made", "expected"),
    [
        ({"app": "a"}, [("a", {"app": "a"}), ("b", {"app": "b"})], "a"),
        ({"app": "a", "tier": "x"}, [("a", {"app": "a", "tier": "y"}), ("b", {"app": "b"})], "a"),
        ({"app": "gone"}, [("a", {"app": "a"})], "a"),
        ({}, [("a", {"app": "a"})], "a"),
        ({}, [("a", {"app": "a"}), ("b", {"app": "b"})], ""),
        ({"app": "a"}, [], ""),
    ],
)
def test_workload_behind_a_service(
    selector: dict[str, str], made: list[tuple[str, dict[str, str]]], expected: str
) -> None:
    """Whose pods it selects, or would if its selector were right; of several that look alike none is named."""
    cluster = Snapshot(
        services=(Service(metadata=Metadata(name="s", namespace="n"), spec=ServiceSpec(selector=selector)),),
        workloads=tuple(workload("n", name, labels, "StatefulSet") for name, labels in made),
    )
    backing = behind(cluster, "n", "s")
    assert expected == backing.workload
    assert (f"statefulset/{expected}" if expected else "deployment") == backing.target


def test_service_that_is_not_there_is_told_by_its_name() -> None:
    """With the namespace for a product, where nothing tells more."""
    assert Backing(namespace="x", service="y", product="x") == behind(Snapshot(), "x", "y")
