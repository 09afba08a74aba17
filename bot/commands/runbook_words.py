"""How a runbook is named in a line: `RUNBOOK [choice=value…] [on NODE…]`, the same for every command that takes one."""

from bot.commands.grammar import Asked, Line, unknown
from bot.errors import UsageError
from bot.runbooks.registry import RUNBOOKS, choices_of


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
