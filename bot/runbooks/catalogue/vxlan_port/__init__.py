"""Move the VXLAN tunnel to another UDP port, or away from VXLAN: what ESXi or NSX keeps for itself."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Form, Hand, Plan, Step, Undo
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import say

_CONFIG = "-n kube-flannel get configmap kube-flannel-cfg -o yaml"


def _plan(situation: Situation) -> Plan:
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Change the VXLAN port"),
        nodes=situation.places(*RUNBOOK.cures),
        steps=tuple(_steps()),
        warnings=(say("Between the change and the restart of every node's agent, nodes cannot reach one another."),),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not point to the VXLAN port."),
    )


def _steps() -> Iterator[Step]:
    yield Step(
        name="ask-vsphere",
        title=say("Ask whoever runs vSphere: which ESXi build, and is NSX in use"),
        hand=Hand.PERSON,
        why=(
            say("The advice differs: under NSX, 4789 is taken (Cilium's advice: 8223)."),
            say(
                "On ESXi 8.0 U2 other ports than 4789 break (Broadcom KB 432932). calico #9433: 4789 fails, 4799 works."
            ),
        ),
        forms=(
            Form(say("PowerCLI"), ("Get-VMHost | Select-Object Name, Version, Build",)),
            Form(say("govc"), ("govc host.info -json | jq -r '.hostSystems[].summary.config.product.fullName'",)),
        ),
    )
    yield Step(
        name="port",
        title=say("Change the port of the CNI's tunnel, or leave VXLAN"),
        unit="port",
        hand=Hand.PERSON,
        why=(say("Flannel's host-gw needs no tunnel where all nodes are in one network."),),
        forms=(
            by_hand.kubectl(
                f"{_CONFIG} > kube-flannel-cfg-before.yaml",
                "-n kube-flannel edit configmap kube-flannel-cfg",
                "-n kube-flannel rollout restart daemonset kube-flannel-ds",
                "-n kube-flannel rollout status daemonset kube-flannel-ds --timeout=5m",
            ),
            Form(
                say("Calico"),
                ('kubectl patch felixconfiguration default --type=merge -p \'{"spec":{"vxlanPort":4799}}\'',),
            ),
            Form(
                say("Cilium"),
                ("helm -n kube-system upgrade cilium cilium/cilium --reuse-values --set tunnelPort=8223",),
            ),
        ),
        verification=expected.all_paths(),
        undo=Undo(
            title=say("Restore the former port"),
            forms=(
                by_hand.kubectl(
                    "replace -f kube-flannel-cfg-before.yaml",
                    "-n kube-flannel rollout restart daemonset kube-flannel-ds",
                ),
            ),
        ),
        patience_s=60.0,
    )
    yield expected.confirm()


RUNBOOK = Runbook(
    name="vxlan-port",
    title="Change the VXLAN port",
    cures=("vxlan-port-conflict",),
    plan=_plan,
)
