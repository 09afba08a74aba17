"""Two nodes are clones of one machine, and share what should tell them apart."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="duplicate-machine",
    title=say("Two nodes are clones of one machine"),
    at=(Node,),
    shows=(
        Effect("node.machine", ("machine-id", "system-uuid", "mac"), Strength.ITSELF),
        Effect("paths.host-tcp", ("lost", "rejected"), Strength.MAY),
        Effect("texts.kernel", ("duplicate-mac", "duplicate-address"), Strength.MAY),
        *UNSURE,
    ),
    # Lost bulk is explained by lost packets, whoever loses them; and nobody answers from a node that is cut off.
    hides=frozenset({"vmxnet3-lro", "node-unreachable"}),
    fix=say(
        "Give one of {places} an identity of its own: drain it; `rm -f /etc/machine-id /var/lib/dbus/machine-id; "
        "systemd-machine-id-setup`; in the hypervisor a new MAC and a new UUID (VMware: power off, `uuid.action = "
        '"create"`); let it join again. Make templates without them.'
    ),
    decide=say("`cat /etc/machine-id /sys/class/dmi/id/product_uuid; ip link` on the nodes."),
    source="Kubernetes documentation, Installing kubeadm: verify MAC and product_uuid; weaveworks/weave #3438; "
    "machine-id(5)",
    example={"node.machine": "mac"},
)
