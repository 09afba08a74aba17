"""Nodes: whether one may be taken out, cordoned and uncordoned by whom, and whether it is back after a boot."""

import enum
from collections.abc import Callable, Sequence

import msgspec

from bot.operator.cluster.api import Api, decoded
from bot.operator.cluster.errors import Conflict, NoAnswer, NotThere
from bot.operator.cluster.objects import Lease, Node, Pod
from checks.text import Text, names, say

CORDONED_BY = "netcheck.dev/cordoned-by"
"""The annotation of a node that netcheck cordoned: the id of the execution that did."""
_ATTEMPTS = 5
"""Kubelet and controllers write to a node too; twice in a row at the same moment was never seen."""
_NODES = "/api/v1/nodes"
_READYZ = "/readyz"


class Cordon(enum.StrEnum):
    """Who keeps new pods away from a node."""

    NONE = "none"
    OURS = "ours"
    """This execution."""
    ANOTHERS = "anothers"
    """A person, or another execution."""


def look(api: Api, name: str) -> Node:
    """The node as it is now.

    Raises:
        ClusterError: it cannot be read; `NotThere` when there is none.
    """
    return api.get(f"{_NODES}/{name}", Node)


def cordon_of(node: Node, execution: str) -> Cordon:
    """Who cordoned the node, as this execution sees it."""
    if not node.spec.unschedulable:
        return Cordon.NONE
    return Cordon.OURS if node.metadata.annotations.get(CORDONED_BY) == execution else Cordon.ANOTHERS


def cordon(api: Api, name: str, execution: str) -> Cordon:
    """Keep new pods away from a node, unless somebody does already, and say whose cordon it is now.

    Raises:
        ClusterError: it cannot be done.
    """

    def change(node: Node) -> dict[str, object] | None:
        return None if node.spec.unschedulable else _patch(node, execution, cordoned=True)

    return cordon_of(_changed(api, name, change), execution)


def uncordon(api: Api, name: str, execution: str) -> Cordon:
    """Let pods onto a node again if it was this execution that kept them away, and say who does now.

    Raises:
        ClusterError: it cannot be done.
    """

    def change(node: Node) -> dict[str, object] | None:
        ours = node.metadata.annotations.get(CORDONED_BY) == execution
        return _patch(node, None, cordoned=False) if ours else None

    return cordon_of(_changed(api, name, change), execution)


def _patch(node: Node, execution: str | None, *, cordoned: bool) -> dict[str, object]:
    """A change that is refused when somebody changed the node after it was read."""
    return {
        "metadata": {
            "resourceVersion": node.metadata.resource_version,
            "annotations": {CORDONED_BY: execution},
        },
        "spec": {"unschedulable": cordoned or None},
    }


def _changed(api: Api, name: str, change: Callable[[Node], dict[str, object] | None]) -> Node:
    """The node after the change that it takes, which is looked for anew when somebody else was faster."""
    for _ in range(_ATTEMPTS):
        node = look(api, name)
        patch = change(node)
        if patch is None:
            return node
        try:
            return decoded(api.patch(f"{_NODES}/{name}", patch), Node)
        except Conflict:
            continue
    raise Conflict(
        f"Node {name} was changed by somebody else at each of {_ATTEMPTS} attempts.",
        hint="Look which controller writes to it without a pause: `kubectl get node -w`.",
    )


class Objection(msgspec.Struct, frozen=True):
    """Something that speaks against taking a node out."""

    code: str
    text: Text
    consent: bool = False
    """Whether a person may say that it shall be done all the same."""


def preflight(api: Api, name: str) -> list[Objection]:
    """What speaks against taking the node out now; nothing changes.

    Raises:
        ClusterError: it cannot be read.
    """
    everyone = api.list(_NODES, Node)
    node = next((each for each in everyone if each.name == name), None)
    if node is None:
        raise NotThere(f"There is no node {name}.", hint="`kubectl get nodes` lists them.")
    found = objections(node, [each for each in everyone if each.name != name])
    # Whether etcd keeps its quorum matters before anything is moved, whichever node it is.
    failing = etcd_failures(api)
    if failing:
        found.insert(0, Objection("etcd", say("etcd is not ready: {failing}.", failing=names(failing))))
    return found


