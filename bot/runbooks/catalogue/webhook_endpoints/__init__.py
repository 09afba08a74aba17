"""Let the API server find the webhook again: behind its Service, or at its URL."""

from collections.abc import Iterator

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
"""MetalLB's, where nothing was seen: it is what a plan without a diagnosis is asked for."""
_BY_SERVICE = ("no-endpoints", "webhook-service")
_BY_URL = "webhook-url"
_TITLES = {
    "no-endpoints": say("Bring the pods of {product} back, or correct its Service's selector"),
    "webhook-service": say("Give {product}'s webhook a Service that the API server can use"),
}
_WHY = {
    "no-endpoints": say(
        "A ready pod that the Service does not select counts for nothing: compare labels and selector."
    ),
    "webhook-service": say("The API server calls a webhook by its Service's address: a headless one has none."),
}


def _plan(situation: Situation) -> Plan:
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Give the webhook an endpoint"),
        steps=tuple(_steps(situation)),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The webhook has an endpoint, as far as was seen."),
    )


def _steps(situation: Situation) -> Iterator[Step]:
    slug = next((slug for slug in _BY_SERVICE if situation.diagnosis and situation.supports(slug)), "")
    if not slug and situation.diagnosis and situation.supports(_BY_URL):
        yield _url()
        return
    yield _service(slug or _BY_SERVICE[0], situation)


def _service(slug: str, situation: Situation) -> Step:
    backing = situation.backing(*_BY_SERVICE) or _own(situation)
    namespace, service = backing.namespace, backing.service
    what = backing.workload or "NAME"
    return Step(
        name="endpoints",
        title=_named(_TITLES[slug], backing),
        hand=Hand.PERSON,
        why=(_WHY[slug],),
        forms=(
            by_hand.kubectl(
                f"-n {namespace} get pods --show-labels",
                f"-n {namespace} get service,endpointslices -o wide",
                f"-n {namespace} describe service {service}",
                f"-n {namespace} describe {backing.kind.lower() or 'deployment'} {what}",
                *([f"-n {namespace} scale {backing.target} --replicas=1"] if slug == "no-endpoints" else []),
            ),
        ),
        verification=(
            Expectation("webhook.endpoints", (*expected.PASS, "not-used")),
            Expectation("services.aggregated", (*expected.PASS, "not-used", "other"), if_any=True),
            *([Expectation("metallb.controller", (*expected.PASS, "not-used"))] if backing.product == METALLB else []),
            expected.webhook(),
        ),
        patience_s=60.0,
    )


def _url() -> Step:
    return Step(
        name="url",
        title=say("Let the API server's node reach the URL of the webhook"),
        hand=Hand.PERSON,
        why=(say("The API server resolves the name with its node's resolver, which knows no name of the cluster."),),
        forms=(
            by_hand.kubectl("get validatingwebhookconfigurations,mutatingwebhookconfigurations -o yaml"),
            by_hand.kubectl("get crd -o jsonpath='{.items[*].spec.conversion.webhook.clientConfig.url}'"),
        ),
        verification=(Expectation("webhook.url", expected.PASS, if_any=True),),
        patience_s=60.0,
    )


def _own(situation: Situation) -> Backing:
    """MetalLB's webhook as the inventory has it."""
    inventory = situation.inventory
    return Backing(
        namespace=inventory.metallb_namespace or _USUAL.namespace,
        service=_USUAL.service,
        product=METALLB,
        kind=_USUAL.kind,
        workload=inventory.metallb_controller or _USUAL.workload,
    )


def _named(text: Text, backing: Backing) -> Text:
    return filled(text, {"product": backing.product})


RUNBOOK = Runbook(
    name="webhook-endpoints",
    title="Give the webhook an endpoint",
    cures=(*_BY_SERVICE, _BY_URL),
    plan=_plan,
)
