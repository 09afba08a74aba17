"""The one door of every act, whoever acts and through what.

A line, a button, a shortcut and the command line all end here: what is meant is resolved, recorded, permitted and then
done. The record comes first, so that an act that ends its process is in it, and a refused one too.
"""

import logging
from collections.abc import Sequence

import redis

from bot.access.audit import Act, Audit
from bot.access.policy import Policy, everybody_may
from bot.commands.answer import Outcome, Started
from bot.commands.caller import Caller
from bot.commands.command import Command, Errand, Open
from bot.commands.grammar import Asked, Line
from bot.commands.registry import COMMANDS, understand
from bot.errors import NetcheckError, NotPermitted

log = logging.getLogger(__name__)


class Door:
    """Where acts come in.

    Every method raises what acts raise: a `NetcheckError`, or `redis.RedisError` when Redis does not answer.
    """

    def __init__(self, means: Open, policy: Policy = everybody_may) -> None:
        self._means = means
        self._policy = policy

    def typed(self, text: str, caller: Caller) -> Outcome:
        """Do what a line asks for."""
        return self.perform(understand(Line.typed(text, self._clusters)), caller)

    def split(self, words: Sequence[str], caller: Caller) -> Outcome:
        """Do what a line asks for that a shell has split into words."""
        return self.perform(understand(Line.split(words, self._clusters)), caller)

    def perform(self, asked: Asked, caller: Caller) -> Outcome:
        """Do what was asked for."""
        command = COMMANDS[asked.command]
        target = command.target(asked, self._means)
        errand = Errand(asked=asked, caller=caller, target=target, means=self._means)
        return self._recorded(command, errand) if target.cluster else command.act(errand)

    def _clusters(self) -> Sequence[str]:
        return self._means().clusters.names()

    def _recorded(self, command: Command, errand: Errand) -> Outcome:
        asked, caller, cluster = errand.asked, errand.caller, errand.target.cluster
        act = Act(
            by=caller.by,
            surface=caller.surface,
            where=caller.where,
            command=command.name,
            line=asked.line,
            cluster=cluster,
            nodes=asked.nodes,
        )
        audit = Audit(self._means().clusters.client, cluster)
        entry = audit.began(act)
        try:
            refusal = self._policy(act)
            if refusal:
                raise NotPermitted(refusal)
            outcome = command.act(errand)
        except NetcheckError as error:
            _ended(audit, entry, "refused" if isinstance(error, NotPermitted) else "not done", error.reason)
            raise
        _ended(audit, entry, "done", f"run {outcome.run}" if isinstance(outcome, Started) else "")
        return outcome


def _ended(audit: Audit, entry: str, outcome: str, detail: str) -> None:
    """What is done is done, also when Redis went away before that could be noted."""
    try:
        audit.ended(entry, outcome, detail)
    except redis.RedisError as error:
        log.warning("the audit record %s has no outcome: %s", entry, error)
