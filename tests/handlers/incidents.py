"""Incidents at every point of real plans, for the views."""

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import msgspec

from bot.access.requester import Requester
from bot.incidents.incidents import noted
from bot.incidents.model import Incident, Sort
from bot.messages.where import Where
from bot.runbooks.execution import DONE, Execution
from bot.runbooks.machine import State
from bot.runbooks.model import Plan
from bot.runbooks.registry import RUNBOOKS
from bot.runbooks.situation import Situation
from checks.text import Text, say
from tests.bot.runbooks.situations import ALL_VERBS, incident, with_machine
from tests.handlers.reports import HOSTILE

STARTER, OWNER = Requester("ada", "U0ONCALL", "T0PLAYGROUND"), Requester("grace", "U0PLATFORM", "T0PLAYGROUND")
SWAP = "vmxnet3-to-e1000e"


@functools.cache
def plan(runbook: str, *, operator: bool = True) -> Plan:
    """A runbook's plan for the founding incident, with an operator that can do everything or with people alone."""
    return RUNBOOKS[runbook].plan(situation(runbook, operator=operator))


def situation(runbook: str, *, operator: bool) -> Situation:
    """The founding incident, with the choices without which a runbook plans nothing."""
    choices: dict[str, dict[str, Any]] = {"create-pool": {"addresses": "10.250.0.100-10.250.0.120"}}
    choices[SWAP] = {"api_outage": True}
    nodes = ("cp", "w1", "w2") if runbook == SWAP else ()
    return incident(*nodes, verbs=ALL_VERBS if operator else frozenset(), **choices.get(runbook, {}))


def of_many_nodes(count: int) -> Plan:
    """The exchange of adapters on that many nodes."""
    given = situation(SWAP, operator=True)
    pattern = given.inventory.machines[-1]
    for number in range(count - len(given.inventory.machines)):
        changes = {f: getattr(pattern, f) for f in pattern.__struct_fields__ if f not in ("name", "address")}
        given = with_machine(given, f"worker-{number}", address=f"10.9.0.{number}", **changes)
    every = tuple(machine.name for machine in given.inventory.machines)
    return RUNBOOKS[SWAP].plan(dataclasses.replace(given, nodes=every))


def at(state: State, made: Plan, index: int = 0, **fields: Any) -> Incident:
    """An incident whose plan is at a state and a step."""
    ended = {State.DONE: len(made.steps)}
    execution = Execution(
        id="0123456789-1",
        runbook=made.runbook,
        by=STARTER,
        since=0.0,
        state=state,
        revision=7,
        plan=None if state is State.PLANNING else made,
        index=ended.get(state, index),
        outcomes=dict.fromkeys(range(ended.get(state, index)), DONE),
    )
    return opened(execution=msgspec.structs.replace(execution, **fields))


def opened(**fields: Any) -> Incident:
    """An incident without a plan."""
    incident = Incident(
        id="0123456789",
        cluster="prod",
        about="vmxnet3-tunnel-offload",
        title=say("VMXNET3 tunnel offload breaks traffic"),
        severity="failed",
        opened_by=STARTER,
        opened_at=0.0,
        where=Where("C0INCIDENTS"),
        owner=OWNER,
    )
    told = noted(incident, 0.0, Sort.OPENED, say("Opened"), by=STARTER)
    return msgspec.structs.replace(told, **fields)


def everywhere() -> Iterator[tuple[str, Incident]]:
    """An incident in every state at every step of every plan."""
    for runbook in RUNBOOKS:
        for operator in (True, False):
            made = plan(runbook, operator=operator)
            for state in State:
                for index in range(max(1, len(made.steps))):
                    name = f"{runbook} {'by the operator' if operator else 'by hand'} {state} {index}"
                    yield name, at(state, made, index)


def hostile() -> Iterator[tuple[str, Incident]]:
    """Incidents whose every text is hostile, in every state."""
    words = Text("{words} {words.__class__} {0} {", {"words": HOSTILE * 30})
    who = Requester(HOSTILE * 20, "<!channel>", "T0")
    made = plan(SWAP)
    steps = tuple(
        msgspec.structs.replace(
            step,
            title=words,
            why=(words,) * 5,
            forms=tuple(
                msgspec.structs.replace(form, title=words, lines=(HOSTILE * 300,) * 9) for form in step.forms * 9
            ),
        )
        for step in made.steps
    )
    bad = msgspec.structs.replace(made, title=words, steps=steps, warnings=(words,) * 30, override=words)
    for state in State:
        seen = at(state, bad, 2, notes=(words,) * 40, by=who)
        for number in range(3):
            seen = noted(seen, float(number), Sort.ACTION, words, by=who, to=who, details=(words,) * 14)
        names = {"title": words, "cluster": HOSTILE * 20, "severity": HOSTILE * 9, "opened_by": who, "owner": who}
        yield f"hostile {state}", msgspec.structs.replace(seen, **names)
        yield f"hostile {state} closed", msgspec.structs.replace(seen, state="closed", **names)
