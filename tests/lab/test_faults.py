"""Every fault has its real effect, seen with plain tools, and `heal` undoes it."""

import json
import time
from collections.abc import Callable

import pytest

from tests.lab.faults import switch
from tests.lab.faults.harmless import HARMLESS
from tests.lab.faults.table import FAULTS
from tests.lab.fixtures import Cluster, Injector, run_lab
from tests.lab.layout import CONTROL_PLANE, DNS_SERVICE, W1, W2, nodes, workers
from tests.lab.plain_tools import answered, dry_run, echoed, eventually, ping, pod_on, tcp, tcp_checksum_errors
from tests.lab.process import on_node

pytestmark = pytest.mark.lab

DNS = "k8s-app=kube-dns"
WEBHOOK_TIMEOUT_S = 10
FEW_MILLISECONDS = 2.0


@pytest.fixture
def coredns(lab: Cluster) -> Callable[..., str]:
    """The address of the CoreDNS replica on a node."""
    assert lab
    return lambda node: pod_on(node, "kube-system", DNS)[1]


def test_tunnel_offload_kills_tcp_and_spares_ping(lab: Cluster, fault: Injector, coredns: Callable[..., str]) -> None:
    """With a bad adapter on w1, ping passes, TCP and the webhook time out, and the receiver counts checksum errors."""
    fault("vmxnet3-tunnel-offload")
    assert ping(CONTROL_PLANE, coredns(W1))
    assert not tcp(CONTROL_PLANE, coredns(W1), 53)
    assert not tcp(W1, coredns(W2), 53)
    assert tcp(CONTROL_PLANE, coredns(W2), 53)
    error, seconds = dry_run(lab)
    assert "failed calling webhook" in error
    assert "context deadline exceeded" in error
    assert WEBHOOK_TIMEOUT_S <= seconds < WEBHOOK_TIMEOUT_S + 2


def test_tunnel_offload_is_counted_in_the_receiving_pod(lab: Cluster, fault: Injector) -> None:
    """TCP from w1 to a pod on w2 raises the checksum errors in that pod's own network namespace."""
    assert lab
    pod, address = pod_on(W2, "netcheck", "app.kubernetes.io/component=agent-pod")
    fault("vmxnet3-tunnel-offload")
    before = tcp_checksum_errors(pod, "netcheck")
    assert not tcp(W1, address, 9707)
    assert tcp_checksum_errors(pod, "netcheck") > before


def test_both_offloads_off_cure(lab: Cluster, fault: Injector, coredns: Callable[..., str]) -> None:
    """One tunnel offload off does nothing; both off cure within a second; one on again breaks it again."""
    assert lab
    address = coredns(W1)
    fault("vmxnet3-tunnel-offload")
    on_node(W1, "ethtool", "-K", "eth0", "tx-udp_tnl-segmentation", "off")
    assert not tcp(CONTROL_PLANE, address, 53)
    on_node(W1, "ethtool", "-K", "eth0", "tx-udp_tnl-csum-segmentation", "off")
    assert eventually(lambda: tcp(CONTROL_PLANE, address, 53), 1.0)
    on_node(W1, "ethtool", "-K", "eth0", "tx-udp_tnl-csum-segmentation", "on")
    assert eventually(lambda: not tcp(CONTROL_PLANE, address, 53), 5.0)


def test_firewall_kills_everything_in_the_tunnel(fault: Injector, coredns: Callable[..., str]) -> None:
    """Not even a ping passes between pods, while the nodes themselves reach each other."""
    fault("firewall-vxlan")
    assert not ping(CONTROL_PLANE, coredns(W1))
    assert ping(CONTROL_PLANE, W1.address)


def test_port_conflict_takes_the_tunnel_away_below_the_node(fault: Injector, coredns: Callable[..., str]) -> None:
    """Nothing passes between pods, although the node's own firewall has no rule; the nodes reach each other."""
    fault("vxlan-port-conflict")
    assert not ping(CONTROL_PLANE, coredns(W1))
    assert ping(CONTROL_PLANE, W1.address)
    assert "udp" not in on_node(W1, "nft", "list", "ruleset", "inet")


def test_receive_offload_loses_large_segments_alone(lab: Cluster, fault: Injector) -> None:
    """A ping as large as the pod network allows passes, and so does a TCP connection; what is sent in bulk does not."""
    assert lab
    _, address = pod_on(W1, "netcheck", "app.kubernetes.io/component=agent-pod")
    assert echoed(CONTROL_PLANE, address)
    fault("vmxnet3-lro")
    assert ping(CONTROL_PLANE, address, size=1450 - 28)
    assert tcp(CONTROL_PLANE, address, 9707)
    assert not echoed(CONTROL_PLANE, address)


