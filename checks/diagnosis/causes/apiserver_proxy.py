"""HTTPS_PROXY of the API server lacks an exception for Services."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="apiserver-proxy",
    title=say("The API server sends webhook calls to an HTTP proxy"),
    at=(Cluster,),
    shows=(
        # Where API servers are no pods nobody sees their environment, which says nothing against it.
        Effect("apiserver.proxy", ("kubelets", "addresses", "webhooks"), Strength.MAY),
        # What is asked by a Service's name goes to the proxy, and by its address perhaps not.
        Effect("webhook.dry-run", ("proxy",), Strength.MOSTLY),
        Effect("apiserver.admission", ("failing", "fails-open"), Strength.MAY),
        Effect("services.aggregated", ("proxy",), Strength.MAY),
        Effect("texts.webhook", ("proxy",), Strength.MAY),
        Effect("texts.aggregated-api", ("proxy",), Strength.MAY),
        Effect("texts.kubelet", ("proxy",), Strength.MAY),
    ),
    spares=("paths.webhook-endpoint", "paths.webhook-service", "webhook.ca-bundle"),
    hides=frozenset({"ca-bundle", "kube-proxy", "vxlan-tx-checksum", "webhook-blocked", "no-endpoints"}),
    fix=say("Add `.svc` and the Service CIDR to NO_PROXY of the API server."),
    rollback=say("Restore the former environment."),
    decide=say("HTTPS_PROXY and NO_PROXY in the API server's pod."),
    source="Kubernetes API server, net/http ProxyFromEnvironment",
    example={"webhook.dry-run": "proxy"},
)
