"""Which pods of a node have to go, which only at a person's word, and what a refused eviction means.

Pure: what was read goes in, what it means comes out. The meanings were measured on Kubernetes 1.34.
"""

import enum
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from bot.operator.cluster.objects import Budget, Pod

MIRROR = "kubernetes.io/config.mirror"
"""The annotation of a pod that kubelet has from a file: it would start it again by itself."""
SETTLED_S = 10.0
"""How long a "never" has to last: while pods end, a budget counts them too, and the same numbers mean "slow"."""
_ROLES = ("worker", "operator", "bot")
STUCK_AFTER_S = 30.0
"""After a pod should have been gone, its grace included; kubelet takes 0.7 s more than the grace."""


class Skip(enum.StrEnum):
    """Why a pod stays."""

    DAEMON_SET = "daemon-set"
    """Its DaemonSet would make it anew on the same node."""
    MIRROR = "mirror"
    """It is kubelet's own."""
    FINISHED = "finished"
    """Nothing runs in it."""
    QUEUE = "queue"
    """netcheck's own Redis: without it nobody could go on. It ends with its node, and starts again with it."""


class Word(enum.StrEnum):
    """What a person has to say yes to."""

    UNMANAGED = "unmanaged"
    """No controller makes the pod anew: it does not come back."""
    EMPTY_DIR = "empty-dir"
    """What it wrote to an emptyDir volume is lost."""


class Skipped(msgspec.Struct, frozen=True):
    """A pod that stays."""

    pod: str
    why: Skip


class Question(msgspec.Struct, frozen=True):
    """A pod that goes only at a person's word."""

    pod: str
    words: tuple[Word, ...]


