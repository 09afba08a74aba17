"""Bring MetalLB's objects to the namespace in which it looks for them."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say

_KINDS = ",".join(
    f"{kind}.metallb.io"
    for kind in ("ipaddresspools", "l2advertisements", "bgpadvertisements", "bgppeers", "bfdprofiles", "communities")
)


def _plan(situation: Situation) -> Plan:
    namespace = situation.inventory.metallb_namespace
    title = say("Bring MetalLB's objects to its namespace")
    if not namespace:
        return Plan(runbook=RUNBOOK.name, title=title, refusals=(say("MetalLB was not found."),))
    step = Step(
        name="move",
        title=say("Make the objects anew in {namespace}, and delete those elsewhere", namespace=namespace),
        hand=Hand.PERSON,
        why=(say("A namespace cannot be changed. Make the new ones first: addresses that are given out stay so."),),
        forms=(
            by_hand.kubectl(
                f"get {_KINDS} -A",
                f"-n OTHER get {_KINDS} -o yaml > metallb-objects-before.yaml",
                f"apply -n {namespace} -f metallb-objects.yaml",
                "delete -f metallb-objects-before.yaml",
            ),
        ),
        verification=(
            Expectation("metallb.objects", (*expected.PASS, "not-used")),
            Expectation("metallb.pools", (*expected.PASS, "not-used")),
        ),
        undo=Undo(
            title=say("Make them again where they were"),
            forms=(by_hand.kubectl("create -f metallb-objects-before.yaml"),),
        ),
        patience_s=60.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=title,
        steps=(step,),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("All of MetalLB's objects are in its namespace, as far as was seen."),
    )


RUNBOOK = Runbook(
    name="move-objects",
    title="Bring MetalLB's objects to its namespace",
    cures=("metallb-namespace",),
    plan=_plan,
)
