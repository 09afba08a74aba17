"""Keep the API server's calls to Services away from its HTTP proxy."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.inventory import Machine
from checks.text import say


def _plan(situation: Situation) -> Plan:
    planes = [machine for machine in situation.inventory.machines if machine.control_plane]
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Extend NO_PROXY of the API server"),
        nodes=tuple(machine.name for machine in planes),
        steps=tuple(_steps(situation, planes)),
        warnings=(say("The API server restarts on each node as its manifest is saved."),),
        override=None if situation.supports(*RUNBOOK.cures) else say("The evidence does not point to a proxy."),
    )


def _steps(situation: Situation, planes: list[Machine]) -> Iterator[Step]:
    exempt = ",".join(
        (".svc", ".cluster.local", "127.0.0.1", *situation.inventory.services[:1], *situation.inventory.pod_networks)
    )
    for machine in planes:
        yield Step(
            name="no-proxy",
            title=say("Extend NO_PROXY on {node}", node=machine.name),
            node=machine.name,
            hand=Hand.PERSON,
            why=(
                say("Names that end in .svc, and the whole network of the Services (its CIDR), belong into NO_PROXY."),
                say("What was seen of the cluster: {exempt}", exempt=exempt),
            ),
            forms=(_form(machine),),
            patience_s=60.0,
        )
    yield Step(
        name="verify",
        title=say("Call the webhook in a dry run"),
        hand=Hand.NOBODY,
        verification=(expected.webhook(), Expectation("apiserver.proxy", (*expected.PASS, "unused"), if_any=True)),
        patience_s=60.0,
    )


def _form(machine: Machine) -> Form:
    if machine.talos:
        return Form(
            say("Talos, for {node}", node=machine.name),
            (
                f"talosctl -n {machine.address} get machineconfig -o yaml | grep -niE 'proxy'",
                f"talosctl -n {machine.address} edit machineconfig",
            ),
        )
    manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml"
    return by_hand.shell(
        machine.name,
        f"cp {manifest} /root/kube-apiserver-before.yaml",
        f"grep -niE 'proxy' {manifest} /etc/environment",
        f"${{EDITOR:-vi}} {manifest}",
    )


RUNBOOK = Runbook(
    name="no-proxy",
    title="Extend NO_PROXY of the API server",
    cures=("apiserver-proxy",),
    plan=_plan,
)
