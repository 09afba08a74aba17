"""The table of tracked connections is full, so that the kernel drops what would need another entry."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="conntrack-full",
    title=say("The table of tracked connections is full on a node"),
    at=(Cluster,),
    shows=(Effect("texts.kernel", ("conntrack-full",), Strength.MAY),),
    fix=say(
        "`sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max` on the node of the log; then "
        "raise the limit (kube-proxy's `conntrack.maxPerCore`, or the sysctl) and look for who opens so many "
        "connections."
    ),
    rollback=say("Set the former limit again."),
    decide=say("`nf_conntrack_count` against `nf_conntrack_max` on that node."),
    source="Linux net/netfilter/nf_conntrack_core.c; kubernetes/kubernetes #71261",
    example={"texts.kernel": "conntrack-full"},
)
