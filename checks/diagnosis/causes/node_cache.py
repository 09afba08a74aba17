"""The DNS cache on a node does not answer the pods of that node."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Node
from checks.text import say

CAUSE = Declaration(
    slug="node-cache",
    title=say("The DNS cache on a node does not answer"),
    at=(Node,),
    shows=(
        Effect("dns.node-cache", ("unanswered", "tcp-unanswered", "loses", "wrong-answer"), Strength.ALWAYS),
        # Where it listens on the ClusterIP too, pods of its node that ask that are asking it.
        Effect(
            "dns.service", ("unanswered", "tcp-unanswered", "loses", "wrong-answer"), Strength.MAY, Reach.ASKED_FROM
        ),
        Effect("texts.pod-dns", ("timeout", "no-answer", "server-failure", "refused"), Strength.MAY),
    ),
    spares=("dns.replica-local", "dns.replica-remote"),
    fix=say(
        "Look at the `node-local-dns` pod on {places} (`kubectl -n kube-system logs`), and delete it: its DaemonSet "
        "makes it again. Until it answers, pods there have no DNS."
    ),
    decide=say("`dig @169.254.20.10 kubernetes.default.svc.cluster.local` on that node."),
    source="Kubernetes documentation, NodeLocal DNSCache; kubernetes/dns cmd/node-cache",
    example={"dns.node-cache": "unanswered"},
)
