"""Receive offload damages large segments (fixed by Linux 982d30c30eaa): small TCP passes, bulk TCP does not."""

from checks.diagnosis.declaration import Declaration
from checks.diagnosis.mechanisms import LARGE_PACKETS
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="vmxnet3-lro",
    title=say("VMXNET3 large receive offload damages bulk TCP"),
    at=(Node,),
    stops=(LARGE_PACKETS,),
    requires={"nic.adapter": ("vmxnet3",)},
    spares=("paths.cross-tcp", "mtu.path"),
    fix=say(
        "On {places}, with IFACE the VMXNET3 adapter: `ethtool -K IFACE tx-udp_tnl-segmentation off "
        "tx-udp_tnl-csum-segmentation off`, then diagnose again. A kernel with 982d30c30eaa (June 2025) cures it for "
        "good."
    ),
    rollback=say("`ethtool -K IFACE tx-udp_tnl-segmentation on tx-udp_tnl-csum-segmentation on`."),
    decide=say("Path MTU: if no size is lost, it is not the MTU."),
    source="Linux 982d30c30eaa, vmxnet3 receive path",
    example={"paths.cross-tcp-bulk": "lost"},
)
