"""Whom the API server finds behind a webhook's Service is what its own resolver would find."""

from typing import Any

import msgspec
import pytest

from checks.cluster.snapshot import (
    Container,
    Endpoint,
    EndpointConditions,
    EndpointPort,
    EndpointSlice,
    Metadata,
    PodSpec,
    Service,
    ServicePort,
    ServiceReference,
    ServiceSpec,
    Snapshot,
)
from checks.finding import Severity
from checks.place import Service as ServicePlace
from checks.webhook import CHECK
from checks.webhook.resolve import resolve
from tests.checks.objects import (
    NAMESPACE,
    SERVICE,
    cluster,
    configuration,
    endpoint,
    endpoint_slice,
    lose,
    pod,
    webhook,
)
from tests.checks.words import words

REFERENCE = ServiceReference(name=SERVICE, namespace=NAMESPACE)


def with_service(**changes: Any) -> Snapshot:
    """The cluster with its webhook's Service changed."""
    (service,) = cluster().services
    spec = msgspec.structs.replace(service.spec, **changes)
    return cluster(services=(msgspec.structs.replace(service, spec=spec),))


def with_conditions(*conditions: EndpointConditions) -> Snapshot:
    """The cluster with these endpoints."""
    ends = [
        msgspec.structs.replace(endpoint(f"10.244.1.{i}", "w1", f"controller-{i}"), conditions=each)
        for i, each in enumerate(conditions)
    ]
    return cluster(endpoint_slices=(endpoint_slice(SERVICE, *ends),))


def routing(snapshot: Snapshot, *words: str, component: str = "kube-apiserver") -> Snapshot:
    """A cluster whose API server was started with these words."""
    server = msgspec.structs.replace(
        pod("kube-apiserver-cp", "cp", "172.30.0.10", labels={"component": component}),
        spec=PodSpec(node_name="cp", containers=(Container(name=component, command=(component, *words)),)),
    )
    return msgspec.structs.replace(snapshot, pods=(*snapshot.pods, server))


READY, NOT_READY = EndpointConditions(ready=True), EndpointConditions(ready=False)
LEAVING = EndpointConditions(ready=False, serving=True, terminating=True)
GONE = EndpointConditions(ready=False, serving=False, terminating=True)
HEADLESS = {"cluster_ip": "None"}
ROUTED = "--enable-aggregator-routing"


@pytest.mark.parametrize(
    ("snapshot", "outcome"),
    [
        (cluster(), "pass"),
        (with_service(type="NodePort"), "pass"),
        (with_service(type="LoadBalancer"), "pass"),
        (with_service(ports=(ServicePort(port=8443),)), "no-port"),
        (with_service(ports=()), "no-port"),
        (with_service(**HEADLESS), "headless"),
        (with_service(**HEADLESS, ports=()), "headless"),
        (with_service(type="ExternalName", cluster_ip="", external_name="hook.example.org"), "external"),
        (with_service(type="Strange"), "unsupported"),
        (with_service(ports=(ServicePort(name="https", port=443, target_port="https"),)), "wrong-port"),
        (with_service(internal_traffic_policy="Local"), "not-local"),
        (cluster(services=()), "no-service"),
        (cluster(endpoint_slices=()), "none"),
        (with_conditions(NOT_READY), "none"),
        (with_conditions(GONE), "none"),
        (lose(with_conditions(NOT_READY, GONE), "w1"), "node-not-ready"),
        (lose(with_conditions(NOT_READY), "w2"), "none"),
        (lose(cluster(endpoint_slices=()), "w1"), "none"),
        (with_conditions(NOT_READY, LEAVING), "leaving"),
        (with_conditions(LEAVING, READY), "pass"),
        (with_conditions(EndpointConditions()), "pass"),
        (routing(with_service(**HEADLESS), ROUTED), "pass"),
        (routing(with_service(**HEADLESS), f"{ROUTED}=true"), "pass"),
        (routing(with_service(**HEADLESS), f"{ROUTED}=false"), "headless"),
        (routing(with_service(**HEADLESS), ROUTED, component="other"), "headless"),
        (routing(with_service(type="ExternalName", external_name="a.b"), ROUTED), "unsupported"),
        (routing(with_conditions(LEAVING), ROUTED), "none"),
        (routing(with_service(internal_traffic_policy="Local"), ROUTED), "pass"),
    ],
)
def test_what_the_api_server_finds(snapshot: Snapshot, outcome: str) -> None:
    """By the Service's address, unless its command tells it to choose an endpoint itself."""
    finding = next(f for f in CHECK.judge(CHECK.gather(snapshot, {}, ())) if f.code == "webhook.endpoints")
    assert (outcome, outcome) == (resolve(snapshot, REFERENCE).outcome, finding.outcome)
    assert [(ServicePlace(NAMESPACE, SERVICE), outcome)] == [(s.place, s.outcome) for s in finding.seen]


