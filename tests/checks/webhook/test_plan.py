"""Which jobs tell how the API server reaches a webhook."""

import msgspec
import pytest

from checks.cluster.snapshot import (
    CustomObject,
    EndpointConditions,
    EndpointPort,
    Metadata,
    Service,
    ServicePort,
    ServiceReference,
    ServiceSpec,
    Snapshot,
    WebhookClientConfig,
)
from checks.observation import Network
from checks.webhook.model import Handshake, Parameters, Request
from checks.webhook.plan import plan
from tests.checks.objects import (
    NAMESPACE,
    PEM_BASE64,
    SERVICE,
    cluster,
    configuration,
    endpoint,
    endpoint_slice,
    webhook,
)

HANDSHAKE = Handshake(
    pod="controller",
    address="10.244.1.5",
    port=9443,
    server_name="metallb-webhook-service.metallb-system.svc",
)


def pool(*addresses: str) -> CustomObject:
    """An IPAddressPool."""
    return CustomObject(kind="IPAddressPool", metadata=Metadata(name="pool"), spec={"addresses": list(addresses)})


def requests(snapshot: Snapshot) -> dict[str, Request]:
    """The planned requests by node; the worker's is at the empty name."""
    tasks = plan(snapshot, Parameters())
    assert {Network.CLUSTER if not task.node else Network.HOST for task in tasks} == {task.network for task in tasks}
    return {task.node: task.request for task in tasks}


def test_dry_run_on_the_worker_and_handshake_on_the_endpoints_node() -> None:
    """Both run at the same time; the handshake stays on its node, so that a broken tunnel does not disturb it."""
    planned = requests(cluster())
    assert {"", "w1"} == planned.keys()
    assert (HANDSHAKE,) == planned["w1"].handshakes
    assert planned[""].dry_run
    assert 12 == planned[""].dry_run.timeout_s


def test_many_webhooks_of_one_service_are_one_handshake() -> None:
    """MetalLB has seven webhooks behind one Service with one caBundle."""
    hooks = tuple(webhook(name=f"{name}validationwebhook.metallb.io") for name in ("ipaddresspool", "bgppeer", "bfd"))
    assert (HANDSHAKE,) == requests(cluster(webhook_configurations=(configuration(*hooks),)))["w1"].handshakes


def test_endpoints_that_are_not_ready_are_left_alone() -> None:
    """What kube-proxy does not send to is not asked."""
    unready = msgspec.structs.replace(endpoint("10.244.1.5", "w1"), conditions=EndpointConditions(ready=False))
    assert {""} == requests(cluster(endpoint_slices=(endpoint_slice(SERVICE, unready),))).keys()


def test_webhook_without_a_ca_bundle_has_nothing_to_be_verified_by() -> None:
    """So that nobody shakes hands with it; the dry run is made all the same."""
    unsigned = webhook(client_config=msgspec.structs.replace(webhook().client_config, ca_bundle=""))
    assert {""} == requests(cluster(webhook_configurations=(configuration(unsigned),))).keys()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://hook.example.org", ("hook.example.org:443", "hook.example.org", 443)),
        ("https://hook.example.org:8443/validate?timeout=5s", ("hook.example.org:8443", "hook.example.org", 8443)),
        ("https://[fd00::1]/x", ("fd00::1:443", "fd00::1", 443)),
        ("https://hook.example.org:99999/", None),
        ("https:///x", None),
    ],
)
def test_webhook_by_url_is_greeted_from_the_api_servers_node(url: str, expected: tuple[str, str, int] | None) -> None:
    """As the API server does, by the URL's own name and with the node's own resolver; a URL without a host is not."""
    by_url = webhook(name="x", client_config=WebhookClientConfig(url=url, ca_bundle=PEM_BASE64))
    planned = requests(cluster(webhook_configurations=(configuration(by_url),)))
    assert ({"cp"} if expected else set()) == planned.keys()
    assert [expected] * bool(expected) == [
        (h.pod, h.address, h.port) for request in planned.values() for h in request.handshakes
    ]


