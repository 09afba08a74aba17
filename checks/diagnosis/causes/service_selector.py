"""A Service's selector also matches pods of something else, which do not listen on its port."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="service-selector",
    title=say("A Service also sends to pods that are not its own"),
    at=(Service,),
    shows=(
        Effect("services.selector", ("strangers",), Strength.ALWAYS),
        # Whoever asks is sent to one of them by chance.
        Effect("services.endpoint", ("refused",), Strength.MAY),
        Effect("services.address", ("refused",), Strength.MAY),
        Effect("services.aggregated", ("refused",), Strength.MAY),
        Effect("webhook.dry-run", ("refused", "other"), Strength.MAY),
        Effect("paths.webhook-endpoint", ("refused",), Strength.MAY),
        Effect("paths.webhook-local", ("refused",), Strength.MAY),
        Effect("paths.webhook-service", ("refused",), Strength.MAY),
        Effect("apiserver.admission", ("failing", "fails-open"), Strength.MAY),
        Effect("texts.webhook", ("refused",), Strength.MAY),
        Effect("texts.aggregated-api", ("refused",), Strength.MAY),
    ),
    # Of calls that fail by chance nobody can say that a checksum is at fault as well.
    hides=frozenset({"vxlan-tx-checksum"}),
    fix=say(
        "`kubectl -n {namespace} get pods --show-labels` against the selector of {places}: give the pods of {product} "
        "a label of their own, and the selector that label."
    ),
    rollback=say("Set the former selector again."),
    decide=say("The pods' names in the EndpointSlice of the Service."),
    source="Kubernetes documentation, Service: selectors; Debug Services, Does the Service have any EndpointSlices?",
    example={"services.selector": "strangers", "paths.webhook-endpoint": "refused"},
)
