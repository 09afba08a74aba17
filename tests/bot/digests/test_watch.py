"""What is called out between two digests, and when it is called flapping."""

from bot.access.requester import Requester
from bot.digests.model import Alarm, Digest
from bot.digests.watch import STEADY_S, called_out
from bot.messages.where import Where
from checks.changes import changes
from checks.report import Report
from tests.handlers.reports import ERRORS_RISE, TCP_FAILS, TCP_PASSES, report

HEALTHY, BROKEN = report(TCP_PASSES), report(TCP_FAILS)


def looks(*seen: tuple[float, Report]) -> list[str]:
    """What each look calls out: nothing, the finding, or that it is flapping."""
    alarms: dict[str, Alarm] = {}
    told = []
    for number, (at, found) in enumerate(seen):
        digest = Digest(
            id=f"d-{number}", definition="d", cluster="prod", where=Where("C1"), fired_at=at, by=Requester("ada")
        )
        out, flapping, alarms = called_out(digest, changes(HEALTHY, found), found, alarms, at)
        told.append("flapping" if flapping else "called" if out else "")
    return told


def test_what_comes_and_goes_is_flapping() -> None:
    """Called out twice, then said to flap, then nothing before it was well for an hour."""
    seen = [(600.0 * n, found) for n, found in enumerate((BROKEN, HEALTHY) * 5)]
    assert ["called", "", "called", "", "flapping", "", "", "", "", ""] == looks(*seen)
    steady = seen[-1][0] + STEADY_S
    assert ["", "called"] == looks(*seen, (steady + 1, HEALTHY), (steady + 601, BROKEN))[-2:]


def test_only_what_fails_is_called_out() -> None:
    """What is degraded waits for the next digest."""
    assert ["", "called"] == looks((0.0, report(ERRORS_RISE)), (600.0, report(ERRORS_RISE, TCP_FAILS)))


def test_the_same_look_twice_calls_the_same_out() -> None:
    """Whoever died after it was noted and before it was said is followed by somebody who says it."""
    digest = Digest(id="d-1", definition="d", cluster="prod", where=Where("C1"), fired_at=0.0, by=Requester("ada"))
    first, _, alarms = called_out(digest, changes(HEALTHY, BROKEN), BROKEN, {}, 5.0)
    again, _, kept = called_out(digest, changes(HEALTHY, BROKEN), BROKEN, alarms, 6.0)
    assert (first, 1) == (again, kept["links.tcp"].times)
