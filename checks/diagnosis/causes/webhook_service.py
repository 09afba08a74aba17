"""The API server cannot call a webhook through a Service of this kind."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="webhook-service",
    title=say("The API server cannot use the webhook's Service"),
    at=(Service,),
    shows=(
        Effect("webhook.endpoints", ("headless", "unsupported"), Strength.ALWAYS),
        Effect("webhook.dry-run", ("other", "refused", "timeout", "lookup"), Strength.MAY),
        Effect("apiserver.admission", ("failing", "fails-open"), Strength.MAY),
        Effect("texts.webhook", ("other", "refused", "timeout", "lookup"), Strength.MAY),
        Effect("paths.webhook-service", ("refused", "timeout"), Strength.MAY),
    ),
    spares=("paths.webhook-endpoint", "metallb.controller"),
    hides=frozenset(
        {"apiserver-proxy", "kube-proxy", "no-endpoints", "wrong-target-port", "webhook-blocked", "vxlan-tx-checksum"}
    ),
    fix=say(
        "Give {places} an address of its own: the API server calls the webhook of {product} by the Service's address. "
        "`clusterIP: None` cannot be changed, so delete the Service and "
        "make it anew (`kubectl -n {namespace} get service -o yaml` first)."
    ),
    decide=say("The API server's own words about a call."),
    source="k8s.io/apiserver/pkg/util/proxy, ResolveCluster",
    example={"webhook.endpoints": "headless", "webhook.dry-run": "other"},
)
