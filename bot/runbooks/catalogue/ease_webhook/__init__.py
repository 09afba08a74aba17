"""Give a webhook what it needs to answer in time."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    namespace = situation.inventory.metallb_namespace or "metallb-system"
    step = Step(
        name="ease",
        title=say("See why the webhook is slow or hangs, and give it more room"),
        hand=Hand.PERSON,
        why=(
            say("The webhook is the one that the text names; the commands show MetalLB's."),
            say("CPU limits, restarts, and calls that the webhook makes itself are what makes it slow."),
            say("One that answers nobody is made anew when its pod is deleted."),
            say("timeoutSeconds may be 30 at most; failurePolicy Ignore would only hide it."),
        ),
        forms=(
            by_hand.kubectl(
                "get validatingwebhookconfigurations,mutatingwebhookconfigurations",
                f"-n {namespace} top pod",
                f"-n {namespace} get pods -o wide",
                f"-n {namespace} describe pods",
            ),
        ),
        verification=(
            expected.webhook(),
            Expectation("apiserver.admission", (*expected.PASS, "idle"), if_any=True),
        ),
        patience_s=60.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Give the webhook room to answer"),
        steps=(step,),
        override=None if situation.supports(*RUNBOOK.cures) else say("Nothing says that the webhook itself is slow."),
    )


RUNBOOK = Runbook(
    name="ease-webhook",
    title="Give the webhook room to answer",
    cures=("webhook-slow", "webhook-hangs"),
    plan=_plan,
)
