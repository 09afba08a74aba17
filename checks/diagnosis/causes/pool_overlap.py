"""A pool covers addresses that nodes, pods or the cluster's own Services have."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Pool
from checks.text import say

CAUSE = Declaration(
    slug="pool-overlap",
    title=say("A pool of MetalLB covers addresses that are taken"),
    at=(Pool,),
    shows=(
        Effect(
            "metallb.overlap",
            (
                "nodes",
                "pods",
                "services",
            ),
            Strength.ALWAYS,
        ),
    ),
    fix=say(
        "Take the addresses that the finding `metallb.overlap` names out of {places}: a Service that is given one "
        "takes it away from its owner. Services that have one already get another one."
    ),
    rollback=say("Write the former range into the pool."),
    decide=say("Who has the addresses: the finding `metallb.overlap` names them."),
    source="MetalLB documentation, Configuration: the pool must not overlap other addresses; RFC 5227",
    example={"metallb.overlap": "nodes"},
)