def objections(node: Node, others: Sequence[Node]) -> list[Objection]:
    """What the nodes themselves say against taking one of them out."""
    found = []
    if cordoned := [each.name for each in others if each.spec.unschedulable]:
        text = say("Cordoned already: {nodes}. One node at a time.", nodes=names(cordoned))
        found.append(Objection("cordoned", text))
    if unready := [each.name for each in others if not each.ready]:
        found.append(Objection("not-ready", say("Not Ready: {nodes}.", nodes=names(unready))))
    if not node.ready:
        text = say("{node} itself is not Ready: nobody ends its pods before it is back.", node=node.name)
        found.append(Objection("itself-not-ready", text, consent=True))
    if not any(each.takes_pods for each in others):
        text = say("No other node takes pods: what runs on {node} has nowhere to go.", node=node.name)
        found.append(Objection("last-node", text, consent=True))
    if node.control_plane:
        found += _control_plane(node, [each for each in others if each.control_plane])
    return found


def _control_plane(node: Node, others: Sequence[Node]) -> list[Objection]:
    if not others:
        text = say("{node} is the only control-plane node: without it nobody can change the cluster.", node=node.name)
        return [Objection("only-control-plane", text, consent=True)]
    members = len(others) + 1
    left, quorum = sum(each.ready for each in others), members // 2 + 1
    if left >= quorum:
        return []
    text = say(
        "Without {node} {left} of {members} control-plane nodes are left, and etcd needs {quorum}.",
        node=node.name,
        left=left,
        members=members,
        quorum=quorum,
    )
    return [Objection("quorum", text)]


def etcd_failures(api: Api) -> list[str]:
    """The API server's checks of etcd that fail; empty when it is well.

    Raises:
        NoAnswer: the API server does not answer.
    """
    lines = api.ask("GET", _READYZ, verbose="1").content.decode(errors="replace").splitlines()
    checks = [line for line in lines if line[3:].startswith("etcd")]
    if not checks:
        raise NoAnswer("The API server does not say how etcd is.", hint="`kubectl get --raw /readyz?verbose` asks it.")
    return [line[3:].split()[0].rstrip(":") for line in checks if not line.startswith("[+]")]


class Life(msgspec.Struct, frozen=True):
    """What the API server knows of a node that nobody but its kubelet writes."""

    boot: str = ""
    """The id that the kernel gives to each boot."""
    heartbeat: str = ""
    """When kubelet last said that it is there: RFC 3339 in UTC with six decimals, so later is greater."""
    restarts: dict[str, int] = {}
    """How often each container that runs for good was started again, by `UID/container`."""
    ready: bool = False


class Return(msgspec.Struct, frozen=True):
    """How far a node has come back."""

    heard: bool
    """Kubelet said something after the last look."""
    booted: bool
    """It is another boot, or all that ran was started again."""
    ready: bool

    @property
    def complete(self) -> bool:
        """Whether the node is truly back: "Ready" alone may still be said of its last life."""
        return self.heard and self.booted and self.ready


def life(api: Api, name: str) -> Life:
    """What to remember before a node is switched off, and to compare with afterwards.

    Raises:
        ClusterError: it cannot be read.
    """
    node = look(api, name)
    lease = api.get(f"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}", Lease)
    pods = api.list("/api/v1/pods", Pod, fieldSelector=f"spec.nodeName={name}")
    restarts = {
        f"{pod.metadata.uid}/{container.name}": container.restart_count
        for pod in pods
        if pod.spec.restart_policy == "Always" and not pod.terminating
        for container in pod.status.container_statuses
    }
    return Life(node.status.node_info.boot_id, lease.spec.renew_time, restarts, node.ready)


def returned(before: Life, now: Life) -> Return:
    """How far a node has come back since it was switched off."""
    restarted = all(now.restarts.get(each, count + 1) > count for each, count in before.restarts.items())
    return Return(
        heard=now.heartbeat > before.heartbeat,
        booted=now.boot != before.boot or (restarted and bool(before.restarts)),
        ready=now.ready,
    )
