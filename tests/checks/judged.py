"""Judging as in production: observations come off the wire and are typed by the check."""

from collections.abc import Mapping, Sequence

import msgspec

from checks.check import Check
from checks.cluster.snapshot import Snapshot
from checks.finding import Finding
from checks.observation import Observation


def judged(
    check: Check, snapshot: Snapshot, observations: Sequence[Observation], parameters: msgspec.Struct | None = None
) -> dict[str, Finding]:
    """The findings by the second half of their code; each declared code is there once, whatever was observed."""
    arrived = [msgspec.json.decode(msgspec.json.encode(o), type=Observation) for o in observations]
    found = check.judge(check.gather(snapshot, msgspec.to_builtins(parameters or check.parameters()), arrived))
    assert [code.name for code in check.codes] == [finding.code for finding in found]
    assert found == msgspec.json.decode(msgspec.json.encode(found), type=list[Finding])
    return {finding.code.partition(".")[2]: finding for finding in found}


def outcomes(found: Mapping[str, Finding]) -> dict[str, str]:
    """What the diagnosis reads of each; empty where it could not be looked at."""
    return {code: finding.outcome for code, finding in found.items()}
