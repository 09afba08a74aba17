"""What differs between two reports."""

import msgspec
import pytest

from bot.language import ENGLISH
from checks.changes import Turn, changes
from checks.finding import Finding, Seen, Severity
from checks.place import Place
from checks.text import say
from tests.handlers.reports import (
    BROKEN,
    ERRORS_RISE,
    SOUND,
    SPREAD_POORLY,
    TCP,
    TCP_FAILS,
    TCP_PASSES,
    UNSEEN_TCP,
    report,
)

EVERYWHERE = TCP.found(say("TCP fails on all pairs."), [Seen(SOUND, "fail"), Seen(BROKEN, "fail")])
MILDER = msgspec.structs.replace(TCP_FAILS, severity=Severity.DEGRADED)


@pytest.mark.parametrize(
    ("before", "now", "turns", "places"),
    [
        ([TCP_PASSES], [TCP_PASSES], [], ()),
        ([TCP_FAILS], [TCP_FAILS], [], ()),
        ([TCP_PASSES], [TCP_FAILS], [Turn.NEW], (BROKEN,)),
        ([], [TCP_FAILS], [Turn.NEW], (BROKEN,)),
        ([UNSEEN_TCP], [TCP_FAILS], [Turn.NEW], (BROKEN,)),
        ([TCP_FAILS], [TCP_PASSES], [Turn.GONE], (BROKEN,)),
        ([TCP_FAILS], [EVERYWHERE], [Turn.WORSE], (SOUND,)),
        ([EVERYWHERE], [TCP_FAILS], [Turn.BETTER], (SOUND,)),
        ([MILDER], [TCP_FAILS], [Turn.WORSE], ()),
        ([TCP_FAILS], [MILDER], [Turn.BETTER], ()),
        ([TCP_FAILS], [UNSEEN_TCP], [Turn.HIDDEN], (BROKEN,)),
        ([TCP_FAILS], [], [Turn.HIDDEN], (BROKEN,)),
        ([TCP_PASSES], [UNSEEN_TCP], [], ()),
        ([UNSEEN_TCP], [TCP_PASSES], [], ()),
        ([SPREAD_POORLY], [], [], ()),
    ],
)
def test_each_finding_goes_one_way(
    before: list[Finding], now: list[Finding], turns: list[Turn], places: tuple[Place, ...]
) -> None:
    """What is not seen any more is never gone, and what is well is never new."""
    found = changes(report(*before), report(*now))
    assert turns == [change.turn for change in found]
    assert places == (found[0].places if found else ())


def test_the_most_urgent_comes_first() -> None:
    """What is new and bad before what is gone; each in a sentence with its places."""
    found = changes(report(TCP_FAILS), report(TCP_PASSES, ERRORS_RISE))
    assert ["New: Errors rise on w3. (w3)", "Gone: TCP fails on 1 of 2 pairs. (w1 → w2)"] == [
        ENGLISH.words(change.sentence) for change in found
    ]
