"""Pools or advertisements are in a namespace in which MetalLB does not look."""

from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.place import Cluster
from checks.text import say

CAUSE = Declaration(
    slug="metallb-namespace",
    title=say("MetalLB's objects are in another namespace than MetalLB"),
    at=(Cluster,),
    shows=(
        Effect("metallb.objects", ("elsewhere",), Strength.ALWAYS),
        Effect("metallb.pools", ("none", "not-announced"), Strength.MAY),
        Effect("metallb.addresses", ("no-pool",), Strength.MAY),
        Effect("metallb.announced", ("not-announced",), Strength.MAY),
    ),
    hides=frozenset({"pool-not-announced"}),
    fix=say(
        "Make the IPAddressPools and advertisements anew in MetalLB's own namespace, and delete those elsewhere: the "
        "finding `metallb.objects` names both."
    ),
    decide=say("The namespaces of MetalLB's objects, and MetalLB's own."),
    source="MetalLB documentation, Configuration: objects are read in the namespace in which MetalLB runs",
    example={"metallb.objects": "elsewhere"},
)
