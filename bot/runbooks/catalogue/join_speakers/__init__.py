"""Let MetalLB's speakers listen, find each other, and reach their routers."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say

PORTS = (7946, 7472, 179)
"""Memberlist over TCP and UDP, the speaker's metrics, BGP."""


def _plan(situation: Situation) -> Plan:
    namespace = situation.inventory.metallb_namespace or "metallb-system"
    speaker = situation.inventory.metallb_speaker or "speaker"
    machines = situation.machines(situation.nodes)
    look = Step(
        name="look",
        title=say("Read what the speakers log, and which peers they are told of"),
        hand=Hand.PERSON,
        why=(
            say("A port that is taken: stop the other program on that node, or give the speakers another port."),
            say("A speaker that hangs: delete its pod, and its DaemonSet makes another one."),
        ),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} logs daemonset/{speaker} --all-containers --tail=50",
                f"-n {namespace} get bgppeers -o yaml",
                f"-n {namespace} get pods -o wide",
            ),
        ),
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Join MetalLB's speakers to each other and to their routers"),
        nodes=tuple(machine.name for machine in machines),
        steps=(look, *(_open(machine) for machine in machines), _verify()),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not point to the speakers."),
    )


def _open(machine: Machine) -> Step:
    ports = "|".join(map(str, PORTS))
    return Step(
        name="open",
        title=say(
            "See who listens on the speaker's ports of {node}, and open them between the nodes", node=machine.name
        ),
        node=machine.name,
        hand=Hand.PERSON,
        why=(say("TCP and UDP 7946 between all nodes; TCP 179 to the routers where BGP is used."),),
        forms=(
            by_hand.shell(
                machine.name,
                f"ss -lntup | grep -E ':({ports})\\b'",
                f"nft list ruleset | grep -nE '({ports})|drop|reject' | head -40",
            ),
        ),
    )


def _verify() -> Step:
    return Step(
        name="verify",
        title=say("Verify that every speaker is ready and that addresses are announced"),
        hand=Hand.NOBODY,
        verification=(
            Expectation("metallb.speaker", (*expected.PASS, "not-used")),
            Expectation("metallb.lives", (*expected.PASS, "not-used"), if_any=True),
            Expectation("metallb.memberlist", (*expected.PASS, "not-used", "off"), if_any=True),
            Expectation("metallb.bgp", (*expected.PASS, "not-used", "none"), if_any=True),
            Expectation(
                "metallb.announced", (*expected.PASS, "not-used", "none", "not-told", "foreign", "idle"), if_any=True
            ),
        ),
        patience_s=60.0,
    )


RUNBOOK = Runbook(
    name="join-speakers",
    title="Join MetalLB's speakers to each other and to their routers",
    cures=("speaker-port-taken", "speaker-hung", "memberlist-blocked", "bgp-down"),
    plan=_plan,
    nodes=True,
)
