"""The founding incident: the tunnel offload of the adapter loses TCP and UDP inside the tunnel; ping passes."""

from checks.diagnosis.declaration import Declaration
from checks.diagnosis.mechanisms import TUNNEL_IPV6, TUNNEL_TCP
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="vmxnet3-tunnel-offload",
    title=say("VMXNET3 tunnel offload breaks traffic between nodes"),
    at=(Node,),
    stops=(TUNNEL_TCP, TUNNEL_IPV6),
    requires={"nic.adapter": ("vmxnet3",), "nic.tunnel-offload": ("on",)},
    spares=("paths.host-tcp", "paths.same-node", "paths.cross-ping"),
    hides=frozenset({"ipv6-tunnel", "mtu-mismatch", "vmxnet3-lro"}),
    fix=say(
        "On both nodes of one failing pair first, with IFACE the VMXNET3 adapter (`eth0` or so) of {places}: `ethtool "
        "-K IFACE tx-udp_tnl-segmentation off tx-udp_tnl-csum-segmentation off` (both: one alone does nothing). On "
        "Talos 1.10 or newer: an EthernetConfig document with both features false, applied with `--mode=no-reboot`. "
        "Then diagnose again. If that is not possible or does not help, replace the adapter with e1000e."
    ),
    rollback=say(
        "`ethtool -K IFACE tx-udp_tnl-segmentation on tx-udp_tnl-csum-segmentation on`; on Talos set both to true."
    ),
    decide=say("Switch both tunnel offloads off on one pair of nodes and probe that pair again: it must flip."),
    source="Talos documentation on VMware; Linux vmxnet3_set_features; metallb/metallb #2566",
    example={
        "nic.tunnel-offload": "on",
        "paths.cross-tcp": "lost",
        "paths.cross-tcp-bulk": "lost",
        "paths.host-pod": "lost",
        "paths.webhook-endpoint": "timeout",
        "paths.webhook-service": "timeout",
        "paths.checksum-errors": "rising",
        "webhook.dry-run": "timeout",
        "dns.replica-remote": "tcp-unanswered",
        "dns.transport": "udp-only",
    },
)
