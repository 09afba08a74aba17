"""Get MetalLB's webhook answering again: the dry run first, then a restart of its controller. CRDs stay.

The certificate of another product's webhook is renewed by that product, which a person restarts; so it is where
MetalLB's own is served by another workload, as its operator has it.
"""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Approval, Expectation, Hand, Plan, Step
from bot.runbooks.operations import Restart
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.backing import METALLB, Backing
from checks.text import say


def _plan(situation: Situation) -> Plan:
    inventory, title = situation.inventory, say("Restart MetalLB's controller")
    backing = situation.backing(*RUNBOOK.cures)
    if backing and (backing.product != METALLB or backing.workload not in ("", inventory.metallb_controller)):
        return _of_another(situation, backing)
    if not inventory.metallb_controller:
        return Plan(runbook=RUNBOOK.name, title=title, refusals=(say("MetalLB's controller was not found."),))
    return Plan(
        runbook=RUNBOOK.name,
        title=title,
        steps=tuple(_steps(situation)),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The evidence does not say that the controller or its certificate is at fault."),
    )


def _of_another(situation: Situation, backing: Backing) -> Plan:
    namespace, causes = backing.namespace, situation.diagnosis.causes if situation.diagnosis else ()
    fixes = tuple(cause.fix for cause in causes if cause.slug in RUNBOOK.cures and cause.fix)
    step = Step(
        name="renew",
        title=say("Let {product} write the caBundle of its webhook again", product=backing.product),
        hand=Hand.PERSON,
        why=fixes[:1],
        forms=(
            by_hand.kubectl(
                f"-n {namespace} get pods,secrets",
                f"-n {namespace} logs {backing.target} --tail=50",
                f"-n {namespace} rollout restart {backing.target}",
                f"-n {namespace} rollout status {backing.target} --timeout=2m",
            ),
        ),
        verification=(Expectation("webhook.ca-bundle", expected.PASS),),
        patience_s=90.0,
    )
    title = say("Renew the certificate of {product}'s webhook", product=backing.product)
    return Plan(runbook=RUNBOOK.name, title=title, steps=(step,))


def _steps(situation: Situation) -> Iterator[Step]:
    namespace, name = situation.inventory.metallb_namespace, situation.inventory.metallb_controller
    automatic = situation.can("restart")
    yield Step(
        name="restart",
        title=say("Restart {name} in {namespace}", name=name, namespace=namespace),
        unit="restart",
        hand=Hand.OPERATOR if automatic else Hand.PERSON,
        why=(
            say("It writes its certificate into the webhook configuration anew. Addresses that are given out stay."),
            say("MetalLB's resource definitions are never deleted: that would delete every pool."),
        ),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} rollout restart deployment {name}",
                f"-n {namespace} rollout status deployment {name} --timeout=2m",
            ),
        ),
        operation=Restart(kind="Deployment", namespace=namespace, name=name) if automatic else None,
        verification=(
            Expectation("metallb.controller", expected.PASS),
            Expectation("webhook.endpoints", expected.PASS),
        ),
        approval=Approval.ONE if automatic else Approval.NONE,
        patience_s=90.0,
    )
    yield Step(
        name="verify",
        title=say("Call the webhook in a dry run"),
        hand=Hand.NOBODY,
        why=(say("If the wrong certificate comes back, somebody else writes it, or the controller may not."),),
        verification=(expected.webhook(), Expectation("webhook.ca-bundle", expected.PASS)),
        patience_s=60.0,
    )


RUNBOOK = Runbook(
    name="redeploy-metallb",
    title="Restart MetalLB's controller",
    cures=("ca-bundle",),
    plan=_plan,
)
