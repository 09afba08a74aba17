"""Drains a node: asks for one eviction after the other, and looks again at every round what is there."""

import enum
import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

import msgspec

from bot.operator.cluster import nodes
from bot.operator.cluster.api import Api, accepted
from bot.operator.cluster.drain import Division, Judgement, Question, Skipped, Steadiness, Word, divide, judge, stuck
from bot.operator.cluster.errors import NotThere
from bot.operator.cluster.objects import Budget, Pod

PAUSE_S = 1.0
"""Between rounds: most pods are gone after one or two seconds."""
_PODS = "/api/v1/pods"
_BUDGETS = "/apis/policy/v1/poddisruptionbudgets"
_SEVERAL = "more than one PodDisruptionBudget"


class Attempt(enum.StrEnum):
    """What came of asking for an eviction."""

    GRANTED = "granted"
    GONE = "gone"
    """There is no such pod on the node any more: it ended, or another has its name."""
    REFUSED = "refused"


class Refusal(msgspec.Struct, frozen=True):
    """A pod that may not go yet."""

    pod: str
    uid: str
    judgement: Judgement


class Progress(msgspec.Struct, frozen=True):
    """How a drain stands after a round."""

    evicted: int = 0
    """Pods whose eviction was granted since the drain began."""
    leaving: tuple[str, ...] = ()
    stuck: tuple[str, ...] = ()
    """Of those that leave, the ones that should have been gone for long."""
    refused: tuple[Refusal, ...] = ()
    questions: tuple[Question, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def done(self) -> bool:
        """Whether all that has to go is gone."""
        return not (self.leaving or self.refused or self.questions)


class Drained(msgspec.Struct, frozen=True, tag_field="end", tag="drained"):
    """Nothing is left that has to go."""

    evicted: int
    elapsed_s: float


class Blocked(msgspec.Struct, frozen=True, tag_field="end", tag="blocked"):
    """These pods will not go before somebody changes something."""

    refused: tuple[Refusal, ...]


class NeedsWord(msgspec.Struct, frozen=True, tag_field="end", tag="needs-word"):
    """These pods go only at a person's word."""

    questions: tuple[Question, ...]


class Stuck(msgspec.Struct, frozen=True, tag_field="end", tag="stuck"):
    """These pods were to be gone and are not: their kubelet does not end them."""

    pods: tuple[str, ...]


class OutOfTime(msgspec.Struct, frozen=True, tag_field="end", tag="out-of-time"):
    """The time was up; what was granted goes on."""

    progress: Progress


End: TypeAlias = Drained | Blocked | NeedsWord | Stuck | OutOfTime


def look(api: Api, node: str, allowed: frozenset[Word] = frozenset()) -> Division:
    """What is on the node now, sorted by what has to be done with it.

    Raises:
        ClusterError: it cannot be read.
    """
    return divide(_pods_of(api, node), allowed)


def preview(api: Api, node: str, allowed: frozenset[Word] = frozenset()) -> tuple[Refusal, ...]:
    """The evictions that would be refused now, each for itself; nothing changes.

    Raises:
        ClusterError: it cannot be read or tried.
    """
    evictable = look(api, node, allowed).evict
    return refusals(api, [pod for pod in evictable if evict(api, pod, dry_run=True) is Attempt.REFUSED])


def evict(api: Api, pod: Pod, *, dry_run: bool = False) -> Attempt:
    """Ask for the eviction of this very pod; asking again for one that leaves is harmless.

    Raises:
        ClusterError: it could not be asked for.
    """
    path = f"/api/v1/namespaces/{pod.metadata.namespace}/pods/{pod.metadata.name}/eviction"
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": pod.metadata.name, "namespace": pod.metadata.namespace},
        "deleteOptions": {"preconditions": {"uid": pod.metadata.uid}},
    }
    reply = api.ask("POST", path, body, **({"dryRun": "All"} if dry_run else {}))
    if reply.status in (404, 409):
        return Attempt.GONE
    if reply.status == 429 or (reply.status == 500 and _SEVERAL in reply.message):  # noqa: PLR2004 - of HTTP
        return Attempt.REFUSED
    accepted(reply, "evict", path)
    return Attempt.GRANTED


