"""What a check found out about the cluster.

A finding is also the unit of evidence for `checks.diagnosis`. That is why a judge reports what is well
(`Severity.OK`) as explicitly as what is not: without the first there is no evidence against a cause, and "nothing was
seen" could pass for "all is well".
"""

import enum
from collections.abc import Sequence

import msgspec


class Severity(enum.StrEnum):
    """How bad a finding is, mildest first."""

    OK = "ok"
    ADVICE = "advice"
    DEGRADED = "degraded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Could not look: a missing permission, an agent that does not answer, a check of ours that broke."""


WORST_LAST = (Severity.OK, Severity.ADVICE, Severity.UNKNOWN, Severity.DEGRADED, Severity.FAILED)
"""The order in which one severity stands for many: what was seen to fail outweighs what could not be seen."""


def worst(severities: Sequence[Severity]) -> Severity:
    """The one severity that stands for many; `UNKNOWN` for none, because nothing was looked at."""
    return max(severities, key=WORST_LAST.index, default=Severity.UNKNOWN)


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One judgement about the cluster."""

    code: str
    """`check.what`, as declared in `Check.findings`; stable, documented in the check's README."""
    severity: Severity
    summary: str
    """One sentence for a person. Plain text: whoever shows it escapes it."""
    outcome: str = ""
    """What was seen in one word, for the diagnosis. Empty means `pass` for ok and advice, `fail` for degraded and
    failed; see `sign`."""
    probe: str = ""
    """The letter in the probe matrix (A to I), for findings that are a row of it."""
    where: tuple[str, ...] = ()
    """The nodes (`w1`), pairs (`w1->w2`) or replicas that the finding names, worst first."""
    evidence: tuple[str, ...] = ()
    """What was measured, one line each, with units."""

    @property
    def sign(self) -> str | None:
        """The outcome that causes are weighed by, or None when it could not be looked at."""
        if self.severity is Severity.UNKNOWN:
            return None
        return self.outcome or ("pass" if self.severity in (Severity.OK, Severity.ADVICE) else "fail")
