"""Let the nodes reach the webhook's pod."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    backing = situation.backing(*RUNBOOK.cures)
    namespace = backing.namespace if backing else situation.inventory.metallb_namespace or "metallb-system"
    service = backing.service if backing else "metallb-webhook-service"
    step = Step(
        name="allow",
        title=say("Find what blocks the webhook's pod, and allow the nodes"),
        unit="allow",
        hand=Hand.PERSON,
        why=(
            say("The API server calls from a node's own address, which a NetworkPolicy for pods does not name."),
            say("A host firewall on the webhook's node does the same: look there for the port of its endpoints."),
        ),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} get endpointslices -l kubernetes.io/service-name={service} -o wide",
                f"-n {namespace} get networkpolicy -o yaml",
                "get networkpolicy,globalnetworkpolicy,ciliumnetworkpolicy,ciliumclusterwidenetworkpolicy -A",
            ),
            *(
                by_hand.shell(
                    node, "nft list ruleset | grep -nE 'drop|reject'", "iptables-save | grep -nE 'DROP|REJECT'"
                )
                for node in situation.places(*RUNBOOK.cures)
            ),
        ),
        verification=(
            Expectation("paths.webhook-endpoint", (*expected.PASS, "not-used")),
            expected.webhook(),
        ),
        undo=Undo(title=say("Remove what was added"), forms=(by_hand.kubectl(f"-n {namespace} get networkpolicy"),)),
        patience_s=20.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Let the nodes reach the webhook"),
        nodes=situation.places(*RUNBOOK.cures),
        steps=(step, expected.confirm()),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not say that only the webhook is blocked."),
    )


RUNBOOK = Runbook(
    name="open-webhook",
    title="Let the nodes reach the webhook",
    cures=("webhook-blocked",),
    plan=_plan,
)
