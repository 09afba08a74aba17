"""Restart kube-proxy on the nodes where Service addresses do not work."""

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say


def _plan(situation: Situation) -> Plan:
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Restart kube-proxy"),
        nodes=nodes,
        steps=(*(_restart(situation, node) for node in nodes), expected.confirm()),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not point to kube-proxy."),
    )


def _restart(situation: Situation, node: str) -> Step:
    namespace, label = situation.inventory.kube_proxy
    chosen = f"-l {label or 'k8s-app=kube-proxy'} --field-selector spec.nodeName={node}"
    place = f"-n {namespace or 'kube-system'}"
    return Step(
        name="restart",
        title=say("Restart kube-proxy on {node}", node=node),
        node=node,
        hand=Hand.PERSON,
        why=(say("Read its log first: a wrong configuration makes the same fault again."),),
        forms=(
            by_hand.kubectl(f"{place} logs {chosen} --tail=50", f"{place} delete pod {chosen}"),
            by_hand.shell(node, "systemctl restart k3s-agent || systemctl restart k3s || systemctl restart kube-proxy"),
        ),
        verification=(
            Expectation("kube-proxy.health", (*expected.PASS, "not-used"), (node,), if_any=True),
            Expectation("dns.service", expected.PASS, (node,), if_any=True),
            Expectation("paths.webhook-service", (*expected.PASS, "not-used"), if_any=True),
        ),
        patience_s=30.0,
    )


RUNBOOK = Runbook(
    name="restart-kube-proxy",
    title="Restart kube-proxy",
    cures=("kube-proxy", "kube-proxy-stale"),
    plan=_plan,
    nodes=True,
)
