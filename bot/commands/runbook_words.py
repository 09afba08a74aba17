"""How a runbook is named in a line: `RUNBOOK [choice=value…] [on NODE…]`, the same for every command that takes one."""

from collections.abc import Sequence

import msgspec

from bot.commands.grammar import Asked, Line, unknown
from bot.errors import UsageError
from bot.runbooks.registry import RUNBOOKS, choices_of


class Incomplete(UsageError):  # noqa: N818 - it is a question, not an accident
    """A runbook lacks a choice without which it plans nothing."""

    def __init__(self, asked: Asked, missing: Sequence[str]) -> None:
        needs = RUNBOOKS[asked.subject].needs
        whole = {**asked.parameters, **{name: needs[name] for name in missing}}
        super().__init__(
            f"{asked.subject} needs {' and '.join(missing)}.",
            hint="For example:",
            command=msgspec.structs.replace(asked, parameters=whole).line,
        )
        self.asked = asked


def complete(asked: Asked, cluster: str) -> None:
    """See that a runbook has all that it needs.

    Raises:
        Incomplete: it has not; the question names the cluster that is meant.
    """
    needs = RUNBOOKS[asked.subject].needs if asked.subject else {}
    missing = [name for name in needs if not asked.parameters.get(name)]
    if missing:
        raise Incomplete(msgspec.structs.replace(asked, cluster=cluster), missing)


def parse(line: Line, *, example: str, required: bool) -> Asked:
    """The command with its runbook, choices and nodes.

    Raises:
        UsageError: the runbook or a choice is not known, or nodes are named where it takes none.
    """
    said = line.said()
    line.no_more(said.words[1:])
    if not said.words:
        if required:
            names = ", ".join(RUNBOOKS)
            raise UsageError("Which runbook?", hint=f"One of {names}, for example:", command=example)
        line.no_more(said.pairs, said.nodes)
        return Asked(command=line.command, cluster=said.cluster)
    name = said.words[0].lower()
    runbook = RUNBOOKS.get(name)
    if runbook is None:
        raise unknown("runbook", said.words[0], list(RUNBOOKS), lambda near: f"{line.command} {near}")
    if said.nodes and not runbook.nodes:
        raise UsageError(
            f"{name} is not about single nodes, so nothing comes after on.",
            hint="How it is used:",
            command=f"help {name}",
        )
    return Asked(
        command=line.command,
        subject=name,
        parameters=choices_of(runbook, said.pairs),
        nodes=said.nodes,
        cluster=said.cluster,
    )
