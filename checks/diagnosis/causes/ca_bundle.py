"""The API server trusts another issuer than the one of the certificate that the webhook serves."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.mechanisms import WEBHOOK_TLS
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="ca-bundle",
    title=say("The webhook's certificate does not fit its caBundle"),
    at=(Service,),
    stops=(WEBHOOK_TLS,),
    shows=(
        Effect("webhook.ca-bundle", ("mismatch", "expired", "unparsable", "missing"), Strength.ALWAYS),
        Effect("webhook.configuration", ("ends-soon",), Strength.MAY),
    ),
    spares=("paths.webhook-endpoint", "paths.webhook-service"),
    hides=frozenset({"apiserver-proxy"}),
    fix=say(
        "Whoever writes the caBundle of {product} has to write it again: restart it (`kubectl -n {namespace} "
        "rollout restart {workload}`, or cert-manager's cainjector where the configuration has its annotation), "
        "look at its log and whether it may change the configuration."
    ),
    remedies={
        "MetalLB": say(
            "`kubectl -n {namespace} rollout restart {workload}`: it writes its certificate into the webhook "
            "configuration again. If that does not last, look who else writes the configuration, and whether the "
            "controller may."
        ),
        "cert-manager": say(
            "`kubectl -n {namespace} logs deployment/cert-manager-cainjector`: it writes the caBundle of "
            "cert-manager's webhook. Restart it, and then `kubectl -n {namespace} rollout restart {workload}`."
        ),
        "ingress-nginx": say(
            "Its certificate and caBundle are made once, by a Job: delete the Secret `ingress-nginx-admission` in "
            "{namespace}, and install the chart or the manifest again so that the Jobs "
            "`ingress-nginx-admission-create` and `-patch` run. Then `kubectl -n {namespace} rollout restart "
            "{workload}`."
        ),
        "Kyverno": say(
            "`kubectl -n {namespace} rollout restart {workload}`: Kyverno registers its webhooks with its own "
            "caBundle when it starts. If that does not last, delete its Secrets of the kind `*.kyverno-tls-*` in "
            "{namespace}, and restart it once more."
        ),
        "Gatekeeper": say(
            "`kubectl -n {namespace} rollout restart {workload}`: Gatekeeper rotates the Secret "
            "`gatekeeper-webhook-server-cert` and writes the caBundle. Look at its log for the rotator's words."
        ),
        "Istio": say(
            "`kubectl -n {namespace} rollout restart {workload}`: istiod writes the caBundle of its root into the "
            "configuration. With several revisions each has its own configuration: look at its label "
            "`istio.io/rev`."
        ),
    },
    decide=say("A TLS handshake with the webhook that trusts the caBundle alone."),
    source="Kubernetes documentation, Dynamic Admission Control; the certificate rotation of each product",
    example={"webhook.ca-bundle": "mismatch", "webhook.dry-run": "x509"},
)
