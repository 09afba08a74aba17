"""Give each node an identity and a pod subnet of its own."""

from collections.abc import Iterator

from bot.runbooks import by_hand, expected
from bot.runbooks.model import Expectation, Form, Hand, Plan, Step
from bot.runbooks.runbook import Runbook
from bot.runbooks.situation import Situation
from checks.text import Text, say

_LOOKS_AT = {
    "duplicate-pod-cidr": "node.pod-cidr-overlap",
    "pod-cidr-missing": "node.pod-cidr",
    "duplicate-machine": "node.machine",
}
_WHY: dict[str, tuple[Text, ...]] = {
    "duplicate-pod-cidr": (
        say(
            "Of two nodes with one subnet, change the one with fewer pods: drain it first, all its pods are made anew."
        ),
    ),
    "pod-cidr-missing": (say("The network plugin waits for the subnet, and starts by itself once it is there."),),
    "duplicate-machine": (
        say("Of two clones, change the younger one: drain it, give it its own identity, and let it join again."),
        say("Clean the template as well, or the next clone is the same machine again."),
    ),
}


def _plan(situation: Situation) -> Plan:
    likely = [slug for slug in RUNBOOK.cures if situation.probability(slug) > 0] or list(RUNBOOK.cures)
    nodes = situation.nodes or situation.places(*RUNBOOK.cures)
    return Plan(
        runbook=RUNBOOK.name,
        title=say("Set the nodes apart"),
        nodes=nodes,
        steps=(*(_set_apart(situation, node, likely) for node in nodes), expected.confirm()),
        override=None
        if situation.supports(*RUNBOOK.cures)
        else say("The nodes were not seen to be taken for another."),
    )


def _set_apart(situation: Situation, node: str, likely: list[str]) -> Step:
    return Step(
        name="apart",
        title=say("Give {node} what is its own, where it is the one to change", node=node),
        node=node,
        unit=node,
        hand=Hand.PERSON,
        why=tuple(why for slug in likely for why in _WHY[slug]),
        forms=tuple(form for slug in likely for form in _forms(situation, node, slug)),
        verification=tuple(Expectation(_LOOKS_AT[slug], ("pass", "not-used"), (node,)) for slug in likely),
        patience_s=300.0,
    )


def _forms(situation: Situation, node: str, slug: str) -> Iterator[Form]:
    if slug != "duplicate-machine":
        yield by_hand.kubectl(
            "get nodes -o custom-columns=NAME:.metadata.name,POD_CIDR:.spec.podCIDRs",
            "-n kube-system logs -l component=kube-controller-manager --tail=50",
        )
    if slug == "pod-cidr-missing":
        yield Form(
            say("kube-controller-manager does not give subnets (kubeadm)"),
            (
                "grep -n 'allocate-node-cidrs\\|cluster-cidr' /etc/kubernetes/manifests/kube-controller-manager.yaml",
                "kubectl -n kube-system edit configmap kubeadm-config",
            ),
        )
        return
    yield by_hand.kubectl(f"drain {node} --ignore-daemonsets --delete-emptydir-data")
    if slug == "duplicate-machine":
        yield from _identity(situation, node)
    yield Form(
        say("Let {node} join again", node=node),
        (f"kubectl delete node {node}", f"ssh {node} systemctl restart kubelet", f"kubectl uncordon {node}"),
    )


def _identity(situation: Situation, node: str) -> Iterator[Form]:
    machine = situation.machine(node)
    if machine is None or not machine.talos:
        yield by_hand.shell(
            node,
            "rm -f /etc/machine-id /var/lib/dbus/machine-id",
            "systemd-machine-id-setup",
        )
    yield Form(
        say("VMware, with the machine powered off: a UUID and a MAC of its own (VM is its name there)"),
        (
            "govc vm.change -vm VM -uuid $(cat /proc/sys/kernel/random/uuid)",
            "govc vm.network.change -vm VM -net.address - ethernet-0",
        ),
    )


RUNBOOK = Runbook(
    name="set-nodes-apart",
    title="Give each node an identity of its own",
    cures=("duplicate-machine", "duplicate-pod-cidr", "pod-cidr-missing"),
    plan=_plan,
    nodes=True,
)
