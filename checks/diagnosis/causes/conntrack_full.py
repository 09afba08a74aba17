"""The table of tracked connections is full, so that the kernel drops what would need another entry."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="conntrack-full",
    title=say("The table of tracked connections is full on a node"),
    at=(Node,),
    shows=(
        Effect("node.conntrack", ("full",), Strength.ITSELF),
        Effect("paths.host-tcp", ("lost", "rejected"), Strength.MAY),
        *UNSURE,
    ),
    logged=(Effect("texts.kernel", ("conntrack-full",), Strength.MAY),),
    # Lost bulk is explained by lost packets, whoever loses them; and nobody answers from a node that is cut off.
    hides=frozenset({"vmxnet3-lro", "node-unreachable"}),
    fix=say(
        "`sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max` on {places}; then "
        "raise the limit (kube-proxy's `conntrack.maxPerCore`, or the sysctl) and look for who opens so many "
        "connections."
    ),
    rollback=say("Set the former limit again."),
    decide=say("`nf_conntrack_count` against `nf_conntrack_max` on that node."),
    source="Linux net/netfilter/nf_conntrack_core.c; kubernetes/kubernetes #71261",
    example={"node.conntrack": "full"},
)
