"""Who is called for what in an incident."""

import msgspec
import pytest

from bot.access.requester import Requester
from bot.incidents.model import Incident
from bot.incidents.reminders import reminded
from bot.incidents.roles import ROLES, asked, given
from bot.language import ENGLISH
from bot.runbooks.execution import Execution
from bot.runbooks.machine import State
from tests.handlers.incidents import OWNER, STARTER, at, plan

APPROVER = Requester("linus", "U0VIRTUAL", "T0PLAYGROUND")
SECOND, ONE = at(State.OFFERED, plan("vmxnet3-to-e1000e"), 2), at(State.OFFERED, plan("redeploy-metallb"))


def _with_approver(incident: Incident) -> Incident:
    return msgspec.structs.replace(incident, approver=APPROVER)


def _checking(incident: Incident) -> Execution:
    assert incident.execution is not None
    return msgspec.structs.replace(incident.execution, state=State.CHECKING)


def test_the_approver_is_called_when_a_second_person_has_to_approve() -> None:
    """Once, when it comes to wait; not where one person is enough, and not while it waits already."""
    incident = _with_approver(SECOND)
    told = asked(incident, _checking(incident), 9.0).timeline[-1]
    assert ("Your approval is asked for: Drain w1", APPROVER) == (ENGLISH.words(told.what), told.to)
    assert incident.execution is not None
    for seen, former in (
        (incident, incident.execution),
        (_with_approver(ONE), _checking(ONE)),
        (SECOND, _checking(SECOND)),
    ):
        assert seen == asked(seen, former, 9.0)


@pytest.mark.parametrize(
    ("incident", "expected"), [(_with_approver(SECOND), APPROVER), (SECOND, OWNER), (_with_approver(ONE), OWNER)]
)
def test_whose_turn_it_is_is_reminded(incident: Incident, expected: Requester) -> None:
    """The approver of what a second person approves, else the owner."""
    assert expected == reminded(incident, 99.0).timeline[-1].to


def test_a_role_is_given_once() -> None:
    """The same person once more is no news."""
    named = given(SECOND, ROLES["approver"], APPROVER, STARTER, 5.0)
    assert (APPROVER, OWNER, len(SECOND.timeline) + 1) == (named.approver, named.owner, len(named.timeline))
    assert named == given(named, ROLES["approver"], APPROVER, STARTER, 6.0)
