"""A Service leads to a port on which nobody listens."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="wrong-target-port",
    title=say("A Service leads to a port on which nobody listens"),
    at=(Service,),
    shows=(
        # A name that is wrong is in the slices; a number that is wrong is seen by nobody but whoever asks there.
        Effect("services.target-port", ("undeclared", "refused", "some"), Strength.ALWAYS),
        Effect("services.address", ("refused", "timeout"), Strength.MAY),
        Effect("services.endpoint", ("refused",), Strength.MAY),
        Effect("services.aggregated", ("refused", "no-port"), Strength.MAY),
        Effect("webhook.endpoints", ("no-port", "wrong-port"), Strength.MAY),
        Effect("webhook.dry-run", ("refused", "no-endpoints", "timeout", "other"), Strength.ALWAYS),
        Effect("apiserver.admission", ("failing", "fails-open"), Strength.MAY),
        Effect("texts.webhook", ("refused", "no-endpoints"), Strength.MAY),
        Effect("paths.webhook-endpoint", ("refused",), Strength.MOSTLY),
        Effect("paths.webhook-local", ("refused",), Strength.MOSTLY),
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
        "{workload}`: the targetPort of {places} has to be a port on which the container of {product} listens, and a "
        "webhook configuration has to name a port that its Service has."
    ),
    decide=say("A connection from the pod's own node to the targetPort of its Service."),
    source="Kubernetes documentation, Debug Services; k8s.io/apiserver/pkg/util/proxy, findServicePort",
    example={
        "services.target-port": "refused",
        "webhook.endpoints": "wrong-port",
        "webhook.dry-run": "refused",
        "paths.webhook-service": "refused",
        "paths.webhook-endpoint": "unseen",
        "webhook.ca-bundle": "unseen",
    },
)
