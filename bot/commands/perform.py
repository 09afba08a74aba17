"""The one door of every act, whoever acts and through what.

A line, a button, a shortcut and the command line all end here: what is meant is resolved, permitted, recorded and then
done. The record comes before the act or with it, so that an act that ends its process is in it; a refused one is too.
"""

import dataclasses
from collections.abc import Sequence

from bot.access.audit import Act, Audit
from bot.access.policy import Policy
from bot.commands.answer import Outcome
from bot.commands.caller import Caller
from bot.commands.command import Command, Errand, Open
from bot.commands.grammar import Asked, Line
from bot.commands.registry import COMMANDS, understand
from bot.errors import NetcheckError, NotPermitted


class Door:
    """Where acts come in.

    Every method raises what acts raise: a `NetcheckError`, or `redis.RedisError` when Redis does not answer.
    """

    def __init__(self, means: Open, policy: Policy | None = None) -> None:
        self._means = means
        self._policy = policy or Policy()

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
        errand = Errand(asked=asked, caller=caller, target=target, means=self._means, policy=self._policy)
        if not target.cluster:
            return command.act(errand)
        act = Act(
            by=caller.by,
            surface=caller.surface,
            where=caller.where,
            command=command.name,
            line=asked.line,
            cluster=target.cluster,
            nodes=asked.nodes,
            verb=command.verb_of(asked),
        )
        return self._recorded(command, dataclasses.replace(errand, noted=act), act)

    def _clusters(self) -> Sequence[str]:
        return self._means().clusters.names()

    def _recorded(self, command: Command, errand: Errand, act: Act) -> Outcome:
        audit = Audit(self._means().clusters.client, act.cluster)
        if refusal := self._policy.refusal(act):
            audit.whole(act, "refused", refusal.text)
            raise refusal
        # One write less before fifty acknowledgements: what starts a run is recorded with the run.
        entry = "" if command.starts_run else audit.began(act)
        try:
            outcome = command.act(errand)
        except NetcheckError as error:
            came_to = "refused" if isinstance(error, NotPermitted) else "not done"
            if entry:
                audit.ended(entry, came_to, error.reason)
            else:
                audit.whole(act, came_to, error.reason)
            raise
        if entry:
            audit.ended(entry, "done")
        return outcome
