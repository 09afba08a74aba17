"""From findings to causes: which the evidence supports, what speaks for and against each, and what to do first.

Pure. Causes are one file each (`causes`), what they stop is a table (`mechanisms`), the inference knows neither by name
(`network`), and the chain that the founding write-up proposed is answered every time (`chain`). Several causes may hold
at once, each at its places; "none of these" is an answer; and "healthy" is said only when everything that matters was
looked at and nothing is left unexplained.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from checks.code import Role
from checks.diagnosis import chain
from checks.diagnosis.causes import CAUSES
from checks.diagnosis.declaration import Declaration, Strength
from checks.diagnosis.evidence import Evidence, declared_codes, evidence_of
from checks.diagnosis.explain import cause_of, decide, ranked, references, summary
from checks.diagnosis.model import HEALTHY, UNKNOWN, Diagnosis
from checks.diagnosis.network import infer
from checks.finding import Finding
from checks.text import say

CERTAIN_ENOUGH = 0.9
"""From this probability on a cause is told before all evidence is in."""


def diagnose(findings: Sequence[Finding], causes: Mapping[str, Declaration] = CAUSES) -> Diagnosis:
    """The causes that the findings of one `diagnose` run support, best first."""
    evidence = evidence_of(findings)
    inferred = infer(evidence, causes)
    named, candidates = ranked(evidence, inferred, causes)
    explained = {number for group in named for suspect in group.suspects for number in suspect.shown}
    unexplained = [
        fact
        for number, fact in enumerate(evidence.facts)
        if fact.bad and fact.code.role is Role.SYMPTOM and number not in explained
    ]
    diagnosis = Diagnosis(
        verdict=named[0].declaration.slug if named else UNKNOWN if _open(evidence) else HEALTHY,
        summary=say(""),
        also=tuple(group.declaration.slug for group in named[1:]),
        causes=tuple(cause_of(group, evidence, inferred) for group in (*named, *candidates)),
        unexplained=references(unexplained),
        chain=chain.answer(evidence),
        decide=None if named else decide(candidates, evidence),
    )
    return msgspec.structs.replace(diagnosis, summary=summary(diagnosis, evidence, unexplained, findings))


def decided(diagnosis: Diagnosis, awaited: Collection[str], causes: Mapping[str, Declaration] = CAUSES) -> bool:
    """Whether a diagnosis names causes that nothing which is awaited could take back.

    That is so when each is nearly certain and all that it is sure to show was seen. `awaited` are names of checks.
    """
    named = diagnosis.causes[: 1 + len(diagnosis.also)] if diagnosis.verdict in causes else ()
    sure = [e.code for c in named for e in causes[c.slug].effects if e.strength is not Strength.MAY]
    waiting = any(code.partition(".")[0] in awaited for code in sure)
    return bool(named) and not waiting and all(cause.probability >= CERTAIN_ENOUGH for cause in named)


def _open(evidence: Evidence) -> bool:
    """Whether something keeps anybody from saying "healthy": a symptom, something essential unseen, an unread text."""
    if any(True for _ in evidence.bad(Role.SYMPTOM)):
        return True
    unseen = {finding.code for finding in evidence.unseen}
    missing = [c for c in declared_codes().values() if c.essential and c.name not in evidence.by_code]
    return bool(missing) or any(code.startswith(("coverage.", "texts.")) for code in unseen)