class Division(msgspec.Struct, frozen=True):
    """The pods of a node, each in one place."""

    evict: tuple[Pod, ...] = ()
    leaving: tuple[Pod, ...] = ()
    """Being deleted already."""
    skipped: tuple[Skipped, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is left that has to go."""
        return not (self.evict or self.leaving or self.questions)


class Verdict(enum.StrEnum):
    """Whether a refused eviction will be granted."""

    SLOW = "slow"
    NEVER = "never"
    """Not before a person or a controller changes something."""


class Reason(enum.StrEnum):
    """Why an eviction is refused."""

    SEVERAL_BUDGETS = "several-budgets"
    """More than one budget guards the pod; the API evicts no such pod."""
    NO_ROOM = "no-room"
    """The budget wants every pod that there is."""
    NO_OTHER_NODE = "no-other-node"
    """The replacement fits no node while this one takes none."""
    NOT_READY = "not-ready"
    """The pod is not ready itself, and its budget is short already."""
    JUST_GRANTED = "just-granted"
    """The budget still counts an eviction that did not happen: up to two minutes."""
    JUST_COUNTED = "just-counted"
    """The budget's pods were not counted yet, or have been meanwhile and it allows one to go."""
    STARTING = "starting"
    """Replacements are on their way."""
    BUSY = "busy"
    """No budget of ours: the API server takes no more requests for a moment."""


class Judgement(msgspec.Struct, frozen=True):
    """What a refused eviction means."""

    verdict: Verdict
    reason: Reason
    budgets: tuple[str, ...] = ()
    """The budgets that refuse it, as `namespace/name`."""
    pods: tuple[str, ...] = ()
    """The pods that it hangs on, as `namespace/name`."""


def divide(pods: Iterable[Pod], allowed: frozenset[Word] = frozenset()) -> Division:
    """Sort a node's pods by what has to be done with them.

    Args:
        pods: All of the node.
        allowed: What a person has said yes to.
    """
    evict, leaving, skipped, questions = [], [], [], []
    for pod in pods:
        if why := _skip(pod):
            skipped.append(Skipped(pod.name, why))
        elif pod.terminating:
            leaving.append(pod)
        elif words := tuple(word for word in _words(pod) if word not in allowed):
            questions.append(Question(pod.name, words))
        else:
            evict.append(pod)
    return Division(tuple(evict), tuple(leaving), tuple(skipped), tuple(questions))


def _skip(pod: Pod) -> Skip | None:
    if _component(pod) == "redis":
        return Skip.QUEUE
    controller = pod.metadata.controller
    if MIRROR in pod.metadata.annotations:
        return Skip.MIRROR
    if controller and controller.kind == "DaemonSet":
        return Skip.DAEMON_SET
    if pod.status.phase in {"Succeeded", "Failed"}:
        return Skip.FINISHED
    return None


def _words(pod: Pod) -> Iterable[Word]:
    if pod.metadata.controller is None:
        yield Word.UNMANAGED
    if any(volume.empty_dir is not None for volume in pod.spec.volumes) and not _scratch(pod):
        yield Word.EMPTY_DIR


def _scratch(pod: Pod) -> bool:
    """Whether nothing is lost with its emptyDir volumes: netcheck's own roles write nothing there that they need."""
    return _component(pod) in _ROLES


def _component(pod: Pod) -> str:
    """Which part of netcheck a pod is; empty when it is none."""
    labels = pod.metadata.labels
    return labels.get("app.kubernetes.io/component", "") if labels.get("app.kubernetes.io/name") == "netcheck" else ""


def judge(pod: Pod, budgets: Iterable[Budget], pods: Iterable[Pod]) -> Judgement:
    """Say why an eviction was refused and whether it will be granted, from what is true a moment later.

    Args:
        pod: The one that was not evicted.
        budgets: Those of the cluster, or of its namespace.
        pods: Those of its namespace.
    """
    guarding = [budget for budget in budgets if budget.guards(pod)]
    if len(guarding) > 1:
        return Judgement(
            Verdict.NEVER, Reason.SEVERAL_BUDGETS, tuple(sorted(each.name for each in guarding)), (pod.name,)
        )
    if not guarding:
        return Judgement(Verdict.SLOW, Reason.BUSY)
    budget = guarding[0]
    guarded = [each for each in pods if budget.guards(each)]
    verdict, reason, hangs_on = _by_count(pod, budget, guarded)
    return Judgement(verdict, reason, (budget.name,), tuple(sorted(each.name for each in hangs_on)))


def _by_count(pod: Pod, budget: Budget, guarded: Sequence[Pod]) -> tuple[Verdict, Reason, Sequence[Pod]]:
    """The rows of the table in order: the first that fits is the reason."""
    status = budget.status
    waiting = [each for each in guarded if not each.ready]
    if status.observed_generation < budget.metadata.generation or status.disruptions_allowed > 0:
        return Verdict.SLOW, Reason.JUST_COUNTED, []
    if status.expected_pods <= status.desired_healthy:
        return Verdict.NEVER, Reason.NO_ROOM, guarded
    if granted := [each for each in guarded if each.metadata.name in status.disrupted_pods and not each.terminating]:
        return Verdict.SLOW, Reason.JUST_GRANTED, granted
    if not pod.ready and status.current_healthy < status.desired_healthy and not budget.lets_unready_go:
        return Verdict.NEVER, Reason.NOT_READY, [pod]
    homeless = [each for each in waiting if each.unschedulable]
    return (Verdict.NEVER, Reason.NO_OTHER_NODE, homeless) if homeless else (Verdict.SLOW, Reason.STARTING, waiting)


class Steadiness:
    """How long each pod's judgement has been the same."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[Judgement, float]] = {}

    def settled(self, uid: str, judgement: Judgement, now: float) -> bool:
        """Whether this "never" may be believed. `now` is of any clock, in seconds."""
        before, since = self._since.get(uid, (judgement, now))
        if before != judgement:
            since = now
        self._since[uid] = (judgement, since)
        return judgement.verdict is Verdict.NEVER and now - since >= SETTLED_S


def stuck(pod: Pod, now: float) -> bool:
    """Whether a pod that is being deleted should have been gone for long; `now` is Unix time in seconds."""
    if not pod.terminating:
        return False
    return now > datetime.fromisoformat(pod.metadata.deletion_timestamp).timestamp() + STUCK_AFTER_S
