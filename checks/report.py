"""What comes of a run."""

import msgspec

from checks.diagnosis.model import Diagnosis
from checks.finding import Finding, Severity
from checks.inventory import Inventory
from checks.past import Past
from checks.text import Text

PLACES_KEPT = 100
"""Places of one finding that are kept: all that are bad in most clusters, and some that are well."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one run and, for `diagnose`, what they mean together."""

    severity: Severity
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis | None = None
    elapsed_s: float = 0.0
    """From the request to this report."""
    first_verdict_s: float = 0.0
    """From the request to the first report of this run that named a cause or called the cluster healthy; 0 without."""
    awaited: tuple[str, ...] = ()
    """The checks whose jobs had not all ended: the report is provisional until there are none."""
    revised: Text | None = None
    """What the provisional report named, where the final one names something else."""
    inventory: Inventory | None = None
    """What a plan fills its commands in with; only where a plan is to be made."""
    past: dict[str, Past] = {}
    """Since when what is not well is so, by the slug of a cause or the code of a finding, where history knows."""


def brief(finding: Finding) -> Finding:
    """The finding with as many places as are kept: thousands of pairs would fill a record and no screen."""
    if len(finding.seen) <= PLACES_KEPT:
        return finding
    return msgspec.structs.replace(finding, seen=finding.seen[:PLACES_KEPT], seen_in_all=len(finding.seen))
