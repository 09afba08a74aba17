"""Nobody is behind a webhook's Service, or one of another API server, so kube-proxy refuses."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="no-endpoints",
    title=say("Nobody is behind a Service that the API server calls"),
    at=(Service,),
    shows=(
        Effect("webhook.endpoints", ("none", "no-service"), Strength.ALWAYS),
        Effect("webhook.dry-run", ("refused", "no-endpoints", "timeout"), Strength.ALWAYS),
        Effect("services.aggregated", ("none", "no-service", "refused", "timeout"), Strength.MAY),
        Effect("apiserver.admission", ("failing", "fails-open"), Strength.MAY),
        Effect("texts.webhook", ("refused", "no-endpoints", "timeout"), Strength.MAY),
        Effect("paths.webhook-service", ("refused", "timeout"), Strength.MOSTLY),
        Effect("paths.webhook-endpoint", ("refused", "timeout"), Strength.MAY),
        Effect("paths.webhook-local", ("refused", "timeout", "hangs"), Strength.MAY),
        Effect("metallb.controller", ("not-ready", "missing"), Strength.MAY),
        Effect("metallb.addresses", ("controller",), Strength.MAY, Reach.EVERYWHERE),
    ),
    hides=frozenset({"ca-bundle", "webhook-blocked", "apiserver-proxy", "vxlan-tx-checksum"}),
    fix=say(
        "`kubectl -n {namespace} get pods,endpointslices`: bring the pods of {workload} ({product}) back to Ready, or "
        "correct the selector of {places}."
    ),
    decide=say("The EndpointSlice of the Service."),
    source="Kubernetes documentation, Debug Services",
    example={
        "webhook.endpoints": "none",
        "webhook.dry-run": "refused",
        "paths.webhook-service": "refused",
        "paths.webhook-endpoint": "unseen",
        "webhook.ca-bundle": "unseen",
    },
)
