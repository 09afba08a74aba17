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
        "`kubectl -n metallb-system rollout restart deployment controller`: it writes its certificate into the "
        "webhook configuration again. If that does not last, look who else writes the configuration, and whether the "
        "controller may."
    ),
    decide=say("A TLS handshake with the webhook that trusts the caBundle alone."),
    source="MetalLB's certificate rotation; Kubernetes documentation, Dynamic Admission Control",
    example={"webhook.ca-bundle": "mismatch", "webhook.dry-run": "x509"},
)