def evict_round(api: Api, node: str, allowed: frozenset[Word], now: float) -> Progress:
    """Ask once for the eviction of every pod that has to go, and say how the node stands.

    Args:
        api: The cluster.
        node: Its name.
        allowed: What a person has said yes to.
        now: Unix time in seconds.

    Raises:
        ClusterError: it cannot be read or asked for.
    """
    division = look(api, node, allowed)
    granted, refused = [], []
    for pod in division.evict:
        # Just before it is asked for: a UID that is no longer true costs the budget two minutes.
        if not _is_there(api, pod):
            continue
        attempt = evict(api, pod)
        if attempt is Attempt.GRANTED:
            granted.append(pod)
        elif attempt is Attempt.REFUSED:
            refused.append(pod)
    leaving = (*division.leaving, *granted)
    return Progress(
        evicted=len(granted),
        leaving=_names(leaving),
        stuck=_names(pod for pod in leaving if stuck(pod, now)),
        refused=refusals(api, refused),
        questions=division.questions,
        skipped=division.skipped,
    )


def drain(
    api: Api,
    node: str,
    execution: str,
    deadline_s: float,
    tell: Callable[[Progress], None],
    *,
    allowed: frozenset[Word] = frozenset(),
    pause: Callable[[float], object] = time.sleep,
) -> End:
    """Cordon a node and evict what has to go from it; after a crash, do it again.

    Args:
        api: The cluster.
        node: Its name.
        execution: Whose cordon it is, if the node has none yet.
        deadline_s: Seconds after which to stop asking.
        tell: Hears how it stands, whenever that has changed.
        allowed: What a person has said yes to.
        pause: Waits for some seconds; may raise to stop the drain between two rounds.

    Raises:
        ClusterError: the cluster cannot be read or asked; the node stays cordoned.
    """
    if questions := look(api, node, allowed).questions:
        return NeedsWord(questions)
    nodes.cordon(api, node, execution)
    began, evicted, told = time.monotonic(), 0, Progress()
    steadiness = Steadiness()
    while True:
        seen = evict_round(api, node, allowed, time.time())
        evicted += seen.evicted
        progress = msgspec.structs.replace(seen, evicted=evicted)
        if progress != told:
            tell(progress)
            told = progress
        now = time.monotonic()
        if end := _end(progress, steadiness, began, now):
            return end
        if now > began + deadline_s:
            return OutOfTime(progress)
        pause(PAUSE_S)


def _end(progress: Progress, steadiness: Steadiness, began: float, now: float) -> End | None:
    """Why there is nothing more to wait for, or None while there is."""
    never = [each for each in progress.refused if steadiness.settled(each.uid, each.judgement, now)]
    if progress.done:
        return Drained(progress.evicted, now - began)
    if len(never) < len(progress.refused) or len(progress.stuck) < len(progress.leaving):
        return None
    if never:
        return Blocked(tuple(never))
    return Stuck(progress.stuck) if progress.stuck else NeedsWord(progress.questions)


def _pods_of(api: Api, node: str) -> tuple[Pod, ...]:
    return api.list(_PODS, Pod, fieldSelector=f"spec.nodeName={node}")


def _is_there(api: Api, pod: Pod) -> bool:
    try:
        now = api.get(f"/api/v1/namespaces/{pod.metadata.namespace}/pods/{pod.metadata.name}", Pod)
    except NotThere:
        return False
    return now.metadata.uid == pod.metadata.uid


def refusals(api: Api, refused: Iterable[Pod]) -> tuple[Refusal, ...]:
    """What it means that these pods were not evicted, from budgets and pods as they are now.

    Raises:
        ClusterError: they cannot be read.
    """
    waiting = list(refused)
    if not waiting:
        return ()
    budgets = api.list(_BUDGETS, Budget)
    pods = {
        namespace: api.list(f"/api/v1/namespaces/{namespace}/pods", Pod)
        for namespace in {pod.metadata.namespace for pod in waiting}
    }
    return tuple(
        Refusal(pod.name, pod.metadata.uid, judge(pod, budgets, pods[pod.metadata.namespace])) for pod in waiting
    )


def _names(pods: Iterable[Pod]) -> tuple[str, ...]:
    return tuple(sorted(pod.name for pod in pods))
