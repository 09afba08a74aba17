"""The node itself asks a name server that does not answer: images are not pulled, and CoreDNS inherits that server."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="node-resolver",
    title=say("A node's own name server does not answer"),
    at=(Cluster,),
    shows=(
        Effect("texts.node-dns", ("timeout", "refused", "no-route", "server-failure", "no-answer"), Strength.MAY),
        Effect("texts.image-pull", ("lookup",), Strength.MAY),
    ),
    fix=say(
        "On the node of the text: `cat /etc/resolv.conf`, `resolvectl status`, `dig registry-1.docker.io`. Name a "
        "server that answers, and allow UDP and TCP 53 to it."
    ),
    rollback=say("Restore the former name server."),
    decide=say("The same look-up on that node, and on another one."),
    source="golang net, containerd; systemd-resolved documentation",
    example={"texts.node-dns": "timeout"},
)
