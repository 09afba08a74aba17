"""No advertisement is for a pool: its addresses are given, and nobody tells where they are."""

from checks.diagnosis.declaration import Declaration, Effect, Reach, Strength
from checks.place import Pool
from checks.text import say

CAUSE = Declaration(
    slug="pool-not-announced",
    title=say("A pool of MetalLB is not announced"),
    at=(Pool,),
    shows=(
        Effect("metallb.pools", ("not-announced",), Strength.ALWAYS),
        Effect("metallb.announced", ("not-announced",), Strength.MAY, Reach.EVERYWHERE),
    ),
    fix=say(
        "Make an L2Advertisement (or a BGPAdvertisement) in MetalLB's namespace that names {places} in "
        "`ipAddressPools`."
    ),
    rollback=say("Delete the advertisement."),
    decide=say("The advertisements, their `ipAddressPools` and `ipAddressPoolSelectors`, and the labels of the pool."),
    source="metallb/metallb #1561; MetalLB documentation, Configuration: L2Advertisement",
    example={"metallb.pools": "not-announced"},
)
