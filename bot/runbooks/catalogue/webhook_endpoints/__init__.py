"""Give the webhook's Service a ready endpoint again."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    namespace = situation.inventory.metallb_namespace or "metallb-system"
    controller = situation.inventory.metallb_controller or "controller"
    step = Step(
        name="endpoints",
        title=say("Bring the webhook's pod back, or correct its Service's selector"),
        hand=Hand.PERSON,
        why=(say("A ready pod that the Service does not select is as good as none: compare labels and selector."),),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} get pods --show-labels",
                f"-n {namespace} get service,endpointslices -o wide",
                f"-n {namespace} describe deployment {controller}",
                f"-n {namespace} scale deployment {controller} --replicas=1",
            ),
        ),
        verification=(
            Expectation("webhook.endpoints", (*expected.PASS, "not-used")),
            Expectation("metallb.controller", (*expected.PASS, "not-used")),
            expected.webhook(),
        ),
        patience_s=60.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Give the webhook an endpoint"),
        steps=(step,),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The webhook has an endpoint, as far as was seen."),
    )


RUNBOOK = Runbook(
    name="webhook-endpoints",
    title="Give the webhook an endpoint",
    cures=("no-endpoints",),
    plan=_plan,
)
