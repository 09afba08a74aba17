"""Switch the transmit checksum offload of the tunnel's device off."""

from collections.abc import Iterator, Sequence

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say

FEATURE = "tx-checksum-ip-generic"


def _plan(situation: Situation) -> Plan:
    named = situation.nodes or situation.places(*RUNBOOK.cures)
    todo = [m for m in situation.machines(named) if m.tunnels]
    title = say("Switch the tunnel device's checksum offload off")
    if not todo:
        return Plan(runbook=RUNBOOK.name, title=title, refusals=(say("No tunnel device was seen on these nodes."),))
    return Plan(
        runbook=RUNBOOK.name,
        title=title,
        nodes=tuple(machine.name for machine in todo),
        steps=tuple(_steps(todo)),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not point to this offload."),
    )


def _steps(todo: Sequence[Machine]) -> Iterator[Step]:
    for machine in todo:
        for device in machine.tunnels:
            yield Step(
                name=f"switch-off-{device}",
                title=say(
                    "Switch {feature} of {device} on {node} off", feature=FEATURE, device=device, node=machine.name
                ),
                node=machine.name,
                unit=machine.name,
                hand=Hand.PERSON,
                why=(say("It is lost when the device is made anew: the second form sets it again."),),
                forms=(
                    *by_hand.set_features(machine, device, {FEATURE: False}),
                    *by_hand.keep_features(machine, device, {FEATURE: False}),
                ),
                verification=(
                    Expectation("paths.webhook-service", (*expected.PASS, "not-used"), if_any=True),
                    Expectation("dns.service", expected.PASS, (machine.name,), if_any=True),
                ),
                undo=Undo(
                    title=say(
                        "Switch {feature} of {device} on {node} on", feature=FEATURE, device=device, node=machine.name
                    ),
                    forms=(
                        *by_hand.set_features(machine, device, {FEATURE: True}),
                        *by_hand.forget_features(machine, device),
                    ),
                ),
                patience_s=15.0,
            )
    yield expected.confirm()


RUNBOOK = Runbook(
    name="tunnel-checksum",
    title="Switch the tunnel device's checksum offload off",
    cures=("vxlan-tx-checksum",),
    plan=_plan,
    nodes=True,
)
