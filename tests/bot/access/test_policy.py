"""Who may do what, where and with which cluster, and what is said to who may not."""

from collections.abc import Callable, Collection
from pathlib import Path

import pytest

from bot.access.audit import Act
from bot.access.policy import Policy, not_approvable
from bot.access.requester import COMMAND_LINE, Requester, same_person
from bot.access.rulebook import Rulebook
from bot.access.rules import Subject
from bot.access.verb import Verb
from bot.errors import Unavailable
from bot.messages.where import Where

ONE = Requester("one", "U1", "T1")
TWO = Requester("two", "U2", "T1")
SHELL = Requester(COMMAND_LINE)
GROUPS = {"S1": {"U1"}, "S2": {"U2"}}
Written = Callable[[str], Policy]


def members(group: Subject) -> Collection[str]:
    """Who is in a group; of those that are not there nobody can tell."""
    if group.id not in GROUPS:
        raise Unavailable(f"Slack does not say who is in the user group {group.id}: it does not answer.")
    return GROUPS[group.id]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Make a policy of a text."""

    def policy(text: str) -> Policy:
        file = tmp_path / "access.toml"
        file.write_text(text, encoding="utf-8")
        return Policy(Rulebook(str(file)), members)

    return policy


@pytest.mark.parametrize(
    ("by", "permitted"),
    [(ONE, [Verb.DIAGNOSE, Verb.INCIDENT]), (SHELL, [Verb.DIAGNOSE])],
    ids=["in Slack", "on the command line"],
)
def test_without_a_file_people_look(by: Requester, permitted: list[Verb]) -> None:
    """In Slack everybody sees everything, on the command line one can diagnose; nobody changes anything."""
    policy = Policy()

    assert permitted == [verb for verb in Verb if policy.refused(verb, by, "C1", "prod") is None]


@pytest.mark.parametrize(
    ("rule", "by", "channel", "cluster", "permitted"),
    [
        ("", ONE, "C1", "prod", True),
        ("", SHELL, "", "prod", False),
        ('users = ["U1"]', ONE, "C1", "prod", True),
        ('users = ["U1"]', TWO, "C1", "prod", False),
        ('users = ["command-line"]', SHELL, "", "prod", True),
        ('users = ["command-line"]', ONE, "C1", "prod", False),
        ('groups = ["S1"]', ONE, "C1", "prod", True),
        ('groups = ["S1"]', TWO, "C1", "prod", False),
        ('users = ["U2"]\ngroups = ["S1"]', ONE, "C1", "prod", True),
        ('groups = ["S1"]', SHELL, "", "prod", False),
        ('channels = ["C1"]', ONE, "C1", "prod", True),
        ('channels = ["C1"]', ONE, "C2", "prod", False),
        ('channels = ["C1"]\nusers = ["command-line"]', SHELL, "", "prod", False),
        ('clusters = ["prod"]', ONE, "C1", "prod", True),
        ('clusters = ["prod"]', ONE, "C1", "staging", False),
        ('users = ["U1"]\nchannels = ["C1"]\nclusters = ["prod"]', ONE, "C1", "prod", True),
        ('users = ["U1"]\nchannels = ["C1"]\nclusters = ["prod"]', ONE, "C1", "staging", False),
        ('users = ["T1/U1"]', ONE, "C1", "prod", True),
        ('users = ["T2/U1"]', ONE, "C1", "prod", False),
        ('users = ["E1/U1"]', Requester("one", "U1", "T2", "E1"), "C1", "prod", True),
        ('users = ["E2/U1"]', Requester("one", "U1", "T2", "E1"), "C1", "prod", False),
        ('groups = ["T2/S1"]', ONE, "C1", "prod", False),
        ('channels = ["T2/C1"]', ONE, "C1", "prod", False),
    ],
)
def test_a_rule_permits_when_all_of_it_fits(
    written: Written, *, rule: str, by: Requester, channel: str, cluster: str, permitted: bool
) -> None:
    """The person (or a group of theirs), the channel and the cluster; what is not listed is any."""
    refusal = written(f"[remediate]\n{rule}\n").refused(Verb.REMEDIATE, by, channel, cluster)

    assert permitted == (refusal is None)


def test_one_of_several_rules_is_enough(written: Written) -> None:
    """Each holds for itself: what one of them says of clusters says nothing about the other."""
    policy = written('[[approve]]\nusers = ["U1"]\nclusters = ["prod"]\n[[approve]]\nusers = ["U2"]\n')

    permitted = {
        (by.name, cluster): policy.refused(Verb.APPROVE, by, "C1", cluster) is None
        for by in (ONE, TWO)
        for cluster in ("prod", "lab")
    }
    assert {("one", "prod"): True, ("one", "lab"): False, ("two", "prod"): True, ("two", "lab"): True} == permitted
    assert (Subject("U1"), Subject("U2")) == policy.who_may(Verb.APPROVE, "prod")
    assert (Subject("U2"),) == policy.who_may(Verb.APPROVE, "lab")


@pytest.mark.parametrize(
    ("text", "by", "said", "ask"),
    [
        (
            '[remediate]\nusers = ["U2"]\ngroups = ["S2"]',
            ONE,
            "You are not among those who may remediate in prod. Ask one of them:",
            ("U2", "S2"),
        ),
        (
            '[remediate]\nusers = ["U1"]\nchannels = ["C2", "C3"]',
            ONE,
            "You may remediate in prod, but not here. Go to:",
            ("C2", "C3"),
        ),
        (
            '[remediate]\ngroups = ["S9"]',
            ONE,
            (
                "Whether you may remediate in prod cannot be told. Slack does not say who is in the user group S9: it"
                " does not answer. Try again in a minute."
            ),
            (),
        ),
        (
            '[remediate]\nclusters = ["lab"]',
            ONE,
            "Nobody may remediate in prod: FILE gives that right to nobody. Ask whoever looks after netcheck.",
            (),
        ),
        ("[remediate]", SHELL, "Only people in Slack may remediate in prod. FILE says who else, under remediate.", ()),
        (
            "[remediat]",
            ONE,
            (
                "Nobody may remediate in prod now, because FILE cannot be used. Line 1: There is no verb 'remediat'."
                " Did you mean remediate? Ask whoever looks after netcheck to put it right."
            ),
            (),
        ),
    ],
)
def test_a_refusal_says_why_and_whom_to_ask(
    written: Written, tmp_path: Path, *, text: str, by: Requester, said: str, ask: tuple[str, ...]
) -> None:
    """Another person, another place, later, or whoever looks after netcheck."""
    refusal = written(text).refused(Verb.REMEDIATE, by, "C1", "prod")

    assert refusal is not None
    assert (said, ask) == (refusal.reason.replace(str(tmp_path / "access.toml"), "FILE"), refusal.ask)


def test_an_act_is_refused_by_what_it_comes_to() -> None:
    """Its verb, person, channel and cluster decide."""
    act = Act(by=ONE, surface="button", where=Where("C1"), command="x", line="x", cluster="prod", verb=Verb.APPROVE)

    refusal = Policy().refusal(act)

    assert refusal is not None
    said = "Nobody may approve in prod: NETCHECK_ACCESS names no file that says who may."
    assert f"{said} Ask whoever looks after netcheck." == refusal.text


def test_who_is_known_by_name_needs_no_group(written: Written) -> None:
    """A group that nobody can look up takes no right from those who have it otherwise."""
    policy = written('[remediate]\nusers = ["U1"]\ngroups = ["S9"]\n')

    assert policy.refused(Verb.REMEDIATE, ONE, "C1", "prod") is None


IN_ORG = Requester("one", "W1", "T1", "E1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ONE, ONE, True),
        (ONE, Requester("renamed", "U1", "T1"), True),
        (ONE, TWO, False),
        (ONE, Requester("one", "U1", "T2"), False),
        (IN_ORG, Requester("one", "W1", "T2", "E1"), True),
        (IN_ORG, Requester("one", "W1", "T1", "E2"), False),
        (IN_ORG, Requester("one", "W1", "T2"), True),
        (SHELL, SHELL, True),
        (SHELL, ONE, False),
    ],
)
def test_people_are_told_apart_by_user_and_enterprise_or_team(one: Requester, other: Requester, *, same: bool) -> None:
    """Two workspaces of one enterprise give one person two teams; names say nothing."""
    assert (same, same) == (same_person(one, other), same_person(other, one))


@pytest.mark.parametrize(
    ("requester", "approver", "said"),
    [
        (ONE, TWO, ""),
        (SHELL, TWO, ""),
        (TWO, TWO, "You asked for this yourself, and it needs a second person. Ask one of those who may:"),
        (TWO, ONE, "You are not among those who may approve in prod. Ask one of them:"),
        (ONE, SHELL, "An approval is a second person's, and on the command line nobody can tell who it is."),
        (SHELL, SHELL, "An approval is a second person's, and on the command line nobody can tell who it is."),
    ],
)
def test_an_approval_is_a_second_persons(
    written: Written, requester: Requester, approver: Requester, said: str
) -> None:
    """They may approve, they are known, and they did not ask for it."""
    policy = written('[approve]\nusers = ["U2", "command-line"]\n')

    refusal = not_approvable(policy, requester, approver, "prod", "C1")

    assert said == ("" if refusal is None else refusal.reason[: len(said)])
    assert (not said) == (refusal is None)
