"""What comes of a run."""

import msgspec

from checks.diagnosis.model import Diagnosis
from checks.finding import Finding, Severity


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one run and, for `diagnose`, what they mean together."""

    severity: Severity
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis | None = None
    elapsed_s: float = 0.0
