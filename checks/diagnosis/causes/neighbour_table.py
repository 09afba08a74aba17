"""The kernel has no room for another neighbour, so that addresses on the same link are not reached."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import UNSURE
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="neighbour-table",
    title=say("A node's neighbour table is full"),
    at=(Node,),
    shows=(
        Effect("node.neighbours", ("full",), Strength.ITSELF),
        Effect("paths.host-tcp", ("lost", "rejected"), Strength.MAY),
        Effect("paths.same-node", ("lost", "rejected"), Strength.MAY),
        Effect("paths.webhook-local", ("timeout", "refused"), Strength.MAY),
        *UNSURE,
    ),
    logged=(Effect("texts.kernel", ("neighbour-table",), Strength.MAY),),
    # Lost bulk is explained by lost packets, whoever loses them; and nobody answers from a node that is cut off.
    hides=frozenset({"vmxnet3-lro", "node-unreachable"}),
    fix=say(
        "`ip neigh | wc -l` and `sysctl net.ipv4.neigh.default.gc_thresh3` on {places}: raise "
        "`gc_thresh1`, `gc_thresh2` and `gc_thresh3` above what is there (for NDP `net.ipv6.neigh.default.*`)."
    ),
    rollback=say("Set the former limits again."),
    decide=say("The number of neighbours against `gc_thresh3` on that node."),
    source="Linux net/core/neighbour.c; ip-sysctl documentation",
    example={"node.neighbours": "full"},
)
