"""The words of a plan: steps as data, so that what is shown is what is done.

A runbook is a function from a situation to a plan. A plan names every command with this node, adapter and pod in it; a
step says what must hold before it, what is done and by whom, what real checks must see after it, and the way back.
"""

import enum
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from bot.runbooks.operations import Operation
from checks.finding import UNSEEN, Finding
from checks.place import Place
from checks.report import Report
from checks.text import Text, names, say


class Hand(enum.StrEnum):
    """Who does what a step does."""

    PERSON = "person"
    OPERATOR = "operator"
    """netcheck's operator, after somebody has approved it."""
    NOBODY = "nobody"
    """Nothing is done: checks alone look."""


class Approval(enum.StrEnum):
    """Whose word a step needs before the operator acts."""

    NONE = "none"
    ONE = "one"
    """Somebody who may remediate."""
    SECOND = "second"
    """Somebody who may approve, and is not the person who started the plan."""


class Expectation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a finding must have seen."""

    code: str
    outcomes: tuple[str, ...]
    nodes: tuple[str, ...] = ()
    """Places that involve these nodes alone count: one node, or the ways between several. Empty: every place."""
    pods: tuple[str, ...] = ()
    """Places at these replicas alone count. Empty: all."""
    if_any: bool = False
    """Whether it holds too where there is no such place."""
    mac: str = ""
    """The MAC address that the adapter of the node must have besides."""
    address: str = ""
    """The InternalIP that the node must have besides."""

    @property
    def check(self) -> str:
        """The check that looks."""
        return self.code.partition(".")[0]

    @property
    def text(self) -> Text:
        """In words."""
        where = self.pods or self.nodes
        told = say("{code} is {outcomes}", code=self.code, outcomes=" or ".join(self.outcomes))
        if self.mac:
            told = say("{told} with MAC {mac} and address {address}", told=told, mac=self.mac, address=self.address)
        return say("{told} at {nodes}", told=told, nodes=names(where)) if where else told

    def unmet(self, report: Report) -> tuple[Text, ...]:
        """What is not as expected, one line each; nothing when it holds. What was not seen does not hold."""
        return (*self._not_found(report.findings), *(self._other_machine(report) if self.mac else ()))

    def _other_machine(self, report: Report) -> Iterator[Text]:
        for machine in report.inventory.machines if report.inventory else ():
            macs = [adapter.mac for adapter in machine.adapters]
            if machine.name in self.nodes and macs and self.mac not in macs:
                yield say("{node} has the MAC {macs}, not {mac}", node=machine.name, macs=names(macs), mac=self.mac)
            if machine.name in self.nodes and machine.address != self.address:
                values = {"node": machine.name, "is": machine.address, "was": self.address}
                yield say("{node} has the address {is}, not {was}", **values)

    def _not_found(self, findings: Iterable[Finding]) -> tuple[Text, ...]:
        finding = next((f for f in findings if f.code == self.code), None)
        if finding is None:
            return (say("{code}: not looked at", code=self.code),)
        seen = [s for s in finding.seen if self._counts(s.place)]
        if not seen and (self.if_any or (finding.outcome in self.outcomes and not finding.seen)):
            return ()
        if not seen:
            return (say("{code}: not seen here. {text}", code=self.code, text=finding.text),)
        return tuple(
            say("{code} at {place}: {outcome}", code=self.code, place=s.place, outcome=_word(s.outcome))
            for s in seen
            if s.outcome not in self.outcomes
        )

    def _counts(self, place: Place) -> bool:
        if self.pods and not any(("pod", pod) in place.involves for pod in self.pods):
            return False
        return not self.nodes or (bool(place.nodes) and set(place.nodes) <= set(self.nodes))


class Form(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way to do something by hand: commands to copy, or clicks in their order."""

    title: Text
    """Where it is done: a shell on the node, Talos, vSphere's own page."""
    lines: tuple[str, ...]


class Undo(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The way back from one step."""

    title: Text
    forms: tuple[Form, ...] = ()
    operation: Operation | None = None
    """What the operator does; None: a person does it."""
    verification: tuple[Expectation, ...] = ()


class Step(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One step of a plan."""

    name: str
    """In one word, for programs and for the audit record; unique with its node."""
    title: Text
    node: str = ""
    """Empty: the step is about the cluster."""
    unit: str = ""
    """Steps of one unit are rolled back together, the last one first; what an ended unit did stays."""
    hand: Hand
    why: tuple[Text, ...] = ()
    """What to know before it is done."""
    precondition: tuple[Expectation, ...] = ()
    forms: tuple[Form, ...] = ()
    """How it is done by hand; beside an operation, what that amounts to."""
    operation: Operation | None = None
    verification: tuple[Expectation, ...] = ()
    undo: Undo | None = None
    approval: Approval = Approval.NONE
    wait_s: float = 0.0
    """Seconds to wait before the verification looks: a soak."""
    patience_s: float = 0.0
    """Seconds for which the verification is repeated before it counts as not fulfilled: what needs time to settle."""
    parameters: dict[str, dict[str, Any]] = {}
    """What checks of the verification are run with, by their name."""
    keeps: bool = False
    """Whether what its verification measures is kept, to be compared."""
    asks: bool = False
    """Whether a person is asked before it is begun, although nothing is done: the way on to the next node."""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A runbook filled in for one cluster."""

    runbook: str
    title: Text
    nodes: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    refusals: tuple[Text, ...] = ()
    """Why it must not be begun. With any, there are no steps to take."""
    warnings: tuple[Text, ...] = ()
    """What to know before it is begun."""
    override: Text | None = None
    """What speaks against this runbook, where the evidence does not support it; it can be begun all the same."""

    def unit(self, name: str) -> tuple[Step, ...]:
        """The steps of a unit."""
        return tuple(step for step in self.steps if step.unit == name)

    def needs(self, unit: str) -> Approval:
        """Whose word the operator needs for a unit: one word for all its steps, the way back included."""
        return max((step.approval for step in self.unit(unit)), key=list(Approval).index, default=Approval.NONE)


def digest(steps: Iterable[Step]) -> str:
    """What an approval is given for: any change of what would be done makes another one."""
    return hashlib.sha256(msgspec.json.encode(tuple(steps))).hexdigest()[:16]


def _word(outcome: str) -> Text | str:
    return say("not seen") if outcome == UNSEEN else outcome