def test_the_way_to_the_webhook_alone_is_blocked(lab: Cluster, fault: Injector, coredns: Callable[..., str]) -> None:
    """The webhook times out; other pods of its node answer."""
    fault("webhook-blocked")
    assert "context deadline exceeded" in dry_run(lab)[0]
    assert tcp(CONTROL_PLANE, coredns(W1), 53)


def test_without_kube_proxy_only_service_addresses_fail(fault: Injector, coredns: Callable[..., str]) -> None:
    """A Service's address does not answer the node; the pods behind it do, and other nodes have the Service."""
    fault("kube-proxy")
    assert not tcp(CONTROL_PLANE, DNS_SERVICE, 53)
    assert tcp(CONTROL_PLANE, coredns(W1), 53)
    assert tcp(W1, DNS_SERVICE, 53)


def test_a_wrong_checksum_only_hurts_translated_sources(fault: Injector, coredns: Callable[..., str]) -> None:
    """The node reaches a pod by its address and not by its Service's; pods' own calls are not translated so."""
    fault("vxlan-tx-checksum")
    assert tcp(CONTROL_PLANE, coredns(W1), 53)
    assert not all(tcp(CONTROL_PLANE, DNS_SERVICE, 53) for _ in range(20))


def test_the_api_server_asks_a_proxy(lab: Cluster, fault: Injector) -> None:
    """The webhook is called through a proxy that is not there; healed, it is called itself."""
    fault("apiserver-proxy")
    assert "proxyconnect" in dry_run(lab)[0]
    switch.heal()
    assert eventually(lambda: dry_run(lab)[0] == "")


def test_a_fault_of_ipv6_is_refused_where_there_is_none(lab: Cluster) -> None:
    """It says what the lab lacks, and nothing is on afterwards."""
    assert lab
    refused = run_lab("fault", "ipv6-dad")
    assert (True, []) == ("up --dual-stack" in refused.stderr, switch.active())


def test_pod_security_keeps_speakers_away(lab: Cluster, fault: Injector) -> None:
    """No speaker is made, and the DaemonSet's events say why; healed, all are back at once."""
    fault("pod-security")
    assert "" == lab.read("-n", "metallb-system", "get", "pods", "-l", "component=speaker", "-o", "name")
    described = ("-n", "metallb-system", "describe", "daemonset", "speaker")
    assert eventually(lambda: "violates PodSecurity" in lab.read(*described))
    switch.heal()
    assert "3" == lab.read(
        "-n", "metallb-system", "get", "daemonset", "speaker", "-o", "jsonpath={.status.numberReady}"
    )


def test_small_packets_pass_the_mtu_mismatch(fault: Injector, coredns: Callable[..., str]) -> None:
    """A small ping passes, one that fits the pod network's MTU of 1450 bytes does not, and nothing says why."""
    fault("mtu-mismatch", mtu=1400)
    assert ping(CONTROL_PLANE, coredns(W1), size=56)
    assert not ping(CONTROL_PLANE, coredns(W1), size=1450 - 28)
    assert ping(CONTROL_PLANE, coredns(W2), size=1450 - 28)


def test_no_endpoints_are_refused_at_once(lab: Cluster, fault: Injector) -> None:
    """The webhook's EndpointSlice is empty and a dry run fails fast: connection refused."""
    fault("no-endpoints")
    query = ("get", "endpointslices", "-l", "kubernetes.io/service-name=metallb-webhook-service", "-o", "json")
    slices = json.loads(lab.read("-n", "metallb-system", *query))["items"]
    assert [each.get("endpoints") for each in slices] == [None]
    error, seconds = dry_run(lab)
    assert "connection refused" in error
    assert seconds < FEW_MILLISECONDS


def test_one_replica_loses_a_share(fault: Injector, coredns: Callable[..., str]) -> None:
    """The replica on w2 loses about the share of queries that was asked for, the one on w1 none."""
    fault("coredns-replica", share=40)
    assert 80 <= answered(CONTROL_PLANE, coredns(W2), 200) <= 160
    assert answered(CONTROL_PLANE, coredns(W1), 200) >= 198


