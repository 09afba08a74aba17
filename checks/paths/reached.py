"""Judge whether probes reached the node that they were for. Pure.

Two pods, or two nodes, may have one address. Whoever is nearer answers then, and every probe passes.
"""

from collections.abc import Iterable, Sequence

from checks.code import Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.judging.places import by_place
from checks.paths.model import Kind
from checks.paths.samples import Sample, Samples
from checks.place import Pair
from checks.text import Text, listed, say, shortened

PASS, ANOTHER, NOT_TOLD = "pass", "another", "not-told"
REACHED = Code(
    name="paths.reached",
    meaning="The node that a probe is meant for is the one that answers",
    place=Pair,
    outcomes=(
        Outcome(PASS, Severity.OK, "it is"),
        Outcome(NOT_TOLD, Severity.OK, "nothing that answers told its name, as in an old recording"),
        Outcome(ANOTHER, Severity.FAILED, "another one answers at its address"),
    ),
)


def elsewhere(sample: Sample) -> bool:
    """Whether somebody else answered."""
    return bool(sample.measurement.reached) and sample.measurement.reached != sample.measurement.peer


def judge_reached(found: Samples, coverage: Sequence[Text], *, heard: bool) -> Finding:
    """By the names that the echoes told, of nodes' own and of pods' addresses.

    Args:
        found: The samples.
        coverage: Evidence of what was not measured.
        heard: Whether any agent was.
    """
    named = [s for kind in (Kind.HOST_TCP, Kind.TCP) for s in found.of[kind] if s.measurement.reached]
    seen = [Seen(pair, _outcome(samples)) for pair, samples in by_place(named, lambda s: s.pair).items()]
    wrong = [s for s in named if elsewhere(s)]
    if not heard:
        return REACHED.unseen(say("Who answers was not asked anywhere."), coverage)
    if not seen:
        return REACHED.found(say("No echo told whose it is."), outcome=NOT_TOLD, evidence=coverage)
    text = say("Every probe reached the node that it was for.")
    if wrong:
        addresses = dict.fromkeys(s.measurement.address for s in wrong)
        text = say("Another node answers at {addresses}: two have the same address.", addresses=listed(addresses))
    return REACHED.found(text, seen, evidence=[*shortened(map(_line, wrong)), *coverage])


def _outcome(samples: Iterable[Sample]) -> str:
    return ANOTHER if any(map(elsewhere, samples)) else PASS


def _line(sample: Sample) -> Text:
    m = sample.measurement
    return say(
        "{source} ({network}) → {target} {address}: {reached} answered",
        source=sample.node,
        network=str(sample.network),
        target=m.peer,
        address=m.address,
        reached=m.reached,
    )
