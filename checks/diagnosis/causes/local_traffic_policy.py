"""Only nodes with an endpoint take traffic, and none of them may announce."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="local-traffic-policy",
    title=say("externalTrafficPolicy Local leaves no node to announce"),
    at=(Service,),
    shows=(Effect("metallb.announced", ("no-local",), Strength.ALWAYS),),
    fix=say(
        "Let a pod of {places} run on a node that may announce it, or set `externalTrafficPolicy: Cluster`, by "
        "which the addresses of clients are lost."
    ),
    rollback=say("Set `externalTrafficPolicy: Local` again."),
    decide=say("The nodes of its ready endpoints, and those that may announce."),
    source="Kubernetes documentation, Preserving the client source IP; MetalLB documentation, Usage: traffic policies",
    example={"metallb.announced": "no-local"},
)
