"""The webhook's Service leads to a port on which nobody listens."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="webhook-port",
    title=say("The webhook's Service leads to a port on which nobody listens"),
    at=(Service,),
    shows=(
        # A number that is wrong is seen by nobody but whoever asks there.
        Effect("webhook.endpoints", ("no-port", "wrong-port"), Strength.MAY),
        Effect("webhook.dry-run", ("refused", "no-endpoints", "timeout", "other"), Strength.ALWAYS),
        Effect("texts.webhook", ("refused", "no-endpoints"), Strength.MAY),
        Effect("paths.webhook-endpoint", ("refused",), Strength.MOSTLY),
        Effect("paths.webhook-service", ("refused", "timeout"), Strength.MOSTLY),
    ),
    spares=("metallb.controller",),
    hides=frozenset(
        {
            "ca-bundle",
            "webhook-blocked",
            "apiserver-proxy",
            "no-endpoints",
            "kube-proxy",
            "vxlan-tx-checksum",
            "webhook-slow",
        }
    ),
    fix=say(
        "`kubectl -n {namespace} get service,endpointslices -o wide` against `kubectl -n {namespace} describe "
        "{workload}`: the Service needs the port that the webhook configuration of {product} names, and its targetPort "
        "a port on which the container listens."
    ),
    decide=say("A connection from the webhook's own node to the targetPort of its Service."),
    source="Kubernetes documentation, Debug Services; k8s.io/apiserver/pkg/util/proxy, findServicePort",
    example={
        "webhook.endpoints": "wrong-port",
        "webhook.dry-run": "refused",
        "paths.webhook-service": "refused",
        "paths.webhook-endpoint": "unseen",
        "webhook.ca-bundle": "unseen",
    },
)
