"""Which jobs tell how the API server reaches a webhook."""

import msgspec
import pytest

from checks.cluster.snapshot import CustomObject, EndpointConditions, Metadata, Snapshot, WebhookClientConfig
from checks.observation import Network
from checks.webhook.model import Handshake, Parameters, Request
from checks.webhook.plan import plan
from tests.checks.objects import PEM_BASE64, SERVICE, cluster, configuration, endpoint, endpoint_slice, webhook

HANDSHAKE = Handshake(
    pod="controller",
    address="10.244.1.5",
    port=9443,
    server_name="metallb-webhook-service.metallb-system.svc",
    ca_bundle=PEM_BASE64,
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


def test_webhooks_that_give_nothing_to_verify() -> None:
    """A webhook by URL has no endpoints of the cluster's; one without a caBundle has nothing to verify by."""
    by_url = webhook(client_config=WebhookClientConfig(url="https://hook.example.org"))
    unsigned = webhook(client_config=msgspec.structs.replace(webhook().client_config, ca_bundle=""))
    assert {} == requests(cluster(webhook_configurations=(configuration(by_url),)))
    assert {""} == requests(cluster(webhook_configurations=(configuration(by_url, unsigned),))).keys()


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
