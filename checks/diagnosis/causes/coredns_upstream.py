"""CoreDNS forwards names outside the cluster to a server that does not answer it."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="coredns-upstream",
    title=say("CoreDNS does not get answers from its upstream"),
    at=(Cluster,),
    shows=(
        Effect("dns.external", ("no-answer",), Strength.ALWAYS),
        Effect("dns.counters", ("upstream", "server-failures"), Strength.MAY),
        Effect("texts.coredns", ("upstream",), Strength.MAY),
    ),
    spares=("dns.replica-local",),
    # Whose way out is shut too gets no answer, as nobody does.
    hides=frozenset({"node-egress"}),
    fix=say(
        "Ask the servers that the Corefile forwards to from a node and from a pod (`dig @ADDRESS example.org`). If the "
        "node gets an answer and the pod does not, look at what filters the pods' way out; otherwise give the "
        "Corefile's `forward` another server."
    ),
    rollback=say("Restore the ConfigMap."),
    decide=say("The same question to the upstream from the node on which CoreDNS runs, and from a pod there."),
    source="CoreDNS plugin/errors and plugin/forward; coredns/coredns #4211, #5179",
    example={"dns.external": "no-answer", "texts.coredns": "upstream"},
)
