"""Have kube-proxy leave the Services' addresses to MetalLB: strictARP."""

from bot.runbooks import by_hand
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say

_CONFIG_MAP = "configmap kube-proxy"


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Set strictARP"),
        nodes=nodes,
        steps=(_step(situation),),
        override=None if situation.supports(*RUNBOOK.cures) else say("No node was seen to answer for all addresses."),
    )


def _step(situation: Situation) -> Step:
    namespace, label = situation.inventory.kube_proxy
    place, chosen = f"-n {namespace or 'kube-system'}", label or "k8s-app=kube-proxy"
    return Step(
        name="strict-arp",
        title=say("Set `ipvs.strictARP: true` in kube-proxy's configuration, and restart it"),
        hand=Hand.PERSON,
        why=(
            say("In the mode ipvs every node has all Services' addresses, and answers ARP for them without it."),
            say("MetalLB's documentation asks for it wherever kube-proxy runs in that mode."),
        ),
        forms=(
            by_hand.kubectl(
                f"{place} get {_CONFIG_MAP} -o yaml",
                f"{place} edit {_CONFIG_MAP}",
                f"{place} delete pod -l {chosen}",
            ),
            Form(say("k3s and RKE2, in config.yaml of every node"), ('kube-proxy-arg: ["ipvs-strict-arp=true"]',)),
        ),
        verification=(Expectation("kube-proxy.strict-arp", ("pass", "not-used")),),
        patience_s=60.0,
    )


RUNBOOK = Runbook(name="strict-arp", title="Set strictARP", cures=("strict-arp",), plan=_plan, nodes=True)
