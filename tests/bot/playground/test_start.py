"""What the playground's parts are started with."""

import argparse
from pathlib import Path

from bot.access.policy import Policy, not_approvable
from bot.access.requester import Requester
from bot.access.rulebook import Rulebook
from bot.access.verb import Verb
from bot.config import Config
from bot.playground import start

LIVE = argparse.Namespace(live=True, kubeconfig=False, bundle="")
BASE = {"NETCHECK_REDIS_URL": "redis://127.0.0.1:1", "NETCHECK_JOB_KEY": "0123456789abcdef"}
FIRST, SECOND = Requester("on-call", "U0ONCALL", "T1"), Requester("platform", "U0PLATFORM", "T1")


def test_everybody_may_fix_and_nobody_approves_their_own_plan() -> None:
    """For as long as the playground runs; afterwards the rules are gone."""
    with start._access() as path:
        policy = Policy(Rulebook(path))
        assert (None, None) == (
            policy.refused(Verb.REMEDIATE, FIRST, "C0INCIDENTS", "recorded"),
            not_approvable(policy, FIRST, SECOND, "recorded", "C0INCIDENTS"),
        )
        assert not_approvable(policy, FIRST, FIRST, "recorded", "C0INCIDENTS") is not None
    assert not Path(path).parent.exists()


def test_a_live_bot_has_the_rights_that_are_set() -> None:
    """Its operations key and its rules, and no recorded nodes beside it; nothing that is not set."""
    rights = {"NETCHECK_OPERATIONS_KEY": "fedcba9876543210", "NETCHECK_ACCESS": "access.toml"}
    with start._parts(Config(BASE | rights), LIVE) as parts:
        assert (rights, None) == (parts.rights, parts.recorded)
    with start._parts(Config(BASE), LIVE) as parts:
        assert {} == parts.rights
