"""What a person does by hand, done to the recorded nodes: nobody has a shell on them.

A step's commands are shown in the incident's message as ever. Here they are not run; their effect is put into the
world, for the steps whose effect is modelled. Whether it worked is for the verification to say, as on real nodes.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec
import redis

from bot.errors import NetcheckError, UsageError
from bot.incidents.incidents import Incidents
from bot.incidents.model import Incident
from bot.language import ENGLISH
from bot.playground.rehearsal.acts import SIMULATED
from bot.playground.rehearsal.model import Model
from bot.playground.rehearsal.shared import Shared
from bot.playground.rehearsal.world import (
    E1000E,
    VMXNET3,
    Change,
    Pool,
    World,
    cordoned,
    exchanged,
    kept,
    restarted,
    switched,
    unchanged,
    with_pool,
    without_pool,
)
from bot.runbooks.execution import Execution
from bot.runbooks.machine import State
from bot.runbooks.model import Hand, Step
from checks.cluster.metallb import USUAL_NAMESPACE
from checks.text import Text, say

_FORWARD = (State.OFFERED, State.UNVERIFIED)
_BACKWARD = (State.UNDO_OFFERED, State.STUCK)
Choices: TypeAlias = Mapping[str, Any]
Effect: TypeAlias = Callable[[Step, Choices], Change]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A step that a person would do now."""

    id: str
    """Of the execution and its revision: another one when anything has moved on."""
    title: str
    modelled: bool
    """Whether it can be done to the recorded nodes."""


MEND = Offer(id="mend", title="Make the recorded nodes well (simulated)", modelled=True)
BREAK = Offer(id="break", title="Break the recorded nodes as they were (simulated)", modelled=True)
"""The two that are always there, in turn: for whoever wants to see what a digest says of a change."""


class ByHand:
    """What the page shows of the recorded nodes, and what can be pressed there."""

    def __init__(self, shared: Shared, model: Model, connect: Callable[[], "redis.Redis"]) -> None:
        self._shared = shared
        self._model = model
        self._connect = connect

    def shown(self) -> dict[str, Any]:
        """How the nodes stand, and what a person would do now; for the page.

        Raises:
            redis.RedisError: Redis does not answer.
        """
        offers = [msgspec.to_builtins(_offer(execution)) for execution in self._waiting()]
        switch = MEND if self._model.damaging() else BREAK
        return {"nodes": self._model.told(), "offers": offers, "switch": msgspec.to_builtins(switch)}

    def press(self, offer: str) -> str:
        """Do an offered step to the recorded nodes; what was done, for people.

        Raises:
            NetcheckError: it is offered no longer, is not modelled, or cannot be done.
            redis.RedisError: Redis does not answer.
        """
        if offer in (MEND.id, BREAK.id):
            return self._switched(offer)
        execution = next((each for each in self._waiting() if _offer(each).id == offer), None)
        if execution is None:
            raise UsageError("This was settled meanwhile.", hint="The message shows where it stands.")
        step, change = execution.step, _change(execution)
        if step is None or change is None:
            raise UsageError("What this step does is not modelled, so it cannot be done to recorded nodes.")
        if step.name == "apply" and not execution.backwards and (refusal := self._model.refusal()):
            raise NetcheckError(f"The API server refuses the pool: {refusal} {SIMULATED}", hint="Cure that first.")
        self._shared.change(change)
        return f"Done {SIMULATED}: {_offer(execution).title}. Say so in the message."

    def _switched(self, offer: str) -> str:
        """Another recording, as it were: of a cluster that is well, or of the incident once more."""
        if offer == BREAK.id:
            self._shared.change(lambda _: World())
            return f"The nodes are as they were recorded. {SIMULATED}"
        for node in sorted(self._model.damaging()):
            self._shared.change(switched(node, on=False))
            self._shared.change(kept(node, off=True))
        return f"The nodes damage nothing any more. {SIMULATED}"

    def _waiting(self) -> list[Execution]:
        client: Any = self._connect()
        try:
            found = Incidents(client, self._model.bundle.cluster).recent()
        finally:
            client.close()
        return [execution for incident in found for execution in _by_hand(incident)]


def _by_hand(incident: Incident) -> Iterator[Execution]:
    """The execution of an incident, if a person is at it."""
    execution = incident.execution
    step = execution.step if execution else None
    if not incident.open or execution is None or step is None or execution.operation is not None:
        return
    forward = execution.state in _FORWARD and step.hand is Hand.PERSON
    if forward or (execution.state in _BACKWARD and step.undo is not None):
        yield execution


def _offer(execution: Execution) -> Offer:
    return Offer(
        id=execution.asked("by-hand"),
        title=ENGLISH.words(_title(execution)),
        modelled=_change(execution) is not None,
    )


def _title(execution: Execution) -> Text:
    step = execution.step
    if step is None:
        return say("Nothing")
    return step.undo.title if execution.backwards and step.undo else step.title


def _change(execution: Execution) -> Change | None:
    step = execution.step
    effects = (_UNDONE if execution.backwards else _DONE).get(execution.runbook, {})
    if step is None:
        return None
    # The interface stands in the names of steps that are about one.
    effect = next((effects[name] for name in effects if step.name == name or step.name.startswith(f"{name}-")), None)
    return effect(step, execution.choices) if effect else None


def _nothing(_step: Step, _choices: Choices) -> Change:
    return unchanged


def _to(choices: Choices) -> str:
    return str(choices.get("to", E1000E))


def _from(choices: Choices) -> str:
    return VMXNET3 if _to(choices) == E1000E else E1000E


def _name(choices: Choices) -> str:
    return str(choices.get("name", "default"))


def _pool(choices: Choices) -> Pool:
    addresses = tuple(part.strip() for part in str(choices.get("addresses", "")).split(","))
    return Pool(namespace=USUAL_NAMESPACE, addresses=addresses)


_DONE: Mapping[str, Mapping[str, Effect]] = {
    "offload-off": {
        "switch-off": lambda step, _: switched(step.node, on=False),
        "keep": lambda step, _: kept(step.node, off=True),
        "restart": lambda step, _: restarted(step.node),
    },
    "vmxnet3-to-e1000e": {
        "backup": _nothing,
        "etcd": _nothing,
        "cordon": lambda step, _: cordoned(step.node, closed=True),
        "drain": _nothing,
        "exchange": lambda step, choices: exchanged(step.node, _to(choices)),
        "uncordon": lambda step, _: cordoned(step.node, closed=False),
        "remove": lambda step, _: kept(step.node, off=False),
    },
    "create-pool": {"apply": lambda _, choices: with_pool(_name(choices), _pool(choices))},
    "redeploy-metallb": {"restart": _nothing},
}
"""By the runbook and the name of a step: what its commands come to."""
_UNDONE: Mapping[str, Mapping[str, Effect]] = {
    "offload-off": {
        "switch-off": lambda step, _: switched(step.node, on=True),
        "keep": lambda step, _: kept(step.node, off=False),
    },
    "vmxnet3-to-e1000e": {
        "cordon": lambda step, _: cordoned(step.node, closed=False),
        "exchange": lambda step, choices: exchanged(step.node, _from(choices)),
        "uncordon": lambda step, _: cordoned(step.node, closed=True),
        "remove": lambda step, _: kept(step.node, off=True),
    },
    "create-pool": {"apply": lambda _, choices: without_pool(_name(choices))},
}
"""The same of its way back."""
