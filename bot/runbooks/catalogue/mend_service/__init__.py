"""Put a Service right: the port that it leads to, the pods that it selects, or the nodes on which it answers."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.backing import METALLB, Backing
from checks.text import Text, filled, say

_USUAL = Backing(
    namespace="metallb-system",
    service="metallb-webhook-service",
    product=METALLB,
    kind="Deployment",
    workload="controller",
)
"""MetalLB's webhook, where nothing was seen: it is what a plan without a diagnosis is asked for."""
_TITLES = {
    "wrong-target-port": say("Let the Service of {product} lead to a port on which its container listens"),
    "service-selector": say("Let the Service of {product} select its own pods alone"),
    "no-local-endpoint": say("Let the Service of {product} answer on every node that asks"),
}
_WHY = {
    "wrong-target-port": say("targetPort is a number, or the name that a container gives to one of its ports."),
    "service-selector": say("Every pod with all labels of the selector is behind it, whoever made that pod."),
    "no-local-endpoint": say("Under the policy Local nobody answers on a node without one of its pods."),
}
_CODES = {
    "wrong-target-port": ("services.target-port", ("pass", "not-used", "partly")),
    "service-selector": ("services.selector", ("pass", "not-used", "mixed")),
    "no-local-endpoint": ("services.local", ("pass", "not-used", "some-nodes")),
}
"""By cause what has to be seen afterwards."""


def _plan(situation: Situation) -> Plan:
    slugs = [slug for slug in RUNBOOK.cures if situation.diagnosis is not None and situation.supports(slug)]
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Put the Service right"),
        steps=(*(_step(situation, slug) for slug in slugs or RUNBOOK.cures[:1]), expected.confirm()),
        override=None if situation.supports(*RUNBOOK.cures) else say("No Service was seen to lead astray."),
    )


def _step(situation: Situation, slug: str) -> Step:
    backing = situation.backing(slug) or _USUAL
    namespace, service = backing.namespace, backing.service
    code, outcomes = _CODES[slug]
    return Step(
        name=slug,
        title=_named(_TITLES[slug], backing),
        hand=Hand.PERSON,
        why=(_WHY[slug], say("It is {service}.", service=f"{namespace}/{service}")),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} get service {service} -o yaml",
                f"-n {namespace} get endpointslices -l kubernetes.io/service-name={service} -o wide",
                f"-n {namespace} get pods -o wide --show-labels",
                f"-n {namespace} edit service {service}",
            ),
        ),
        verification=(Expectation(code, outcomes),),
        patience_s=60.0,
    )


def _named(text: Text, backing: Backing) -> Text:
    return filled(text, {"product": backing.product})


RUNBOOK = Runbook(
    name="mend-service",
    title="Put a Service right",
    cures=("wrong-target-port", "service-selector", "no-local-endpoint"),
    plan=_plan,
)
