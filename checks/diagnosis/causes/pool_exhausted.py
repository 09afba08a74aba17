"""Every address of a pool is given, and a Service waits for one."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Pool
from checks.text import say

CAUSE = Declaration(
    slug="pool-exhausted",
    title=say("A pool of MetalLB has no address left"),
    at=(Pool,),
    shows=(
        Effect("metallb.room", ("exhausted",), Strength.ALWAYS),
        Effect("metallb.addresses", ("exhausted",), Strength.MAY, Reach.EVERYWHERE),
        Effect("texts.metallb", ("no-address",), Strength.MAY),
    ),
    fix=say(
        "Give the pool {places} more addresses, or make another "
        "pool; or let Services that may share an address name one key (`metallb.io/allow-shared-ip`). Delete "
        "Services that nobody needs any more."
    ),
    rollback=say("Take the added range away again; the Services that have an address of it lose it."),
    decide=say("How many addresses the pool has, and which Services have them."),
    source="MetalLB internal/allocator/allocator.go (0.15.3); MetalLB documentation, Usage: IP address sharing",
    example={"metallb.room": "exhausted"},
)
