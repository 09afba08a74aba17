"""The one door of every act, whoever acts and through what.

A line, a button, a shortcut and the command line all end here: what is meant is resolved, recorded, permitted and then
done. The record comes first, so that an act that ends its process is in it, and a refused one too.
"""

from collections.abc import Callable, Sequence

from bot.access.audit import Act, Audit, Ending, note_endings
from bot.access.policy import Policy, everybody_may
from bot.commands.answer import Outcome, Started
from bot.commands.caller import Caller
from bot.commands.command import Command, Errand, Open
from bot.commands.grammar import Asked, Line
from bot.commands.registry import COMMANDS, understand
from bot.errors import NetcheckError, NotPermitted


class Door:
    """Where acts come in. `ended` is told what came of each; without it that is noted at once.

    Every method raises what acts raise: a `NetcheckError`, or `redis.RedisError` when Redis does not answer.
    """

    def __init__(
        self, means: Open, policy: Policy = everybody_may, ended: Callable[[Ending], None] | None = None
    ) -> None:
        self._means = means
        self._policy = policy
        self._ended = ended or self._note

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
        entry = Audit(self._means().clusters.client, cluster).began(act)
        try:
            refusal = self._policy(act)
            if refusal:
                raise NotPermitted(refusal)
            outcome = command.act(errand)
        except NetcheckError as error:
            word = "refused" if isinstance(error, NotPermitted) else "not done"
            self._ended(Ending(cluster, entry, word, error.reason))
            raise
        self._ended(Ending(cluster, entry, "done", f"run {outcome.run}" if isinstance(outcome, Started) else ""))
        return outcome

    def _note(self, ending: Ending) -> None:
        note_endings(self._means().clusters.client, [ending])
