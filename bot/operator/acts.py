"""What the operator does for each verb, and how it looks whether that is done. One row a verb.

An act may be done again: it looks first, and changes what is not as it should be. It raises `NetcheckError` when it
could not do it and knows that, and `UnknownError` when nobody knows.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import NetcheckError
from bot.language import ENGLISH
from bot.operator.cluster import eviction, metallb, nodes, privileged, workloads
from bot.operator.cluster.api import Api
from bot.operator.cluster.drain import Word
from bot.operator.cluster.errors import NoAnswer, NotThere
from bot.operator.cluster.objects import Pod
from bot.operator.cluster.privileged import Privileged
from bot.operator.exchange import Exchange
from bot.operator.vcenter.account import Account
from bot.runbooks.operations import (
    ApplyPool,
    Cordon,
    DeletePod,
    DeletePool,
    Drain,
    ExchangeAdapter,
    Operation,
    Restart,
    SetOffloads,
    Uncordon,
)

DRAIN_S = 600.0
ROLLOUT_S = 180.0
_LOOK_S = 1.0
Lines = Sequence[str]


class NotDone(NetcheckError):  # noqa: N818 - it is an answer, not an accident
    """It was not done, or not to its end; says what is true."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the operator acts."""

    api: Api
    vcenter: Account | None
    privileged: Privileged | None
    execution: str
    order: str
    node: str = ""
    """Where the operator runs; empty when it does not know."""


@dataclass(frozen=True, slots=True)
class Doing:
    """One verb."""

    act: Callable[[Site, Any], Lines]
    """Do it; what was done, for people."""
    look: Callable[[Site, Any], bool]
    """Whether it is done already, for whoever does not know how far it came."""
    vcenter: bool = False
    """Whether it needs a vCenter."""
    privileged: bool = False
    """Whether it needs to make privileged pods."""


def _cordon(site: Site, asked: Cordon) -> Lines:
    whose = nodes.cordon(site.api, asked.node, site.execution)
    if whose is nodes.Cordon.ANOTHERS:
        raise NotDone(f"{asked.node} was cordoned by somebody else.", hint="Ask who is at work there.")
    return [f"{asked.node} is cordoned."]


def _is_cordoned(site: Site, asked: Cordon) -> bool:
    return nodes.cordon_of(nodes.look(site.api, asked.node), site.execution) is nodes.Cordon.OURS


def _uncordon(site: Site, asked: Uncordon) -> Lines:
    whose = nodes.uncordon(site.api, asked.node, site.execution)
    if whose is nodes.Cordon.ANOTHERS:
        raise NotDone(f"{asked.node} was cordoned by somebody else, so it stays so.", hint="Ask them to uncordon it.")
    return [f"{asked.node} is open for pods."]


def _is_open(site: Site, asked: Uncordon) -> bool:
    return nodes.cordon_of(nodes.look(site.api, asked.node), site.execution) is nodes.Cordon.NONE


def _drain(site: Site, asked: Drain) -> Lines:
    objections = [each for each in nodes.preflight(site.api, asked.node) if not each.consent]
    if objections:
        raise NotDone(" ".join(ENGLISH.words(each.text) for each in objections), hint="Put that right first.")
    end = eviction.drain(
        site.api, asked.node, site.execution, DRAIN_S, lambda _: None, allowed=_allowed(asked), pause=time.sleep
    )
    match end:
        case eviction.Drained():
            return [f"{asked.node} is drained: {end.evicted} pods were evicted in {end.elapsed_s:.0f} s."]
        case eviction.Blocked():
            told = [_refusal(each) for each in end.refused]
            raise NotDone(
                f"These pods will not go: {'; '.join(told)}.",
                hint="Wait, change the budget, delete the pod by hand, or roll back.",
            )
        case eviction.NeedsWord():
            told = [f"{each.pod} ({', '.join(each.words)})" for each in end.questions]
            raise NotDone(
                f"These pods go only at a person's word: {'; '.join(told)}.",
                hint="Delete them by hand, or plan with lose_emptydir=true if what they hold may be lost.",
            )
        case eviction.Stuck():
            raise NotDone(f"These pods do not end: {', '.join(end.pods)}.", hint="Look at their node's kubelet.")
    left = [*end.progress.leaving, *(each.pod for each in end.progress.refused)]
    raise NotDone(
        f"After {DRAIN_S:.0f} s these pods are still there: {', '.join(left)}.", hint="Do it again, or roll back."
    )


def _refusal(refusal: eviction.Refusal) -> str:
    judged = refusal.judgement
    by = f" by {', '.join(judged.budgets)}" if judged.budgets else ""
    return f"{refusal.pod}, held{by}: {judged.reason}"


def _allowed(asked: Drain) -> frozenset[Word]:
    return frozenset({Word.EMPTY_DIR}) if asked.lose_data else frozenset()


def _is_drained(site: Site, asked: Drain) -> bool:
    return eviction.look(site.api, asked.node, _allowed(asked)).empty


