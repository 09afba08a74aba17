"""Loss is told from chance with the errors that the test promises."""

import random

import pytest

from checks.judging.statistics import CLEAN_RATE, ERROR_RATE, LOSSY_RATE, Verdict, exceeds, percentile, sprt, wilson


@pytest.mark.parametrize(
    ("sent", "lost", "expected"),
    [
        (0, 0, Verdict.UNDECIDED),
        (45, 0, Verdict.UNDECIDED),
        (46, 0, Verdict.CLEAN),
        (1, 1, Verdict.UNDECIDED),
        (2, 2, Verdict.LOSSY),
        (10, 2, Verdict.LOSSY),
        (48, 1, Verdict.UNDECIDED),
        (144, 1, Verdict.CLEAN),
        (48, 14, Verdict.LOSSY),
        (1000, 100, Verdict.LOSSY),
    ],
)
def test_sprt(sent: int, lost: int, expected: Verdict) -> None:
    """Where the bounds are: log(99) against log(20) a loss and log(0.995/0.9) an answer."""
    assert expected is sprt(sent, lost)


@pytest.mark.parametrize(("rate", "wrong"), [(CLEAN_RATE, Verdict.LOSSY), (LOSSY_RATE, Verdict.CLEAN)])
def test_sprt_is_seldom_wrong(rate: float, wrong: Verdict) -> None:
    """Over many sequences at one of the two rates, the wrong verdict comes about as seldom as promised."""
    dice = random.Random(1)
    errors = 0
    for _ in range(2000):
        sent = lost = 0
        while (verdict := sprt(sent, lost)) is Verdict.UNDECIDED:
            sent, lost = sent + 1, lost + (dice.random() < rate)
        errors += verdict is wrong
    assert errors / 2000 <= 2 * ERROR_RATE


@pytest.mark.parametrize(
    ("lost", "sent", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (15, 148, 0.0624, 0.1605),
    ],
)
def test_wilson(lost: int, sent: int, low: float, high: float) -> None:
    """Against published values (Newcombe 1998 for 15 of 148)."""
    assert pytest.approx((low, high), abs=5e-4) == wilson(lost, sent)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [((), 0.5, 0.0), ((3.0,), 0.99, 3.0), ((4.0, 1.0, 3.0, 2.0), 0.5, 2.0), ((4.0, 1.0, 3.0, 2.0), 0.99, 4.0)],
)
def test_percentile(values: tuple[float, ...], share: float, expected: float) -> None:
    """The nearest rank: always a value that was measured."""
    assert expected == percentile(values, share)


@pytest.mark.parametrize(
    ("more", "less", "each", "expected"),
    [
        # One-sided values of Fisher's exact test: 0.0011, 0.0005, 0.5, 1, 0.054.
        (9, 0, 32, False),
        (10, 0, 32, True),
        (0, 0, 32, False),
        (0, 9, 32, False),
        (32, 32, 32, False),
        (4, 0, 32, False),
        (4, 0, 2000, False),
    ],
)
def test_what_chance_seldom_makes(more: int, less: int, each: int, *, expected: bool) -> None:
    """Ten of 32 against none is more than chance makes in one of a thousand, nine is not."""
    assert expected == exceeds(more, less, each, 0.001)
