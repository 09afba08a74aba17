"""What is known of user groups: fresh while somebody answers, kept for a while when nobody does."""

import threading
from collections.abc import Collection, Iterator

import pytest

from bot.access.membership import AGAIN_S, EARLY_S, FRESH_S, KEPT_S, Membership, nobody_knows
from bot.access.rules import Subject
from bot.errors import Unavailable
from tests.waiting import until

GROUP = Subject("S1")


class Directory:
    """Says who is in the group, and can be told not to."""

    def __init__(self) -> None:
        self.users = {"U1"}
        self.asked = 0
        self.away = False
        self.at = 0.0
        self.go = threading.Event()
        self.go.set()

    def __call__(self, _: Subject) -> Collection[str]:
        """See `bot.access.membership.Ask`."""
        self.asked += 1
        users = frozenset(self.users)
        assert self.go.wait(10)
        if self.away:
            raise Unavailable("it does not answer")
        return users


@pytest.fixture
def directory() -> Directory:
    """Who answers."""
    return Directory()


@pytest.fixture
def membership(directory: Directory) -> Iterator[Membership]:
    """What is asked, with a clock that the directory's `at` sets."""
    made = Membership(directory, lambda: directory.at)
    yield made
    directory.go.set()
    made.finish()


def test_it_is_asked_once_while_it_is_fresh(directory: Directory, membership: Membership) -> None:
    """Fifty acts ask Slack once."""
    assert [{"U1"}] * 50 == [set(membership(GROUP)) for _ in range(50)]
    assert 1 == directory.asked


def test_a_lost_membership_is_seen_when_it_is_no_longer_fresh(directory: Directory, membership: Membership) -> None:
    """Not before, and at the latest then, by the first who asks."""
    membership(GROUP)
    directory.users.clear()

    directory.at = EARLY_S
    early = set(membership(GROUP))
    directory.at = FRESH_S + 0.1
    assert ({"U1"}, set()) == (early, set(membership(GROUP)))


def test_it_is_asked_again_early_without_waiting(directory: Directory, membership: Membership) -> None:
    """So that hardly anybody waits at all."""
    membership(GROUP)
    directory.users.add("U2")
    directory.at = EARLY_S + 1

    first = membership(GROUP)

    assert {"U1"} <= set(first)
    until(lambda: {"U1", "U2"} == set(membership(GROUP)))
    assert 2 == directory.asked


def test_what_was_known_is_good_for_a_while(directory: Directory, membership: Membership) -> None:
    """When Slack does not answer the last answer counts, then nobody is in the group, and the reason is told."""
    membership(GROUP)
    directory.away = True

    directory.at = KEPT_S
    kept = set(membership(GROUP))
    directory.at = KEPT_S + 1
    with pytest.raises(Unavailable) as caught:
        membership(GROUP)

    assert {"U1"} == kept
    assert "Slack does not say who is in the user group S1: it does not answer." == str(caught.value)


def test_after_a_failure_nobody_asks_or_waits_for_a_moment(directory: Directory, membership: Membership) -> None:
    """An acknowledgement is not held up by each one who types meanwhile; afterwards it is asked again."""
    directory.away = True
    for _ in range(10):
        with pytest.raises(Unavailable):
            membership(GROUP)
    asked = directory.asked
    directory.away, directory.at = False, AGAIN_S + 0.1

    assert (1, {"U1"}) == (asked, set(membership(GROUP)))


def test_nobody_waits_long(directory: Directory, membership: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Slack that hangs holds nothing up; its answer counts when it comes."""
    monkeypatch.setattr("bot.access.membership.PATIENCE_S", 0.05)
    directory.go.clear()

    with pytest.raises(Unavailable, match="it did not answer in time"):
        membership(GROUP)

    directory.go.set()
    until(lambda: _known(membership))
    assert 1 == directory.asked


def _known(membership: Membership) -> bool:
    try:
        return set(membership(GROUP)) == {"U1"}
    except Unavailable:
        return False


def test_an_unforeseen_failure_is_a_failure(membership: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says that netcheck is at fault, and nobody is in the group."""
    monkeypatch.setattr(membership, "_ask", lambda _: 1 / 0)

    with pytest.raises(Unavailable, match="netcheck failed; its log says why"):
        membership(GROUP)


def test_groups_are_asked_for_one_by_one(directory: Directory, membership: Membership) -> None:
    """Each is known for itself, in its own workspace."""
    membership(GROUP)
    membership(Subject("S1", "T1"))
    membership(Subject("S2"))

    assert 3 == directory.asked


def test_without_slack_nobody_knows() -> None:
    """The command line has no token."""
    with pytest.raises(Unavailable, match="Who is in the user group S1 is not known here"):
        nobody_knows(GROUP)
