"""Nobody is behind the webhook's Service, so kube-proxy refuses."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="no-endpoints",
    title=say("The webhook's Service has no ready endpoint"),
    at=(Service,),
    shows=(
        Effect("webhook.endpoints", ("none", "no-service"), Strength.ALWAYS),
        Effect("webhook.dry-run", ("refused", "no-endpoints", "timeout"), Strength.ALWAYS),
        Effect("texts.webhook", ("refused", "no-endpoints", "timeout"), Strength.MAY),
        Effect("paths.webhook-service", ("refused", "timeout"), Strength.MOSTLY),
        Effect("paths.webhook-endpoint", ("refused", "timeout"), Strength.MAY),
        Effect("metallb.controller", ("not-ready", "missing"), Strength.MAY),
    ),
    hides=frozenset({"ca-bundle", "webhook-blocked", "apiserver-proxy", "vxlan-tx-checksum"}),
    fix=say(
        "`kubectl -n {namespace} get pods,endpointslices`: bring the pods of {workload} ({product}) back to Ready, or "
        "correct the selector of {places}."
    ),
    decide=say("The EndpointSlice of the webhook's Service."),
    source="Kubernetes documentation, Debug Services",
    example={
        "webhook.endpoints": "none",
        "webhook.dry-run": "refused",
        "paths.webhook-service": "refused",
        "paths.webhook-endpoint": "unseen",
        "webhook.ca-bundle": "unseen",
    },
)
