"""Let a node announce the addresses that MetalLB gave."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import Text, say

_WELL = (*expected.PASS, "not-used", "none")
_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
_WHY: tuple[tuple[str, Text], ...] = (
    ("pool-not-announced", say("A pool without an advertisement is announced by nobody: make one that names it.")),
    ("excluded-nodes", say("The label on every node is what keeps speakers silent: take it from those that announce.")),
    ("bgp-no-peer", say("What is announced by BGP needs a BGPPeer whose nodeSelectors choose the nodes.")),
    ("no-announcer", say("The finding metallb.announcers says of each node why it may not announce.")),
    ("local-traffic-policy", say("With externalTrafficPolicy Local only nodes with a ready endpoint may announce.")),
)


def _plan(situation: Situation) -> Plan:
    namespace = situation.inventory.metallb_namespace
    title = say("Let a node announce the addresses of Services")
    if not namespace:
        return Plan(runbook=RUNBOOK.name, title=title, refusals=(say("MetalLB was not found."),))
    join = Step(
        name="join",
        title=say("Join pools, advertisements and nodes"),
        hand=Hand.PERSON,
        why=tuple(why for slug, why in _WHY if situation.supports(slug)),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} get {_KINDS} -o yaml > metallb-before.yaml",
                f"get nodes -L {_LABEL}",
                f"-n {namespace} edit l2advertisements,bgpadvertisements",
                *(f"label node {machine.name} {_LABEL}-" for machine in situation.inventory.machines[:_LABELLED]),
            ),
        ),
        verification=(
            Expectation("metallb.pools", _WELL),
            Expectation("metallb.announcers", _WELL),
            Expectation("metallb.announced", (*_WELL, "not-told", "foreign", "idle", "young")),
        ),
        undo=Undo(
            title=say("Write the objects as they were, and set the labels again"),
            forms=(by_hand.kubectl("replace -f metallb-before.yaml"),),
        ),
        patience_s=60.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=title,
        steps=(join,),
        override=None if situation.supports(*RUNBOOK.cures) else say("Nothing says that an address is not announced."),
    )


_LABELLED = 8
"""Nodes whose command is shown: the others' is the same."""
_KINDS = "l2advertisements,bgpadvertisements,bgppeers.metallb.io"
RUNBOOK = Runbook(
    name="announce-addresses",
    title="Let a node announce the addresses of Services",
    cures=(
        "pool-not-announced",
        "excluded-nodes",
        "bgp-no-peer",
        "no-announcer",
        "local-traffic-policy",
        "missing-interface",
    ),
    plan=_plan,
)
