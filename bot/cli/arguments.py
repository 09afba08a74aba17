"""What stands on the command line: the words of a command with options anywhere between them, or a role.

The words themselves are the grammar's (`bot.commands.grammar`); here only what a shell adds to them is known. Commands
are imported where they are asked for, because a role does without them.
"""

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from bot.errors import UsageError
from bot.names import nearest
from checks.observation import Network

PLAYGROUND_PORT = 8080
_CODES = "Exit codes: 0 healthy or advice, 1 degraded or failed, 2 usage, 3 could not look."


class _Parser(argparse.ArgumentParser):
    """Raises what it cannot parse instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        role = self.prog.removeprefix("netcheck").strip()
        said = f"{message[:1].upper()}{message[1:]}."
        raise UsageError(said, hint="The options are listed:", command=f"{role} --help".strip())


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; `role` names a role, and is empty for a command, whose words are in `words`.

    Raises:
        UsageError: an option is not known, or its value does not fit.
    """
    options, rest = _commands().parse_known_intermixed_args(arguments)
    if options.words[:1] and options.words[0] in ROLES:
        return _roles().parse_args(arguments)
    from bot.commands.registry import COMMANDS

    if rest:
        raise _unknown_option(rest[0])
    name = options.words[0].lower() if options.words else ""
    if options.help and name:
        options.words = ["help", name]
    if name and name not in COMMANDS:
        close = nearest(name, (*COMMANDS, *ROLES))
        if close in ROLES:
            raise UsageError(f"There is no command {name!r}.", hint="Did you mean this?", command=close)
    if options.csv and name != "history":
        raise UsageError("--csv is for numbers over time.", hint="They are in:", command="help history")
    if options.csv:
        options.words.append("format=csv")
    if options.save and not (name in COMMANDS and COMMANDS[name].starts_run):
        raise UsageError("--save keeps what a run saw, and this command starts none.")
    if options.plot:
        _plotted(options.plot, [word.lower() for word in options.words])
    return options


def _plotted(file: str, words: Sequence[str]) -> None:
    """Whether a picture can come of these words, and go to that file."""
    if words[:1] not in (["diagnose"], ["run"], ["history"]) and words[:2] != ["incident", "show"]:
        raise UsageError(
            "--plot draws what a run measured, its history, or an incident.",
            hint="For example:",
            command="diagnose --plot matrix.png",
        )
    if not file.lower().endswith(".png"):
        raise UsageError(
            f"--plot writes PNG, and {file[:80]!r} does not end in .png.",
            hint="Give it another name, for example:",
            command=f"{' '.join(words[:2])} --plot picture.png",
        )


def overview() -> str:
    """What can stand on the command line."""
    from bot.commands.registry import COMMANDS

    commands = "\n".join(f"  {command.usage:<52} {command.meaning}" for command in COMMANDS.values())
    roles = "\n".join(f"  {name:<52} {meaning}" for name, meaning in ROLES.items())
    return (
        "Finds out why networking broke in a Kubernetes cluster on virtual machines.\n\n"
        f"usage: netcheck COMMAND [--json] [--csv] [--plot FILE] [--save FILE] [--verbose]\n\n{commands}\n\n"
        f"Options may stand anywhere:\n"
        f"  {'--json':<52} Print one JSON document.\n"
        f"  {'--csv':<52} Print numbers over time as comma-separated values.\n"
        f"  {'--plot FILE':<52} Draw what a run, `history` or `incident show` tells, as a PNG.\n"
        f"  {'--save FILE':<52} Keep what a run saw as a bundle.\n"
        f"  {'--verbose':<52} Log more.\n\n"
        f"Parts of netcheck, each with a --help of its own:\n{roles}\n\n{_CODES}\n"
    )


def _commands() -> argparse.ArgumentParser:
    parser = _Parser(prog="netcheck", add_help=False, allow_abbrev=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--csv", action="store_true")
    parser.add_argument("--plot", metavar="FILE", default="")
    parser.add_argument("--save", metavar="FILE", default="")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("-h", "--help", action="store_true")
    parser.set_defaults(role="")
    return parser


def _unknown_option(option: str) -> UsageError:
    name = re.split(r"[=\s]", option)[0]
    close = nearest(name.lstrip("-"), ("json", "csv", "plot", "save", "verbose", "help"))
    hint = f"Did you mean --{close}?" if close else "An error text that begins so goes into quotes, after --."
    return UsageError(f"There is no option {name!r}.", hint=hint)


ROLES = {
    "operator": "Carry out what was approved: the one process that changes anything (a role in the cluster).",
    "worker": "Read the cluster and judge (a role in the cluster).",
    "agent": "Probe from a node (a role in the cluster).",
    "bot": "Talk to Slack (a role in the cluster).",
    "playground": "Try it in a browser, without an account.",
}
"""What else can be started, with its meaning."""


def _roles() -> argparse.ArgumentParser:
    parser = _Parser(prog="netcheck")
    parser.add_argument("--verbose", action="store_true", help="log more")
    roles = parser.add_subparsers(dest="role", metavar="ROLE")
    named = {name: roles.add_parser(name, help=meaning, description=meaning) for name, meaning in ROLES.items()}
    for sub in named.values():
        sub.add_argument("--verbose", action="store_true", default=argparse.SUPPRESS, help="log more")
    _simulating(named["operator"], "carry orders out on the recorded nodes of a playground")
    _worker(named["worker"])
    _agent(named["agent"])
    _playground(named["playground"])
    return parser


def _worker(worker: Any) -> None:
    worker.add_argument("--bundle", metavar="FILE", default="", help="serve a recording instead of a cluster")
    _simulating(worker, "serve the recorded nodes of a playground, as what is done there changes them")


def _agent(agent: Any) -> None:
    agent.add_argument(
        "--network",
        choices=[Network.HOST.value, Network.POD.value],
        default=Network.POD.value,
        help="the network that it runs in (%(default)s)",
    )
    agent.add_argument("--sysfs", metavar="PATH", default="/sys", help="where the node's /sys is mounted")
    agent.add_argument("--procfs", metavar="PATH", default="/proc", help="where the node's /proc is mounted")
    agent.add_argument("--bundle", metavar="FILE", default="", help="answer from a recording")
    _simulating(agent, "answer for the recorded nodes of a playground, as what is done there changes them")


def _simulating(role: Any, meaning: str) -> None:
    role.add_argument("--simulate", metavar="FILE", default="", help=meaning)


def _playground(playground: Any) -> None:
    playground.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    playground.add_argument(
        "--port", type=int, default=PLAYGROUND_PORT, help="port to listen on (%(default)s), 0 for a free one"
    )
    source = playground.add_mutually_exclusive_group()
    source.add_argument("--bundle", metavar="FILE", default="", help="a recording other than the one of the incident")
    source.add_argument("--live", action="store_true", help="use the worker and agents behind NETCHECK_REDIS_URL")
    source.add_argument("--kubeconfig", action="store_true", help="start a worker on the cluster of the kubeconfig")
