"""The kernel has no room for another neighbour, so that addresses on the same link are not reached."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="neighbour-table",
    title=say("A node's neighbour table is full"),
    at=(Cluster,),
    shows=(Effect("texts.kernel", ("neighbour-table",), Strength.MAY),),
    fix=say(
        "`ip neigh | wc -l` and `sysctl net.ipv4.neigh.default.gc_thresh3` on the node of the log: raise "
        "`gc_thresh1`, `gc_thresh2` and `gc_thresh3` above what is there (for NDP `net.ipv6.neigh.default.*`)."
    ),
    rollback=say("Set the former limits again."),
    decide=say("The number of neighbours against `gc_thresh3` on that node."),
    source="Linux net/core/neighbour.c; ip-sysctl documentation",
    example={"texts.kernel": "neighbour-table"},
)
