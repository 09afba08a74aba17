"""Let MetalLB's speakers be made."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say

_LABEL = "pod-security.kubernetes.io/enforce"


def _plan(situation: Situation) -> Plan:
    namespace = situation.inventory.metallb_namespace or "metallb-system"
    speaker = situation.inventory.metallb_speaker or "speaker"
    step = Step(
        name="label",
        title=say("Let {namespace} run what needs the host's network", namespace=namespace),
        unit="label",
        hand=Hand.PERSON,
        why=(
            say("Only if the DaemonSet's events name Pod Security: the first command shows them."),
            say("Speakers answer ARP for the cluster's addresses, so they need the host's network and NET_RAW."),
        ),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} describe daemonset {speaker}",
                f"label namespace {namespace} --overwrite {_LABEL}=privileged",
                f"-n {namespace} rollout restart daemonset {speaker}",
            ),
        ),
        verification=(Expectation("metallb.speaker", (*expected.PASS, "not-used")),),
        undo=Undo(
            title=say("Remove the label"),
            forms=(by_hand.kubectl(f"label namespace {namespace} {_LABEL}-"),),
        ),
        patience_s=60.0,
    )
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Let MetalLB's speakers be made"),
        steps=(step,),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not say that speakers are kept from being made."),
    )


RUNBOOK = Runbook(
    name="pod-security",
    title="Let MetalLB's speakers be made",
    cures=("pod-security",),
    plan=_plan,
)