def test_the_port_that_the_webhook_names_decides() -> None:
    """Of several ports of a Service the one of that number, by whatever name it has in the slices."""
    ports = (ServicePort(name="metrics", port=9402), ServicePort(name="hook", port=443, target_port="hook"))
    slices = EndpointSlice(
        metadata=Metadata(namespace=NAMESPACE, labels={"kubernetes.io/service-name": SERVICE}),
        endpoints=(endpoint("10.244.1.5", "w1"),),
        ports=(EndpointPort(name="metrics", port=9402), EndpointPort(name="hook", port=10250)),
    )
    snapshot = msgspec.structs.replace(with_service(ports=ports), endpoint_slices=(slices,))
    assert [10250] == [port for _, port in resolve(snapshot, REFERENCE).targets]


def test_endpoints_of_several_slices_count() -> None:
    """A slice whose pods do not have the port is no reason, as long as another one's do."""
    good = endpoint_slice(SERVICE, endpoint("10.244.1.5", "w1"))
    bare = msgspec.structs.replace(endpoint_slice(SERVICE, endpoint("10.244.2.5", "w2")), ports=None)
    resolved = resolve(cluster(endpoint_slices=(bare, good)), REFERENCE)
    assert ("pass", ["10.244.1.5"], 2) == (
        resolved.outcome,
        [e.addresses[0] for e, _ in resolved.targets],
        resolved.total,
    )


def test_the_api_servers_own_service_needs_no_endpoint() -> None:
    """It does not leave itself."""
    own = ServiceReference(name="kubernetes", namespace="default")
    assert "pass" == resolve(Snapshot(), own).outcome


def test_each_port_of_a_service_counts() -> None:
    """Two webhooks behind one Service may name different ports: the worse of the two stands for it."""
    other = msgspec.structs.replace(webhook().client_config, service=msgspec.structs.replace(REFERENCE, port=8443))
    hooks = (webhook(), webhook(name="other", client_config=other))
    snapshot = cluster(webhook_configurations=(configuration(*hooks),))
    finding = next(f for f in CHECK.judge(CHECK.gather(snapshot, {}, ())) if f.code == "webhook.endpoints")
    assert [(ServicePlace(NAMESPACE, SERVICE), "no-port")] == [(s.place, s.outcome) for s in finding.seen]
    assert f"{NAMESPACE}/{SERVICE} (MetalLB) has no port 8443, by which its webhook is called; it has 443." == words(
        finding.text
    )


def test_webhooks_whose_failures_are_ignored_hold_nothing_up() -> None:
    """Nobody behind them is degraded and not failed; one that fails requests is enough for the graver word."""
    ignored, heeded = webhook(failure_policy="Ignore"), webhook(name="other")
    for hooks, severity in (((ignored,), Severity.DEGRADED), ((ignored, heeded), Severity.FAILED)):
        snapshot = cluster(endpoint_slices=(), webhook_configurations=(configuration(*hooks),))
        finding = next(f for f in CHECK.judge(CHECK.gather(snapshot, {}, ())) if f.code == "webhook.endpoints")
        assert severity == finding.severity


def test_endpoint_without_addresses_is_nobody() -> None:
    """As an API server may leave it for a moment."""
    empty = Endpoint(node_name="w1")
    assert "none" == resolve(cluster(endpoint_slices=(endpoint_slice(SERVICE, empty),)), REFERENCE).outcome


def test_service_without_a_type_has_an_address() -> None:
    """ClusterIP is what the API means by none."""
    service = Service(
        metadata=Metadata(name=SERVICE, namespace=NAMESPACE),
        spec=ServiceSpec(type="", cluster_ip="10.96.0.5", ports=(ServicePort(port=443),)),
    )
    assert "pass" == resolve(cluster(services=(service,)), REFERENCE).outcome
