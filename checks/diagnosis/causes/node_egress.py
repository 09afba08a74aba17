"""What a node's pods send out of the cluster is not answered, while other nodes' pods get answers."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="node-egress",
    title=say("A node's pods do not reach what is outside of the cluster"),
    at=(Node,),
    shows=(
        Effect("dns.external", ("no-answer-here",), Strength.ALWAYS),
        Effect("dns.counters", ("upstream", "server-failures"), Strength.MAY),
        Effect("texts.coredns", ("upstream",), Strength.MAY),
    ),
    spares=("dns.replica-local", "paths.host-tcp", "paths.cross-tcp"),
    fix=say(
        "On {places}, ask the servers that the Corefile forwards to (`dig @ADDRESS example.org`), once on the node and "
        "once in a pod there. If only the pod gets no answer, look at what drops its packets (`nft list ruleset`, "
        "`iptables -S FORWARD`) and at what translates their source address (`iptables -t nat -S POSTROUTING`). If the "
        "node gets none either, look at its gateway: `ip route`, `ip neighbour`."
    ),
    decide=say("The same question from the node itself and from a pod there."),
    source="CoreDNS plugin/forward; Kubernetes documentation, Debugging DNS Resolution; flannel, `--ip-masq`",
    example={"dns.external": "no-answer-here"},
)