def test_ca_bundle_stays_wrong(lab: Cluster, fault: Injector) -> None:
    """The API server does not trust the webhook, and MetalLB's certificate rotation cannot put it right."""
    fault("ca-bundle")
    end = time.monotonic() + 3
    while time.monotonic() < end:
        error, _ = dry_run(lab)
        assert "failed to verify certificate" in error


@pytest.mark.parametrize("name", [each.name for each in FAULTS if not each.dual_stack])
@pytest.mark.usefixtures("fault")
def test_heal_restores_a_healthy_cluster(lab: Cluster, name: str) -> None:
    """After fault and heal all is as before, and healing again is fine."""
    before = _settings()
    assert run_lab("fault", name).returncode == 0
    assert switch.active() == [name]
    assert run_lab("heal").stdout.strip() == f"healed: {name}"
    assert run_lab("heal").stdout.strip() == "healed: nothing was broken"
    assert eventually(lambda: dry_run(lab)[0] == "")
    assert _settings() == before
    for node in workers():
        _, address = pod_on(node, "kube-system", DNS)
        assert tcp(CONTROL_PLANE, address, 53)
        assert answered(CONTROL_PLANE, address, 50) == 50


def test_faults_can_be_combined(lab: Cluster, fault: Injector) -> None:
    """Two faults at once, and one `heal` for both."""
    fault("coredns-replica")
    fault("no-endpoints")
    assert switch.active() == ["coredns-replica", "no-endpoints"]
    assert switch.heal() == ["no-endpoints", "coredns-replica"]  # the last one first
    assert eventually(lambda: dry_run(lab)[0] == "")


def test_every_fault_is_listed_in_one_line(lab: Cluster) -> None:
    """`faults` prints one line for each fault and each harmless change."""
    assert lab
    listed = [line.split()[0] for line in run_lab("faults").stdout.splitlines()]
    assert listed == [each.name for each in (*FAULTS, *HARMLESS)]


def _settings() -> list[str]:
    """What faults change on nodes: firewall tables, translation, offloads, and the underlay's MTUs."""
    commands = (
        ("nft", "list", "tables"),
        ("iptables", "-t", "nat", "-S", "PREROUTING"),
        ("iptables", "-t", "nat", "-S", "OUTPUT"),
        ("ethtool", "-k", "eth0"),
        ("sysctl", "net.netfilter.nf_conntrack_checksum"),
    )
    return [on_node(node, *command) for node in (CONTROL_PLANE, *workers()) for command in commands]


def test_a_target_port_without_a_listener_is_refused_at_once(lab: Cluster, fault: Injector) -> None:
    """The webhook's endpoint is ready, and a dry run fails fast: connection refused."""
    fault("wrong-target-port", port=9444)
    query = ("get", "endpointslices", "-l", "kubernetes.io/service-name=metallb-webhook-service", "-o", "json")
    (found,) = json.loads(lab.read("-n", "metallb-system", *query))["items"]
    assert ([9444], [True]) == (
        [port["port"] for port in found["ports"]],
        [endpoint["conditions"]["ready"] for endpoint in found["endpoints"]],
    )
    assert "connection refused" in dry_run(lab)[0]
    switch.heal()
    assert eventually(lambda: dry_run(lab)[0] == "")


def test_a_selector_that_also_matches_speakers_sends_to_them(lab: Cluster, fault: Injector) -> None:
    """Behind the webhook's Service are the controller and every speaker."""
    fault("service-selector")
    query = ("get", "endpointslices", "-l", "kubernetes.io/service-name=metallb-webhook-service", "-o", "json")
    (found,) = json.loads(lab.read("-n", "metallb-system", *query))["items"]
    assert 1 + len(nodes()) == len(found["endpoints"])


def test_local_traffic_is_dropped_where_nobody_is(lab: Cluster, fault: Injector) -> None:
    """The webhook's pod is on a worker, and the API server's calls stay on its own node."""
    fault("no-local-endpoint")
    assert "context deadline exceeded" in dry_run(lab)[0]


def test_a_flushed_chain_takes_service_addresses_away(fault: Injector, coredns: Callable[..., str]) -> None:
    """A Service's address does not answer the node; the pods behind it do; healed, it does."""
    fault("kube-proxy-flushed")
    assert not tcp(CONTROL_PLANE, DNS_SERVICE, 53)
    assert tcp(CONTROL_PLANE, coredns(W1), 53)
    switch.heal()
    assert eventually(lambda: tcp(CONTROL_PLANE, DNS_SERVICE, 53))
