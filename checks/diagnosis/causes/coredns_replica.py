"""One replica of CoreDNS loses what it is asked, wherever it is asked from."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import CLUSTER_DNS
from checks.place import Replica
from checks.text import say

CAUSE = Declaration(
    slug="coredns-replica",
    title=say("One CoreDNS replica loses queries"),
    at=(Replica,),
    stops=(CLUSTER_DNS,),
    shows=(Effect("dns.replica-loss", ("loses",), Strength.ALWAYS),),
    spares=("paths.cross-tcp", "paths.cross-ping"),
    fix=say(
        "`kubectl -n {namespace} delete pod {places}`: it is created again. If the loss comes back on the same node, "
        "look at that node."
    ),
    decide=say("The same queries to the replica from its own node."),
    source="CoreDNS monitoring mixin: errors of one instance while others are clean",
    example={"dns.replica-loss": "loses", "dns.service": "loses"},
)
