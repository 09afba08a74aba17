"""The one list of commands."""

import importlib

from bot.commands.command import Command
from bot.commands.grammar import Asked, Line
from bot.errors import UsageError
from bot.names import nearest, short

_NAMES = (
    "diagnose",
    "fix",
    "plan",
    "incident",
    "digest",
    "run",
    "preflight",
    "history",
    "checks",
    "status",
    "cancel",
    "audit",
    "help",
)
"""In the order in which people see them; each is a file here."""
COMMANDS: dict[str, Command] = {name: importlib.import_module(f"bot.commands.{name}").COMMAND for name in _NAMES}
"""Every command by its name."""
_SENTENCE = 4
"""From so many words on, what does not begin with a command is taken for a text that was pasted."""


def understand(line: Line) -> Asked:
    """What a line asks for.

    Raises:
        UsageError: it cannot be understood; says what is wrong and the nearest right thing.
    """
    command = COMMANDS.get(line.command)
    if command is not None:
        return command.parse(line)
    said, close = f"There is no command {short(line.command)!r}.", nearest(line.command, list(COMMANDS))
    if close:
        raise UsageError(said, hint="Did you mean this?", command=close)
    if len(line.text.split()) >= _SENTENCE:
        raise UsageError(said, hint="An error text goes after the word diagnose:", command="help diagnose")
    raise UsageError(said, hint="These there are:", command="help")
