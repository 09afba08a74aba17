"""The operator's verbs, done to the recorded nodes: what the real ones do, and as long as somebody likes to watch.

Nothing here reaches a cluster or a vCenter, and every line that is told says that it was simulated.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.operator.acts import Doing, NotDone, Site
from bot.operator.cluster.api import Api, Reply
from bot.operator.cluster.errors import Invalid
from bot.playground.rehearsal.shared import Shared
from bot.playground.rehearsal.world import (
    Change,
    Pool,
    World,
    cordoned,
    exchanged,
    shut_down,
    with_pool,
    without_pool,
)
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

SIMULATED = "(simulated)"
SHORT_S, LONG_S = 1.0, 2.0
"""How long a change of an object takes here, and one of what runs: a real drain or restart takes minutes."""


class Webhook(Protocol):
    """What is asked before a pool is applied; see `bot.playground.rehearsal.model.Model`."""

    def refusal(self) -> str:
        """Why the webhook would not agree; empty when it would."""


@dataclass(frozen=True, slots=True)
class Nodes:
    """What is acted on, and how long that takes."""

    shared: Shared
    webhook: Webhook
    pause: Callable[[float], None] = time.sleep


class NoCluster(Api):
    """The API server of an operator that has none: whoever asks it after all is refused."""

    def __init__(self) -> None:
        """There is nothing to configure."""

    def ask(self, method: str, path: str, body: Any = None, content_type: str = "", **query: Any) -> Reply:  # noqa: ARG002 - shape of Api
        """Refuse.

        Raises:
            Invalid: always.
        """
        raise Invalid(f"There is no cluster behind a recording, so nothing can {method} {path}.")


def doings(nodes: Nodes) -> Mapping[type[Operation], Doing]:
    """What the simulated operator can do: all but switching offloads, so that people see a step done by hand."""
    verbs: Mapping[type[Operation], Callable[[Nodes, Any], Sequence[str]]] = {
        Cordon: _cordon,
        Drain: _drain,
        Uncordon: _uncordon,
        Restart: _restart,
        DeletePod: _delete_pod,
        ApplyPool: _apply_pool,
        DeletePool: _delete_pool,
        ExchangeAdapter: _exchange,
    }
    return {kind: _doing(nodes, act) for kind, act in verbs.items()}


def _doing(nodes: Nodes, act: Callable[[Nodes, Any], Sequence[str]]) -> Doing:
    def done(_: Site, asked: Any) -> Sequence[str]:
        return [f"{line} {SIMULATED}" for line in act(nodes, asked)]

    def look(_: Site, asked: Any) -> bool:
        return _is_done(nodes.shared.world(), asked)

    return Doing(done, look)


def _is_done(world: World, asked: Operation) -> bool:
    match asked:
        case Cordon() | Drain():
            return world.machine(asked.node).cordoned
        case Uncordon():
            return not world.machine(asked.node).cordoned
        case ApplyPool():
            return world.pools.get(asked.name) == _pool(asked)
        case DeletePool():
            return asked.name not in world.pools
        case ExchangeAdapter():
            machine = world.machine(asked.node)
            return machine.adapter == asked.to and not machine.off
        case Restart() | DeletePod() | SetOffloads():
            return True


def _changed(nodes: Nodes, seconds: float, change: Change) -> None:
    nodes.pause(seconds)
    nodes.shared.change(change)


def _cordon(nodes: Nodes, asked: Cordon) -> Sequence[str]:
    _changed(nodes, SHORT_S, cordoned(asked.node, closed=True))
    return [f"{asked.node} is cordoned."]


def _uncordon(nodes: Nodes, asked: Uncordon) -> Sequence[str]:
    _changed(nodes, SHORT_S, cordoned(asked.node, closed=False))
    return [f"{asked.node} is open for pods."]


def _drain(nodes: Nodes, asked: Drain) -> Sequence[str]:
    if not nodes.shared.world().machine(asked.node).cordoned:
        raise NotDone(f"{asked.node} is not cordoned.", hint="Cordon it first.")
    nodes.pause(LONG_S)
    return [f"{asked.node} is drained. The recording shows its pods where they were recorded."]


def _restart(nodes: Nodes, asked: Restart) -> Sequence[str]:
    nodes.pause(LONG_S)
    return [f"{asked.namespace}/{asked.name} was restarted."]


def _delete_pod(nodes: Nodes, asked: DeletePod) -> Sequence[str]:
    nodes.pause(SHORT_S)
    return [f"{asked.namespace}/{asked.name} was deleted."]


def _apply_pool(nodes: Nodes, asked: ApplyPool) -> Sequence[str]:
    refusal = nodes.webhook.refusal()
    if refusal:
        raise NotDone(f"The API server refuses the pool: {refusal} {SIMULATED}", hint="Cure that first.")
    _changed(nodes, SHORT_S, with_pool(asked.name, _pool(asked)))
    return [f"The pool {asked.name} and its L2Advertisement are there."]


def _delete_pool(nodes: Nodes, asked: DeletePool) -> Sequence[str]:
    _changed(nodes, SHORT_S, without_pool(asked.name))
    return [f"The pool {asked.name} and its L2Advertisement are gone."]


def _exchange(nodes: Nodes, asked: ExchangeAdapter) -> Sequence[str]:
    if _is_done(nodes.shared.world(), asked):
        return [f"{asked.node} has a {asked.to} adapter already, and is on."]
    _changed(nodes, SHORT_S, shut_down(asked.node))
    _changed(nodes, LONG_S, exchanged(asked.node, asked.to))
    return [
        f"The VM of {asked.node} was shut down.",
        f"Its adapter {asked.mac} is {asked.to} now.",
        f"The VM was powered on, and {asked.node} is ready again.",
    ]


def _pool(asked: ApplyPool | DeletePool) -> Pool:
    return Pool(namespace=asked.namespace, addresses=asked.addresses)
