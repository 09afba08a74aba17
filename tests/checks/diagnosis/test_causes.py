"""Every cause, taken up by itself: nothing here names one. A new file in `causes/` is held to all of this."""

import itertools
import random
from collections import Counter
from collections.abc import Callable

import pytest

from checks.code import Role
from checks.diagnosis import diagnose
from checks.diagnosis.declaration import Declaration, Effect, Strength
from checks.diagnosis.evidence import declared_codes
from checks.diagnosis.mechanisms import MECHANISMS
from checks.diagnosis.model import HEALTHY, UNKNOWN, Diagnosis
from checks.diagnosis.reach import shows, within
from checks.finding import UNSEEN
from checks.place import Place
from tests.checks.diagnosis.worlds import ALL, World, codes_of, findings, healthy, home, of_role, with_cause

HIDDEN_SETS = 16
"""Sets of hidden codes for each cause, in the short form."""
SAMPLES = 400
"""Sampled worlds of the calibration."""
FOURS = 60
"""Fours of risks in the short form: there are thousands."""
CAUSES_A_FOUR = 5
"""Causes beside which any four risks are bad."""
PAIRS_OF = 11
"""Of so many pairs of causes one is looked at: a number that divides no row of them evenly."""
SURE = 0.9
MEASURED = [cause for cause in ALL if not all(effect.code.startswith("texts.") for effect in cause.effects)]
"""Those of which something but a text tells."""

Say = Callable[[str], None]


def named(diagnosis: Diagnosis) -> dict[str, set[str]]:
    """The causes that are named, each with its places."""
    slugs = {diagnosis.verdict, *diagnosis.also} - {HEALTHY, UNKNOWN}
    return {cause.slug: {str(place) for place in cause.at} for cause in diagnosis.causes if cause.slug in slugs}


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Print a figure although the test passes: whoever reads the log of a run sees the counts."""

    def said(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", end="")

    return said


def test_the_judges_call_the_healthy_cluster_healthy() -> None:
    """Every code is well there, nothing is unseen, and the verdict says so."""
    assert HEALTHY == diagnose(findings(healthy())).verdict
    assert [] == [(code, place) for (code, place), word in healthy().items() if not declared_codes()[code].normal(word)]


@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.slug)
def test_every_effect_names_a_declared_outcome_at_a_place_of_its_kind(cause: Declaration) -> None:
    """A misspelt code or outcome would never count, and an effect must be able to reach its code's places."""
    codes = declared_codes()
    wrong = [
        (e.code, o) for e in cause.effects for o in e.outcomes if e.code not in codes or o not in codes[e.code].words
    ]
    assert [] == wrong
    assert [] == [e.code for e in cause.effects if codes[e.code].role is Role.CIRCUMSTANCE]
    conditions = (*cause.requires.items(), *cause.unless.items())
    required = [(code, word) for code, words in conditions for word in words]
    assert [] == [(code, word) for code, word in required if codes[code].role is not Role.CIRCUMSTANCE]
    assert [] == [
        (code, word) for code, word in (*required, *cause.example.items()) if word not in (*codes[code].words, UNSEEN)
    ]
    assert [] == [code for code in cause.spares if code not in codes]
    assert [] == [effect for effect in cause.effects if not _can_show(cause, effect)]


def _can_show(cause: Declaration, effect: Effect) -> bool:
    """Whether a cause of this kind of place can show in any fact of the code, of which every cluster has some."""
    at = [place for code, place in healthy() if code == effect.code]
    return not at or any(shows(effect, place, fact) for fact in at for place in (home(cause), *within(fact, cause.at)))


@pytest.mark.parametrize("mechanism", MECHANISMS, ids=lambda mechanism: mechanism.slug)
def test_every_mechanism_names_declared_outcomes(mechanism: object) -> None:
    """The same for what causes share; each shows at least one bad outcome for every code."""
    effects = mechanism.effects  # type: ignore[attr-defined]
    codes = declared_codes()
    assert [] == [(e.code, o) for e in effects for o in e.outcomes if codes[e.code].normal(o) and o != "small"]


@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.slug)
def test_every_cause_says_what_to_do_and_why_it_is_believed(cause: Declaration) -> None:
    """A cause without a fix, a deciding probe, a source or anything sure to show is of no use at night.

    What only a log tells of is not sure to be pasted.
    """
    assert all((cause.title.template, cause.fix.template, cause.decide.template, cause.source))
    sure = (Strength.ITSELF, Strength.ALWAYS)
    assert any(e.strength in sure or e.code.startswith("texts.") for e in cause.effects)
    assert cause.hides <= {other.slug for other in ALL}


@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.slug)
def test_each_example_alone_is_named_first_and_alone(cause: Declaration) -> None:
    """Where the cluster shows what a cause shows, that cause is the verdict, at its place and alone."""
    place = home(cause)
    diagnosis = diagnose(findings(with_cause(healthy(), cause, place)))

    assert (cause.slug, {cause.slug: {str(place)}}) == (diagnosis.verdict, named(diagnosis))
    assert () == diagnosis.unexplained


def _pairs() -> list[tuple[Declaration, Declaration]]:
    return [(a, b) for a, b in itertools.combinations(ALL, 2) if a.slug not in b.hides and b.slug not in a.hides]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("share", [PAIRS_OF, pytest.param(1, marks=pytest.mark.campaign)], ids=["some", "all"])
