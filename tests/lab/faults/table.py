"""The faults, one entry each. A new one is an entry here and its two functions."""

from tests.lab.faults import cluster, network
from tests.lab.faults.model import Fault, Parameter, node_parameter, one_of, within

FAULTS = (
    Fault(
        "vmxnet3-tunnel-offload",
        "eth0 damages encapsulated TCP and UDP while its tunnel offloads are on; both off cures it",
        network.inject_tunnel_offload,
        network.undo_tunnel_offload,
        {"node": node_parameter("w1")},
    ),
    Fault(
        "firewall-vxlan",
        "the node's own firewall drops VXLAN",
        network.inject_firewall,
        network.undo_firewall,
        {"node": node_parameter("w1")},
    ),
    Fault(
        "mtu-mismatch",
        "the network loses frames above a size to and from the node and says nothing",
        network.inject_mtu,
        network.undo_mtu,
        {"node": node_parameter("w1"), "mtu": Parameter("1400", within(600, 1499), "bytes, 600 to 1499")},
    ),
    Fault(
        "forwarding",
        "the node's FORWARD chain rejects TCP out of the tunnel, or drops everything",
        network.inject_forwarding,
        network.undo_forwarding,
        {"node": node_parameter("w1"), "verdict": Parameter("reject", one_of("reject", "drop"), "reject or drop")},
    ),
    Fault(
        "wrong-fdb-entry",
        "the node sends the tunnel's packets for its peers to an address that nobody has",
        network.inject_wrong_entry,
        network.undo_wrong_entry,
        {"node": node_parameter("w1")},
    ),
    Fault(
        "underlay-loss",
        "the network below loses a share of the frames to and from the node",
        network.inject_loss,
        network.undo_loss,
        {"node": node_parameter("w1"), "share": Parameter("10", within(1, 100), "percent, 1 to 100")},
    ),
    Fault(
        "vxlan-port-conflict",
        "the network below takes the tunnel's datagrams to and from the node for its own",
        network.inject_port_conflict,
        network.undo_port_conflict,
        {"node": node_parameter("w1")},
    ),
    Fault(
        "vmxnet3-lro",
        "eth0 loses the large TCP segments that arrive through the tunnel",
        network.inject_receive_offload,
        network.undo_receive_offload,
        {"node": node_parameter("w1")},
    ),
    Fault(
        "webhook-blocked",
        "a rule drops what other nodes send to the webhook's pod, and nothing else",
        network.inject_webhook_blocked,
        network.undo_webhook_blocked,
    ),
    Fault(
        "kube-proxy",
        "the node's own and its pods' connections to Service addresses are not translated",
        network.inject_untranslated,
        network.undo_untranslated,
        {"node": node_parameter("cp")},
    ),
    Fault(
        "no-endpoints",
        "the webhook's Service selects no pod",
        cluster.inject_no_endpoints,
        cluster.undo_no_endpoints,
    ),
    Fault(
        "coredns-replica",
        "the CoreDNS replica on the node loses a share of its UDP queries",
        cluster.inject_replica_loss,
        cluster.undo_replica_loss,
        {"node": node_parameter("w2"), "share": Parameter("30", within(1, 100), "percent, 1 to 100")},
    ),
    Fault(
        "ca-bundle",
        "the webhook configuration trusts the wrong CA and the controller may not put it right",
        cluster.inject_ca_bundle,
        cluster.undo_ca_bundle,
        remember=cluster.remember_ca_bundle,
    ),
    Fault(
        "pod-security",
        "the Pod Security level of MetalLB's namespace forbids its speakers",
        cluster.inject_pod_security,
        cluster.undo_pod_security,
        remember=cluster.remember_pod_security,
    ),
)