def _restart(site: Site, asked: Restart) -> Lines:
    workload = _workload(asked)
    workloads.restart(site.api, workload, site.order)
    until = time.monotonic() + ROLLOUT_S
    while not workloads.look(site.api, workload).complete:
        if time.monotonic() > until:
            raise NotDone(f"After {ROLLOUT_S:.0f} s {asked.name} is not rolled out.", hint="Look at its pods' events.")
        time.sleep(_LOOK_S)
    return [f"{asked.namespace}/{asked.name} was restarted."]


def _is_restarted(site: Site, asked: Restart) -> bool:
    rollout = workloads.look(site.api, _workload(asked))
    return rollout.operation == site.order and rollout.complete


def _workload(asked: Restart) -> workloads.Workload:
    kind = workloads.Kind.DEPLOYMENT if asked.kind == "Deployment" else workloads.Kind.DAEMON_SET
    return workloads.Workload(kind, asked.namespace, asked.name)


def _delete_pod(site: Site, asked: DeletePod) -> Lines:
    pod = _pod(site, asked)
    if pod is not None:
        workloads.delete_pod(site.api, asked.namespace, asked.name, pod.metadata.uid)
    return [f"{asked.namespace}/{asked.name} was deleted."]


def _is_deleted(site: Site, asked: DeletePod) -> bool:
    pod = _pod(site, asked)
    return pod is None or pod.terminating


def _pod(site: Site, asked: DeletePod) -> Pod | None:
    try:
        return site.api.get(f"/api/v1/namespaces/{asked.namespace}/pods/{asked.name}", Pod)
    except NotThere:
        return None


def _apply_pool(site: Site, asked: ApplyPool) -> Lines:
    pool = _pool(asked)
    metallb.rehearse(site.api, pool)
    if not metallb.apply(site.api, pool).complete:
        raise NotDone(f"The pool {asked.name} is not as it was applied.", hint="Look who else changes it.")
    return [f"The pool {asked.name} and its L2Advertisement are there."]


def _is_applied(site: Site, asked: ApplyPool) -> bool:
    return metallb.look(site.api, _pool(asked)).complete


def _delete_pool(site: Site, asked: DeletePool) -> Lines:
    left = metallb.remove(site.api, _pool(asked))
    if metallb.State.OTHER in (left.pool, left.advertisement):
        raise NotDone(f"{asked.name} was changed by somebody else since, so it stays.", hint="Delete it by hand.")
    return [f"The pool {asked.name} and its L2Advertisement are gone."]


def _is_pool_gone(site: Site, asked: DeletePool) -> bool:
    seen = metallb.look(site.api, _pool(asked))
    return {seen.pool, seen.advertisement} == {metallb.State.ABSENT}


def _pool(asked: ApplyPool | DeletePool) -> metallb.Pool:
    return metallb.Pool(asked.name, asked.addresses, asked.namespace)


def _exchange(site: Site, asked: ExchangeAdapter) -> Lines:
    if asked.node == site.node:
        # It would end with the node, and nobody would be there to switch it on again.
        raise NotDone(
            f"netcheck's operator runs on {asked.node} itself. Nothing was changed.",
            hint="Drain it first: the operator moves along with the other pods.",
        )
    return Exchange(site.api, _account(site), asked).act()


def _is_exchanged(site: Site, asked: ExchangeAdapter) -> bool:
    return Exchange(site.api, _account(site), asked).done()


def _account(site: Site) -> Account:
    if site.vcenter is None:
        raise NotDone("This operator has no vCenter.", hint="Set NETCHECK_VCENTER_HOST, or do it by hand.")
    return site.vcenter


def _set_offloads(site: Site, asked: SetOffloads) -> Lines:
    if site.privileged is None:
        raise NotDone("This operator may not make privileged pods.", hint="Do it by hand, or allow it in its chart.")
    return [privileged.switch(site.api, site.privileged, asked, site.order)]


def _offloads_are_set(site: Site, asked: SetOffloads) -> bool:
    """The API server cannot tell; the next verification sees it on the node itself."""
    if site.privileged is not None:
        privileged.remove(site.api, site.privileged, site.order)
    raise NoAnswer(f"Whether the offloads of {asked.interface} on {asked.node} were switched is seen there alone.")


DOINGS: Mapping[type[Operation], Doing] = {
    Cordon: Doing(_cordon, _is_cordoned),
    Drain: Doing(_drain, _is_drained),
    Uncordon: Doing(_uncordon, _is_open),
    Restart: Doing(_restart, _is_restarted),
    DeletePod: Doing(_delete_pod, _is_deleted),
    ApplyPool: Doing(_apply_pool, _is_applied),
    DeletePool: Doing(_delete_pool, _is_pool_gone),
    ExchangeAdapter: Doing(_exchange, _is_exchanged, vcenter=True),
    SetOffloads: Doing(_set_offloads, _offloads_are_set, privileged=True),
}
"""By the operation."""
UNKNOWN = (NoAnswer,)
"""After these nobody knows whether it was done."""