def test_external_name_is_greeted_by_the_services_name() -> None:
    """The API server goes to the other host, and expects the certificate of the Service."""
    service = Service(
        metadata=Metadata(name=SERVICE, namespace=NAMESPACE),
        spec=ServiceSpec(type="ExternalName", external_name="hook.example.org"),
    )
    (greeting,) = requests(cluster(services=(service,)))["cp"].handshakes
    assert ("hook.example.org", 443, HANDSHAKE.server_name) == (greeting.address, greeting.port, greeting.server_name)


def test_every_webhook_of_the_cluster_is_greeted() -> None:
    """Of whatever product and sort; a namespace that is named limits it to its Services."""
    of_another = webhook(
        name="x",
        client_config=WebhookClientConfig(
            service=ServiceReference(name="hook", namespace="cert-manager", port=8443), ca_bundle=PEM_BASE64
        ),
    )
    snapshot = cluster(
        services=(
            *cluster().services,
            Service(
                metadata=Metadata(name="hook", namespace="cert-manager"),
                spec=ServiceSpec(cluster_ip="10.96.1.1", ports=(ServicePort(name="https", port=8443),)),
            ),
        ),
        endpoint_slices=(
            *cluster().endpoint_slices,
            msgspec.structs.replace(
                endpoint_slice("hook", endpoint("10.244.2.7", "w2", "hook-a"), namespace="cert-manager"),
                ports=(EndpointPort(name="metrics", port=9402), EndpointPort(name="https", port=10250)),
            ),
        ),
        webhook_configurations=(configuration(webhook()), configuration(of_another, of_kind="Mutating")),
    )
    other = Handshake(pod="hook-a", address="10.244.2.7", port=10250, server_name="hook.cert-manager.svc")
    planned = requests(snapshot)
    assert ((HANDSHAKE,), (other,)) == (planned["w1"].handshakes, planned["w2"].handshakes)
    assert [("w2", (other,))] == [
        (task.node, task.request.handshakes) for task in plan(snapshot, Parameters(namespace="cert-manager"))
    ]


def test_dry_run_is_made_where_metallb_looks() -> None:
    """Elsewhere its webhook refuses the object whatever is in it."""
    elsewhere = [msgspec.structs.replace(w.metadata, namespace="lb") for w in cluster().workloads]
    labels = ({"app": "metallb", "component": "controller"}, {"app": "metallb", "component": "speaker"})
    workloads = tuple(
        msgspec.structs.replace(w, metadata=msgspec.structs.replace(meta, labels=marks))
        for w, meta, marks in zip(cluster().workloads, elsewhere, labels, strict=True)
    )
    dry_run = requests(cluster(workloads=workloads))[""].dry_run
    assert dry_run
    assert "lb" == dry_run.namespace


def test_dry_run_fits_the_deadline() -> None:
    """A webhook that may take 30 s is waited for as long as the check's deadline allows."""
    dry_run = requests(cluster(webhook_configurations=(configuration(webhook(timeout_seconds=30)),)))[""].dry_run
    assert dry_run
    assert 12.5 == dry_run.timeout_s


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ((), "192.0.2.0/24"),
        (("192.0.2.10-192.0.2.20",), "198.51.100.0/24"),
        (("192.0.0.0/16", "198.51.100.7/32"), "203.0.113.0/24"),
        (("fd00::/64", "nonsense", "9.9.9.9-1.1.1.1", "10.0.0.1 - 10.0.0.9"), "192.0.2.0/24"),
        (("0.0.0.0/0",), "192.0.2.0/24"),
    ],
)
def test_pool_of_the_dry_run_overlaps_none(taken: tuple[str, ...], expected: str) -> None:
    """MetalLB refuses pools that overlap, so a range is taken that no pool has."""
    dry_run = requests(cluster(metallb=(pool(*taken),)))[""].dry_run
    assert dry_run
    assert expected == dry_run.addresses


def test_nothing_to_do_without_webhooks() -> None:
    """A cluster without MetalLB gets no job."""
    assert {} == requests(Snapshot())
