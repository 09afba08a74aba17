"""Let MetalLB take its configuration, and have addresses for those that ask."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import Text, say

_WELL = (*expected.PASS, "not-used")
_WHY: tuple[tuple[str, Text], ...] = (
    ("metallb-configuration", say("The finding metallb.configuration names the object that is refused, and why.")),
    (
        "pool-exhausted",
        say("A full pool takes a further range, or Services that nobody needs are deleted: metallb.room says which."),
    ),
    ("pool-overlap", say("The finding metallb.overlap names the addresses to take out of a pool, and whose they are.")),
    ("address-request", say("The finding metallb.addresses says of each Service what it asks for in vain.")),
)


def _plan(situation: Situation) -> Plan:
    namespace = situation.inventory.metallb_namespace
    title = say("Give Services the addresses that they ask for")
    if not namespace:
        return Plan(runbook=RUNBOOK.name, title=title, refusals=(say("MetalLB was not found."),))
    correct = Step(
        name="correct",
        title=say("Correct the pool, the Service or the object that is named, in {namespace}", namespace=namespace),
        hand=Hand.PERSON,
        why=tuple(why for slug, why in _WHY if situation.supports(slug)),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} get {_KINDS} -o yaml > metallb-before.yaml",
                "get services -A -o wide",
                f"-n {namespace} get ipaddresspools -o wide",
                f"-n {namespace} edit ipaddresspools",
            ),
        ),
        verification=(
            Expectation("metallb.configuration", (*_WELL, "dangling")),
            Expectation("metallb.overlap", (*_WELL, "none")),
            Expectation("metallb.room", (*_WELL, "none")),
            Expectation("metallb.addresses", (*_WELL, "none", "young", "no-pool")),
        ),
        undo=Undo(
            title=say("Write the objects as they were"), forms=(by_hand.kubectl("replace -f metallb-before.yaml"),)
        ),
        patience_s=60.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=title,
        steps=(correct,),
        warnings=(say("A Service whose address leaves its pool loses it and gets another one."),),
        override=None if situation.supports(*RUNBOOK.cures) else say("Nothing says that an address is missing."),
    )


_KINDS = "ipaddresspools,l2advertisements,bgpadvertisements,bgppeers.metallb.io,bfdprofiles.metallb.io,communities"
RUNBOOK = Runbook(
    name="give-addresses",
    title="Give Services the addresses that they ask for",
    cures=("pool-exhausted", "pool-overlap", "address-request", "metallb-configuration"),
    plan=_plan,
)
