"""From findings to evidence: what was seen, code by code and place by place. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import msgspec

from checks.backing import Backing
from checks.code import Code, Role
from checks.coverage.judge import CODES as COVERAGE
from checks.finding import UNSEEN, Finding, Severity
from checks.place import Cluster, Place, Service
from checks.registry import CHECKS


@cache
def declared_codes() -> Mapping[str, Code]:
    """Every code that a run of all checks may report, by name."""
    every = [code for check in CHECKS.values() for code in check.codes]
    return {code.name: code for code in (*every, *COVERAGE)}


class Fact(msgspec.Struct, frozen=True, gc=False):
    """What was seen of one code at one place."""

    code: Code
    place: Place
    outcome: str
    bad: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one run."""

    facts: tuple[Fact, ...]
    """Symptoms and risks, well or not."""
    circumstances: Mapping[str, Mapping[Place, str]]
    """By code what was seen at each place."""
    unseen: tuple[Finding, ...]
    """Findings that could not be looked at."""
    by_code: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    backings: Mapping[Service, Backing] = field(default_factory=dict)
    """What answers for each Service, where a finding tells."""

    def bad(self, role: Role) -> Iterator[Fact]:
        """What is not well."""
        return (fact for fact in self.facts if fact.bad and fact.code.role is role)


def evidence_of(findings: Sequence[Finding]) -> Evidence:
    """The evidence in findings. A code that nobody declares (of another version) is no evidence."""
    codes = declared_codes()
    facts = [fact for f in findings if f.code in codes and f.outcome for fact in _facts(codes[f.code], f)]
    circumstances: dict[str, dict[Place, str]] = defaultdict(dict)
    by_code: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.code.role is Role.CIRCUMSTANCE:
            circumstances[fact.code.name][fact.place] = fact.outcome
        else:
            by_code[fact.code.name].append(fact)
    return Evidence(
        facts=tuple(fact for found in by_code.values() for fact in found),
        circumstances=circumstances,
        unseen=tuple(f for f in findings if f.severity is Severity.UNKNOWN),
        by_code={name: tuple(found) for name, found in by_code.items()},
        backings={Service(b.namespace, b.service): b for finding in findings for b in finding.backings},
    )


def _facts(code: Code, finding: Finding) -> Iterator[Fact]:
    seen = [s for s in finding.seen if s.outcome != UNSEEN]
    for s in seen:
        yield Fact(code, s.place, s.outcome, s.bad)
    if not seen:
        # What stands for the whole cluster, such as that there is no replica at all.
        yield Fact(code, Cluster(), finding.outcome, not code.normal(finding.outcome))
