"""A Service keeps its traffic on the node, and nobody is on the node that asks."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="no-local-endpoint",
    title=say("A Service keeps its traffic on a node where nobody answers"),
    at=(Service,),
    shows=(
        Effect("services.local", ("dropped",), Strength.ALWAYS),
        Effect("services.address", ("refused", "timeout"), Strength.MAY),
        Effect("services.aggregated", ("refused", "timeout"), Strength.MAY),
        Effect("webhook.endpoints", ("not-local",), Strength.MAY),
        Effect("webhook.dry-run", ("refused", "timeout", "hangs"), Strength.MAY),
        Effect("paths.webhook-service", ("refused", "timeout"), Strength.MAY),
        Effect("apiserver.admission", ("failing", "fails-open"), Strength.MAY),
        Effect("texts.webhook", ("refused", "timeout", "hangs"), Strength.MAY),
        Effect("texts.connection", ("refused", "timeout"), Strength.MAY),
    ),
    spares=("paths.webhook-endpoint", "services.endpoint"),
    hides=frozenset(
        {"kube-proxy", "vxlan-tx-checksum", "apiserver-proxy", "webhook-blocked", "webhook-slow", "webhook-service"}
    ),
    fix=say(
        "`kubectl -n {namespace} get service,pods -o wide`: run {workload} on every node that asks for {places}, or "
        "set `internalTrafficPolicy` (from inside) or `externalTrafficPolicy` (from outside) to Cluster."
    ),
    rollback=say("Set the former policy again."),
    decide=say("A connection to the Service's address from a node that has one of its pods."),
    source="Kubernetes documentation, Service Internal Traffic Policy; External Traffic Policy",
    example={
        "services.local": "dropped",
        "webhook.endpoints": "not-local",
        "webhook.dry-run": "refused",
        "paths.webhook-service": "refused",
    },
)