def test_every_pair_is_named_as_both_and_nothing_else(say: Say, share: int) -> None:
    """At different places, and at one place too unless one of the two is declared to hide the other there.

    One pair of so many, in turns; the long form takes all of them, and minutes.
    """
    wrong, counted = [], Counter[str]()
    for first, second in _pairs()[::share]:
        staged = {(home(first), home(second, 1)): "apart", (home(first), home(second)): "together"}
        for places, kind in staged.items():
            world = with_cause(with_cause(healthy(), first, places[0]), second, places[1])
            got = named(diagnose(findings(world)))
            counted[kind] += 1
            if got != {first.slug: {str(places[0])}, second.slug: {str(places[1])}}:
                wrong.append((kind, first.slug, second.slug, got))
    hiding = len(list(itertools.combinations(ALL, 2))) - len(_pairs())
    say(f"pairs of causes named as both: {counted.total() - len(wrong)} of {counted.total()}; {hiding} hide each other")
    assert [] == wrong


@pytest.mark.parametrize(
    "beside", [CAUSES_A_FOUR, pytest.param(len(MEASURED), marks=pytest.mark.campaign)], ids=["some", "all"]
)
def test_any_four_risks_change_no_verdict(say: Say, beside: int) -> None:
    """Risks ask for no explanation: with any four of them bad the verdict is the one without them.

    Some fours beside no cause and some causes, in turns; the long form takes all of them.
    """
    risks = sorted({code for code, _ in of_role(healthy(), Role.RISK)})
    worst = {code: declared_codes()[code].words[-1] for code in risks}
    wrong, count = [], 0
    worlds = {cause.slug: with_cause(healthy(), cause, home(cause)) for cause in MEASURED}
    turns = itertools.cycle(MEASURED)
    fours = list(itertools.combinations(risks, min(4, len(risks))))
    if beside == CAUSES_A_FOUR:
        fours = random.Random(7).sample(fours, min(FOURS, len(fours)))
    for four in fours:
        for cause in (None, *itertools.islice(turns, beside)):
            world = healthy() if cause is None else worlds[cause.slug]
            changed = {(code, at): worst[code] if code in four else word for (code, at), word in world.items()}
            verdict = diagnose(findings(changed)).verdict
            count += 1
            if verdict != (HEALTHY if cause is None else cause.slug):
                wrong.append((four, cause and cause.slug, verdict))
    say(f"verdicts that stand with four risks: {count - len(wrong)} of {count}")
    assert [] == wrong


@pytest.mark.parametrize("sets", [HIDDEN_SETS, pytest.param(100, marks=pytest.mark.campaign)], ids=["some", "many"])
@pytest.mark.parametrize("cause", ALL, ids=lambda cause: cause.slug)
def test_hidden_evidence_leads_to_the_same_cause_or_to_none(cause: Declaration, sets: int, say: Say) -> None:
    """Whatever could not be seen, no other cause gets above one half, and nothing is called healthy."""
    choose = random.Random(cause.slug)
    world = with_cause(healthy(), cause, home(cause))
    codes, wrong = codes_of(world), []
    for _ in range(sets):
        hidden = set(choose.sample(codes, choose.randint(1, len(codes))))
        diagnosis = diagnose(findings(world, hidden))
        wrong += [
            (c.slug, c.probability, set(codes) - hidden)
            for c in diagnosis.causes
            if c.slug != cause.slug and round(c.probability, 2) > 0.5
        ]
        if diagnosis.verdict == HEALTHY and not _left(world, hidden):
            wrong.append((HEALTHY, 1.0, set(codes) - hidden))
    say(f"{cause.slug}: {sets - len(wrong)} of {sets} sets of hidden evidence lead to it or to no cause")
    assert [] == wrong


def _left(world: World, hidden: set[str]) -> bool:
    """Whether nothing bad is left to see that asks for an explanation, and everything essential is seen."""
    codes = declared_codes()
    essential = [code.name for code in codes.values() if code.essential]
    bad = {
        code
        for (code, _), word in world.items()
        if word != UNSEEN and not codes[code].normal(word) and codes[code].role is Role.SYMPTOM
    }
    return bad <= hidden and not hidden & set(essential)


def test_what_is_called_ninety_percent_is_true_nine_times_of_ten(say: Say) -> None:
    """Over sampled worlds: none to three causes, effects that do not all show, noise, and evidence that nobody saw."""
    draw = random.Random(7)
    sure = right = 0
    for _ in range(SAMPLES):
        world, truth = _sampled(draw)
        hidden = set(draw.sample(codes_of(world), draw.choice((0, 0, 2, 5))))
        for cause in diagnose(findings(world, hidden)).causes:
            if cause.probability >= SURE:
                sure += 1
                right += cause.slug in truth
    say(f"causes shown at {SURE:.0%} or more: {right} of {sure} are true")
    assert sure > SAMPLES / 4
    assert right / sure >= SURE


def _sampled(draw: random.Random) -> tuple[World, dict[str, Place]]:
    """A world with some causes in it that is rougher than any example, and which causes they are."""
    world, truth = healthy(), {}
    for cause in draw.sample(ALL, draw.choice((0, 1, 1, 1, 2, 2, 3))):
        if not any(cause.slug in other.hides or other.slug in cause.hides for other in ALL if other.slug in truth):
            truth[cause.slug] = home(cause, draw.randint(0, 1))
            world = with_cause(world, cause, truth[cause.slug])
    rough = dict(world)
    for (code, place), word in world.items():
        declared = declared_codes()[code]
        if word != UNSEEN and not declared.normal(word) and draw.random() < 0.05:
            rough.pop((code, place))
            rough |= {(code, place): healthy()[code, place]} if (code, place) in healthy() else {}
        elif word == healthy().get((code, place)) and declared.role is Role.SYMPTOM and draw.random() < declared.leak:
            rough[code, place] = draw.choice([w for w in declared.words if not declared.normal(w)] or [word])
    return rough, truth
