"""A node's routes, neighbours or tunnel entries are not what the network plugin says: some pods are not reached."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="overlay-state",
    title=say("A node sends what is for other nodes' pods to the wrong place"),
    at=(Node,),
    shows=(
        Effect("node.overlay", ("fdb", "neighbour", "route", "vtep"), Strength.ITSELF),
        # One wrong entry stops one pair of nodes, both ways: what is asked, or what is answered.
        *UNSURE,
    ),
    spares=("paths.host-tcp", "paths.tunnel-arrivals"),
    # Lost bulk is explained by lost packets, whoever loses them.
    hides=frozenset({"vmxnet3-lro", "mtu-mismatch", "webhook-slow"}),
    fix=say(
        "Delete the network plugin's pod on {places} (`kubectl -n kube-flannel delete pod -l app=flannel "
        "--field-selector spec.nodeName=NODE`; on k3s restart k3s there): it writes all of them again. If a tunnel "
        "device changed its MAC, let udev or systemd leave `flannel.*` alone (`MACAddressPolicy=none`)."
    ),
    decide=say("`ip route`, `ip neigh show dev flannel.1` and `bridge fdb show dev flannel.1` on the node."),
    source="flannel-io/flannel pkg/backend/vxlan/vxlan_network.go, #1155, #1795",
    example={
        "node.overlay": "fdb",
        "paths.cross-ping": "lost",
        "paths.cross-tcp": "lost",
        "paths.cross-tcp-bulk": "lost",
        "paths.host-pod": "lost",
        "dns.replica-remote": "unanswered",
        "dns.path-loss": "loses",
    },
)
