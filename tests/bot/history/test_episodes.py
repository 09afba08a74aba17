"""Which looks begin and end an episode, and which say nothing."""

from collections.abc import Sequence

import pytest

from bot.history.episodes import ANYWHERE, Episode, Fix, Sight, Subject, Told, pasts, sights, with_fixes
from checks.diagnosis import diagnose
from checks.diagnosis.model import HEALTHY, UNKNOWN, Cause, Diagnosis
from checks.finding import UNSEEN, Finding, Seen
from checks.past import Past
from checks.place import Node, Pair, Place
from checks.text import say
from checks.texts.judge import CODES as PASTED
from tests.checks.diagnosis.worlds import healthy_findings
from tests.handlers.reports import ERRORS_RISE, PASS, TCP, report, verdict

CODE = TCP.name
BROKEN, SOUND = Pair("w1", "w2"), Pair("w2", "w3")
SLUG = "vmxnet3-tunnel-offload"


def tcp(*seen: tuple[Place, str]) -> Finding:
    """What TCP showed at some places."""
    return TCP.found(say("This was seen."), [Seen(place, outcome) for place, outcome in seen])


def unwell(*subjects: Subject) -> dict[Subject, Told]:
    """What is not well so far."""
    return {subject: Told(subject, 1, (Episode(10.0, 20.0),)) for subject in subjects}


def said(
    finding: Finding, known: dict[Subject, Told] | None = None, *, everywhere: bool = True
) -> set[tuple[str, Place, bool]]:
    """What a run with this finding says."""
    found = sights(report(finding), [finding], known or {}, everywhere=everywhere)
    return {(sight.subject.name, sight.subject.place, sight.bad) for sight in found}


KNOWN = unwell(Subject(CODE), Subject(CODE, BROKEN))


def test_what_fails_at_a_place_is_not_well_there_and_as_a_whole() -> None:
    """What was well before and is well now is not even kept."""
    assert {(CODE, ANYWHERE, True), (CODE, BROKEN, True)} == said(tcp((BROKEN, "fail"), (SOUND, "pass")))


def test_what_passes_ends_what_was_not_well() -> None:
    """At its place, and as a whole only when all pass."""
    assert {(CODE, ANYWHERE, False), (CODE, BROKEN, False)} == said(tcp((BROKEN, "pass"), (SOUND, "pass")), KNOWN)
    assert {(CODE, ANYWHERE, True), (CODE, SOUND, True), (CODE, BROKEN, False)} == said(
        tcp((BROKEN, "pass"), (SOUND, "fail")), KNOWN
    )


def test_a_place_that_is_gone_is_well_when_all_is() -> None:
    """A node that was removed is not broken for ever."""
    assert {(CODE, ANYWHERE, False), (CODE, BROKEN, False)} == said(tcp((SOUND, "pass")), KNOWN)


@pytest.mark.parametrize(
    "finding",
    [
        TCP.unseen(say("It could not be tried.")),
        TCP.unseen(say("It could not be tried."), places=[BROKEN]),
        ERRORS_RISE,
    ],
    ids=["nowhere", "not there", "another check"],
)
def test_what_could_not_be_looked_at_neither_begins_nor_ends(finding: Finding) -> None:
    """Silence is neither well nor unwell."""
    assert set() == {each for each in said(finding, KNOWN) if each[0] == CODE}


def test_a_place_that_could_not_be_looked_at_is_not_well_because_others_are() -> None:
    """What was unseen there goes on."""
    assert {(CODE, ANYWHERE, False)} == said(tcp((BROKEN, UNSEEN), (SOUND, "pass")), KNOWN)


def test_from_some_nodes_nobody_sees_that_all_is_well() -> None:
    """The place that was looked at is, the whole goes on."""
    assert {(CODE, BROKEN, False)} == said(tcp((BROKEN, "pass")), KNOWN, everywhere=False)


def test_a_pasted_error_is_no_state_of_the_cluster() -> None:
    """Who pastes none tomorrow has mended nothing."""
    code = PASTED[0]

    assert set() == said(code.found(say("Somebody saw it."), outcome=code.words[-1]))


def diagnosed(
    diagnosis: Diagnosis, known: dict[Subject, Told], findings: Sequence[Finding] = healthy_findings()
) -> set[tuple[str, Place, bool]]:
    """What a diagnosis says of causes."""
    found = sights(report(*findings, diagnosis=diagnosis), findings, known, everywhere=True)
    return {(s.subject.name, s.subject.place, s.bad) for s in found if "." not in s.subject.name}


def named(slug: str, *at: Place) -> Diagnosis:
    """A verdict with one cause."""
    return verdict(slug, causes=(Cause(slug=slug, title=say("It is this."), probability=0.9, at=at),))


CAUSE = unwell(Subject(SLUG), Subject(SLUG, Node("w1")))


def test_a_named_cause_is_there_at_its_places() -> None:
    """And no longer where it was and is not named any more."""
    assert {(SLUG, ANYWHERE, True), (SLUG, Node("w2"), True), (SLUG, Node("w1"), False)} == diagnosed(
        named(SLUG, Node("w2")), CAUSE
    )


def test_a_healthy_diagnosis_ends_a_cause() -> None:
    """What the checks see in a sound cluster is enough for each cause that can be there."""
    assert {(SLUG, ANYWHERE, False), (SLUG, Node("w1"), False)} == diagnosed(diagnose(healthy_findings()), CAUSE)


@pytest.mark.parametrize(
    ("diagnosis", "findings"),
    [
        (verdict(UNKNOWN), healthy_findings()),
        (verdict(HEALTHY), [f for f in healthy_findings() if not f.code.startswith("paths.")]),
        (
            verdict("mtu-mismatch", causes=(*named("mtu-mismatch").causes, *named(SLUG).causes)),
            healthy_findings(),
        ),
    ],
    ids=["unknown", "not looked at", "still probable"],
)
def test_a_diagnosis_that_cannot_tell_says_nothing(diagnosis: Diagnosis, findings: Sequence[Finding]) -> None:
    """A cause goes on until a look has seen what it would show."""
    assert set() == {each for each in diagnosed(diagnosis, CAUSE, findings) if each[0] == SLUG}


def test_the_last_runbook_that_was_finished_in_between_is_what_fixed_it() -> None:
    """Not one against something else, and not one before it was last seen."""
    fixes = [
        (Fix(SLUG, "too-early", "i-1"), 15.0),
        (Fix(SLUG, "offload-off", "i-2"), 25.0),
        (Fix(SLUG, "vmxnet3-to-e1000e", "i-3"), 30.0),
        (Fix("mtu-mismatch", "tunnel-mtu", "i-4"), 40.0),
    ]
    well, bad = Sight(Subject(SLUG), bad=False), Sight(Subject(SLUG), bad=True)

    assert ["vmxnet3-to-e1000e", ""] == [s.fixed_by for s in with_fixes([well, bad], CAUSE, fixes)]
    assert [""] == [s.fixed_by for s in with_fixes([well], CAUSE, fixes[:1])]


def test_a_report_gets_the_past_of_what_it_names() -> None:
    """Of named causes and of what is not well; of nothing else."""
    known = unwell(Subject(CODE), Subject(SLUG), Subject("mtu-mismatch"), Subject(CODE, BROKEN))
    shown = report(tcp((BROKEN, "fail")), diagnosis=named(SLUG))

    past = Past(since=10.0, earliest=10.0)
    assert {CODE: past, SLUG: past} == pasts(shown, known)
    assert {} == pasts(report(tcp((BROKEN, PASS.word))), known)
