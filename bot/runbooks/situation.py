"""What a runbook plans from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.backing import METALLB, Backing
from checks.diagnosis.model import Diagnosis
from checks.finding import UNSEEN, Finding, Seen
from checks.inventory import Adapter, Inventory, Machine
from checks.place import Service
from checks.report import Report

SUPPORTED = 0.5
"""The probability from which on the evidence supports a cause."""
PAIR = 2


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A cluster as one run saw it, and what a person asked for."""

    inventory: Inventory
    findings: Sequence[Finding] = ()
    diagnosis: Diagnosis | None = None
    nodes: tuple[str, ...] = ()
    """The nodes that were named; empty: the runbook chooses."""
    choices: Mapping[str, Any] = field(default_factory=dict)
    """What the runbook leaves to people, validated."""
    verbs: frozenset[str] = frozenset()
    """What an operator that is there can do."""

    def can(self, *verbs: str) -> bool:
        """Whether an operator does all of these."""
        return self.choices.get("way") != "manual" and self.verbs.issuperset(verbs)

    def seen(self, code: str) -> Sequence[Seen]:
        """What a finding saw at every place."""
        return next((finding.seen for finding in self.findings if finding.code == code), ())

    def told(self, code: str) -> tuple[str, ...]:
        """The nodes of which a finding could see something."""
        return tuple(dict.fromkeys(n for s in self.seen(code) if s.outcome != UNSEEN for n in s.place.nodes))

    @property
    def etcd_leader(self) -> str:
        """The node whose member leads etcd; empty where nobody told, or several say so of themselves."""
        leaders = [node for s in self.seen("etcd.member") if s.outcome == "leader" for node in s.place.nodes]
        return leaders[0] if len(leaders) == 1 else ""

    def bad_pairs(self, code: str) -> list[tuple[str, str]]:
        """The pairs of nodes at which a finding saw something wrong, the first asker first."""
        bad = [s.place.nodes for s in self.seen(code) if s.bad]
        return [(nodes[0], nodes[1]) for nodes in bad if len(nodes) == PAIR]

    def machines(self, names: Sequence[str] = ()) -> list[Machine]:
        """The nodes of these names; of all when none is named."""
        return [m for m in self.inventory.machines if not names or m.name in names]

    def machine(self, name: str) -> Machine | None:
        """The node of that name; None where it is not known."""
        return next((m for m in self.inventory.machines if m.name == name), None)

    def probability(self, *slugs: str) -> float:
        """How likely the likeliest of these causes is, as the diagnosis weighed it; 0 without one."""
        causes = self.diagnosis.causes if self.diagnosis else ()
        return max((cause.probability for cause in causes if cause.slug in slugs), default=0.0)

    def supports(self, *slugs: str) -> bool:
        """Whether the evidence supports one of these causes; without a diagnosis nothing speaks against them."""
        return self.diagnosis is None or self.probability(*slugs) >= SUPPORTED

    def places(self, *slugs: str) -> tuple[str, ...]:
        """The nodes at which the diagnosis sees these causes."""
        causes = self.diagnosis.causes if self.diagnosis else ()
        nodes = [node for cause in causes if cause.slug in slugs for place in cause.at for node in place.nodes]
        return tuple(dict.fromkeys(nodes))

    def backing(self, *slugs: str) -> Backing | None:
        """What answers for the Service at which the diagnosis sees one of these causes; None where it sees none.

        Without a diagnosis it is MetalLB's, where that was found.
        """
        known = {(b.namespace, b.service): b for finding in self.findings for b in finding.backings}
        causes = self.diagnosis.causes if self.diagnosis else ()
        places = [p for cause in causes if cause.slug in slugs for p in cause.at if isinstance(p, Service)]
        for place in places:
            found = known.get((place.namespace, place.name))
            return found or Backing(namespace=place.namespace, service=place.name, product=place.namespace)
        return next((b for b in known.values() if b.product == METALLB), None)


def situation(
    report: Report, nodes: tuple[str, ...], choices: Mapping[str, Any], verbs: frozenset[str] = frozenset()
) -> Situation:
    """The situation that a report describes."""
    return Situation(
        inventory=report.inventory or Inventory(),
        findings=report.findings,
        diagnosis=report.diagnosis,
        nodes=nodes,
        choices=choices,
        verbs=verbs,
    )


def adapter_of(machine: Machine) -> Adapter | None:
    """The one adapter that carries the node's traffic; None when there is none to be seen, or several."""
    return machine.adapters[0] if len(machine.adapters) == 1 else None
