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
)
