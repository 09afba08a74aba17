"""A Service asks for an address that MetalLB may not give it."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Service
from checks.text import say

CAUSE = Declaration(
    slug="address-request",
    title=say("A Service asks for an address that no pool gives it"),
    at=(Service,),
    shows=(
        Effect(
            "metallb.addresses",
            (
                "requested",
                "unsuited",
                "family",
                "shared",
            ),
            Strength.ALWAYS,
        ),
        Effect("texts.metallb", ("no-address",), Strength.MAY),
    ),
    fix=say(
        "The finding `metallb.addresses` says why {places} gets none: correct its `loadBalancerIP` or annotation, "
        "its families or sharing key, or the pool's `autoAssign` and `serviceAllocation`."
    ),
    rollback=say("Write the former request again."),
    decide=say("What the Service asks for, and what each pool gives to whom."),
    source="MetalLB controller/service.go and internal/allocator/allocator.go (0.15.3)",
    example={"metallb.addresses": "requested"},
)
