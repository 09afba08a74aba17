"""MetalLB refuses an object, or waits for one, and works with what it had before."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="metallb-configuration",
    title=say("MetalLB does not take its configuration"),
    at=(Cluster,),
    shows=(
        Effect(
            "metallb.configuration",
            (
                "incomplete",
                "stale",
                "rejected",
            ),
            Strength.ALWAYS,
        ),
        Effect("metallb.addresses", ("configuration",), Strength.MAY),
        Effect("metallb.announced", ("nobody",), Strength.MAY),
    ),
    fix=say(
        "Correct the object that the finding `metallb.configuration` names. Until then MetalLB works with the "
        "configuration before it, or, after a restart, with none."
    ),
    rollback=say("Write the former object again."),
    decide=say("The log of the controller: `failed to parse the configuration`."),
    source="MetalLB internal/config/config.go and validation.go (0.14.8, 0.15.3)",
    example={"metallb.configuration": "rejected"},
)
