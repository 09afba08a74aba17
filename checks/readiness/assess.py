"""From findings to practices: met, not met, not to be seen, or of no concern here. Pure."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from checks.finding import Finding, Severity
from checks.place import Place
from checks.readiness.practices import PRACTICES, Practice

NOTHING = frozenset({"not-used", "absent", "not-asked"})
"""Outcomes that say that there was nothing to look at."""


class State(enum.StrEnum):
    """What is known of a practice."""

    MET = "met"
    NOT_MET = "not-met"
    UNSEEN = "unseen"
    """Something that tells of it could not be looked at, and nothing is seen to be wrong."""
    NOT_APPLICABLE = "not-applicable"
    """The cluster has nothing that it is about."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A practice and what is known of it."""

    practice: Practice
    state: State
    wrong: tuple[Finding, ...] = ()
    """What speaks against it."""
    unseen: tuple[Finding, ...] = ()
    """What could not be looked at."""

    def places(self) -> tuple[Place, ...]:
        """Where it is not met."""
        found = (place for finding in self.wrong for place in where(self.practice, finding))
        return tuple(dict.fromkeys(found))


def assess(findings: Sequence[Finding], practices: Sequence[Practice] = PRACTICES) -> list[Assessed]:
    """Every practice, in the order of the table."""
    by_code = {finding.code: finding for finding in findings}
    return [_assessed(practice, by_code) for practice in practices]


def _assessed(practice: Practice, by_code: Mapping[str, Finding]) -> Assessed:
    found = [by_code[code] for code in practice.codes if code in by_code]
    wrong = tuple(finding for finding in found if _is_wrong(practice, finding))
    unseen = tuple(finding for finding in found if finding.severity is Severity.UNKNOWN)
    if wrong:
        return Assessed(practice, State.NOT_MET, wrong, unseen)
    if unseen or not found:
        return Assessed(practice, State.UNSEEN, (), unseen)
    nothing = all(finding.outcome in NOTHING for finding in found)
    return Assessed(practice, State.NOT_APPLICABLE if nothing else State.MET)


def _is_wrong(practice: Practice, finding: Finding) -> bool:
    return finding.severity in (Severity.DEGRADED, Severity.FAILED) or any(where(practice, finding))


def where(practice: Practice, finding: Finding) -> Iterator[Place]:
    """The places at which a finding speaks against a practice."""
    faults = practice.faults.get(finding.code, ())
    yield from (seen.place for seen in finding.seen if seen.bad or seen.outcome in faults)
