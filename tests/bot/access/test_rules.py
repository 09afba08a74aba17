"""The file that says who may do what: what it means, and what is said about what it cannot mean."""

import pytest

from bot.access.rules import BY_DEFAULT, EVERYBODY, Rule, Subject, read_rules
from bot.access.verb import Verb
from bot.errors import ConfigError


def test_a_table_is_a_rule_of_a_verb() -> None:
    """Every list is read, with the workspace or enterprise that a name is in."""
    rules = read_rules(
        """
        [approve]
        users = ["U0ONCALL", "T0A/U0OTHER", "E0ORG/W0THIRD", "command-line"]
        groups = ["S0PLATFORM"]
        channels = ["C0INCIDENTS", "T0A/D0DIRECT"]
        clusters = ["prod", "eu/staging-1"]
        """
    )

    expected = Rule(
        users=(
            Subject("U0ONCALL"),
            Subject("U0OTHER", "T0A"),
            Subject("W0THIRD", "E0ORG"),
            Subject("command-line"),
        ),
        groups=(Subject("S0PLATFORM"),),
        channels=(Subject("C0INCIDENTS"), Subject("D0DIRECT", "T0A")),
        clusters=("prod", "eu/staging-1"),
    )
    assert (expected,) == rules[Verb.APPROVE]


def test_a_verb_may_have_several_rules_or_none() -> None:
    """Double brackets are several, an empty list is nobody, and what is not named is as without a file."""
    rules = read_rules('diagnose = []\n[[remediate]]\nusers = ["U1"]\n[[remediate]]\n')

    assert ((), (Rule(users=(Subject("U1"),)), EVERYBODY)) == (rules[Verb.DIAGNOSE], rules[Verb.REMEDIATE])
    assert [BY_DEFAULT[verb] for verb in (Verb.INCIDENT, Verb.APPROVE)] == [rules[Verb.INCIDENT], rules[Verb.APPROVE]]
    assert BY_DEFAULT == read_rules("")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[diagnose", "It is no TOML: Expected ']' at the end of a table declaration (at end of document)."),
        ("[diagnose]\nusers = [\n", "It is no TOML: Invalid value (at end of document)."),
        ("[diagnose]\nusers = U1\n", "It is no TOML: Invalid value (at line 2, column 9)."),
        ("\n[approv]\n", "Line 2: There is no verb 'approv'. Did you mean approve?"),
        ("approve = true\n", "Line 1: approve is no table. Write [approve], or several times [[approve]]."),
        ('[approve]\nuser = ["U1"]\n', "Line 2: A rule has no 'user'. Did you mean users?"),
        ('[approve]\nusers = "U1"\n', 'Line 2: users is no list. Write users = ["…"].'),
        ('[approve]\nusers = ["U1",\n"@on-call"]\n', "Line 3: '@on-call' is not a user, `U…` or `T…/U…`,"),
        ('[approve]\ngroups = ["U1"]\n', "Line 2: 'U1' is not a user group, `S…` or `T…/S…`."),
        ('[approve]\nchannels = ["#prod"]\n', "Line 2: '#prod' is not a channel, `C…` or `T…/C…`."),
        ('[approve]\ngroups = ["command-line"]\n', "Line 2: 'command-line' is not a user group"),
        ("[approve]\nusers = [7]\n", "Line 2: 7 is not a user"),
        ('[approve]\nclusters = ["a b"]\n', "Line 2: 'a b' is no name of a cluster."),
        ('[[approve]]\nusers = ["U1"]\n[[approve]]\n# U1 x\ngroups = ["x"]\n', "Line 5: 'x' is not a user group"),
        ('approve = [{users = ["U1"]}, {users = ["x"]}]', "Line 1: 'x' is not a user"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(text: str, said: str) -> None:
    """Nothing is passed over: a misspelt word would permit, or forbid, what nobody wanted."""
    with pytest.raises(ConfigError) as caught:
        read_rules(text)

    assert caught.value.reason.startswith(said)
