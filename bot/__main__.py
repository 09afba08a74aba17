"""The `netcheck` command, and the only place where the parts are put together.

Imports stand inside the functions where a role must not carry them: an agent has neither rich nor kubernetes.
"""

import argparse
import asyncio
import contextlib
import difflib
import functools
import logging
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

import redis

from bot import grammar
from bot.access.requester import Requester
from bot.config import Config
from bot.errors import NetcheckError, Unavailable, UsageError
from bot.fleet import clusters
from bot.runs.model import RUN_DEADLINE_S, Run
from bot.runs.requests import new_id, run_request
from bot.runs.runs import Runs
from bot.store.connection import RETRYABLE, connect, reachable, server_time
from checks.observation import Network
from checks.registry import CHECKS

PLAYGROUND_PORT = 8080
_INTERRUPTED = 130
_ROLES = ("worker", "agent", "bot", "playground")
_COMMANDS = (*(command.name for command in grammar.COMMANDS), *_ROLES)
log = logging.getLogger("netcheck")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and leave with its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        code = options.act(options)
    except NetcheckError as error:
        _tell(error)
        code = error.exit_code
    except redis.RedisError as error:
        away = isinstance(error, RETRYABLE)
        said = f"Redis {'does not answer' if away else 'refuses'}: {error}."
        unavailable = Unavailable(said, hint="Look at Redis itself and at NETCHECK_REDIS_URL.")
        _tell(unavailable)
        code = unavailable.exit_code
    except KeyboardInterrupt:
        code = _INTERRUPTED
    sys.exit(code)


def _tell(error: NetcheckError) -> None:
    sys.stderr.write(f"netcheck: {error.text}\n")


# The commands that Slack knows too.


def _ask(options: argparse.Namespace) -> int:
    """A command of the shared grammar."""
    from rich.console import Console

    from bot import terminal

    console = Console()
    line = " ".join((options.command, *options.words))
    config = Config()
    command = grammar.parse(line, ())
    if command.command == "help":
        return _help(console, command.topic)
    if command.command == "checks":
        if options.json:
            terminal.print_json(console, _checks_json())
        else:
            console.print(terminal.checks_view())
        return 0
    with _netcheck(config) as (config, client):
        known = clusters(client)
        asked = grammar.parse(line, known)
        cluster = grammar.choose_cluster(asked, known, config["NETCHECK_CLUSTER"])
        runs = Runs(
            client, cluster, ttl_s=config.number("NETCHECK_RUN_TTL"), limit=config.number("NETCHECK_QUEUE_LIMIT")
        )
        if asked.command == "status":
            return _status(console, runs, as_json=options.json)
        if asked.command == "cancel":
            run = runs.find(asked.run)
            stopped = runs.cancel(run, "the command line")
            console.print(f"{run.id} is cancelled." if stopped else f"{run.id} had ended already ({run.state}).")
            return 0
        return _run(console, runs, config, asked, options)


def _run(console: Any, runs: Runs, config: Config, asked: grammar.Asked, options: argparse.Namespace) -> int:
    from bot import terminal
    from bot.documents import run_json
    from bot.runs.outline import outline

    grammar.known_nodes(asked, runs.fleet.nodes())
    now = server_time(runs.client)
    request = run_request(asked, runs.cluster, run=new_id(), by=Requester("the command line"), now=now)
    runs.submit(request, config.job_key())
    changes = runs.watch(request.id, RUN_DEADLINE_S + 30)
    try:
        run = terminal.follow(console, changes) if console.is_terminal and not options.json else _last(changes)
    except KeyboardInterrupt:
        found = runs.get(request.id)
        if found is not None:
            runs.cancel(found, "Ctrl-C")
        raise
    if run is None or run.open:
        raise Unavailable("No worker finished the run in time.", hint="`netcheck status` shows who is there.")
    if options.json:
        terminal.print_json(console, run_json(run))
    else:
        console.print(terminal.report_view(run))
    if options.save and run.report is not None:
        _save(runs, run, config.number("NETCHECK_BUNDLE_TTL"), options.save)
    return outline(run).exit_code


def _last(changes: Iterator[Run]) -> Run | None:
    run = None
    for run in changes:  # noqa: B007 - the last one is what counts
        pass
    return run


def _status(console: Any, runs: Runs, *, as_json: bool) -> int:
    import msgspec

    from bot import terminal
    from bot.runs.status import status_of

    status = status_of(runs)
    if as_json:
        terminal.print_json(console, msgspec.to_builtins(status))
    else:
        console.print(terminal.status_view(status))
    return 0 if any(m.role == "worker" and m.here for m in status.members) else 3


def _help(console: Any, topic: str) -> int:
    from rich.markdown import Markdown

    from bot import terminal

    if topic in CHECKS:
        readme = resources.files("checks").joinpath(topic, "README.md").read_text(encoding="utf-8")
        console.print(Markdown(readme))
    else:
        console.print(terminal.commands_view(topic))
    return 0


def _checks_json() -> list[dict[str, Any]]:
    return [
        {"name": c.name, "title": c.title, "networks": [str(n) for n in c.networks], "findings": {code.name: code.meaning for code in c.codes}}
        for c in CHECKS.values()
    ]


def _save(runs: Runs, run: Run, ttl_s: int, path: str) -> None:
    from bot.runs.bundle import bundle_of, bundles

    try:
        Path(path).write_bytes(bundle_of(bundles(runs.client, runs.keys, ttl_s), run))
    except OSError as error:
        raise UsageError(
            f"The bundle cannot be saved: {error}.", hint="Give --save a file in a folder that exists and is yours."
        ) from None
    log.info("saved what the run saw to %s", path)


@contextlib.contextmanager
def _netcheck(config: Config) -> Iterator[tuple[Config, Any]]:
    """The netcheck to talk to: the one that the settings name, or else one of our own beside the kubeconfig."""
    if config["NETCHECK_REDIS_URL"]:
        client = connect(config["NETCHECK_REDIS_URL"])
        reachable(client)
        yield config, client
        return
    from bot.roles.local import local_netcheck

    with local_netcheck(config["NETCHECK_CLUSTER"]) as local:
        local.start("worker")
        local.wait_for(["worker/"])
        yield config.override(**local.environment), connect(local.environment["NETCHECK_REDIS_URL"])


# The roles.


def _worker(options: argparse.Namespace) -> int:
    from bot.roles import worker
    from bot.runs.execution import Keeping

    config = Config()
    name = config["NETCHECK_NAME"] or f"{socket.gethostname()}-{os.getpid()}"
    if options.bundle:
        cluster = worker.recorded_cluster(options.bundle)
    else:
        cluster = worker.live_cluster(config["NETCHECK_CLUSTER"], config["NETCHECK_NAMESPACE"])
    keeping = Keeping(config.number("NETCHECK_RUN_TTL"), config.number("NETCHECK_BUNDLE_TTL"))
    worker.serve(_connector(config), config.job_key(), cluster, name, keeping)
    return 0


def _agent(options: argparse.Namespace) -> int:
    from bot.roles import agent

    config = Config()
    connector, key = _connector(config), config.job_key()
    if options.bundle:
        from bot.runs.bundle import Replay, read

        replay = Replay(read(options.bundle))
        stations = [agent.Station(replay.bundle.cluster, node, network) for node, network in replay.stations()]
        agent.serve(connector, key, stations, replay)
        return 0
    station = agent.Station(
        cluster=config["NETCHECK_CLUSTER"],
        node=config.required("NETCHECK_NODE"),
        network=Network(options.network),
        sysfs=options.sysfs,
        procfs=options.procfs,
        echo=tuple(config["NETCHECK_ECHO"].split(",")) if config["NETCHECK_ECHO"] else ("0.0.0.0", "::"),  # noqa: S104 - peers probe it
    )
    agent.serve(connector, key, [station])
    return 0


def _bot(_: argparse.Namespace) -> int:
    from handlers import app

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app.serve(Config(), stop)
    return 0


def _connector(config: Config) -> Callable[[], Any]:
    """How a role connects; waits for nothing, because its loop tries again for ever."""
    return functools.partial(connect, config.required("NETCHECK_REDIS_URL"))


# The playground.


def _playground(options: argparse.Namespace) -> int:
    from bot.playground.server import Options, serve
    from bot.playground.start import start_beside

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with start_beside(Config(), options) as (manifest, ready):
        try:
            asyncio.run(serve(Options(options.host, options.port, manifest=manifest), ready))
        except OSError as error:
            raise Unavailable(
                f"The page cannot be served at {options.host}:{options.port}: {error.strerror}.",
                hint="Choose another port, for example `netcheck playground --port 8081`.",
            ) from None
    return 0


class _Parser(argparse.ArgumentParser):
    """Answers an unknown command as Slack would: with the nearest right one."""

    def error(self, message: str) -> NoReturn:
        word = re.search(r"argument COMMAND: invalid choice: '([^']*)'", message)
        if word:
            close = difflib.get_close_matches(word[1], _COMMANDS, n=1)
            message = f"There is no command {word[1]!r}. " + (f"Did you mean `{close[0]}`?" if close else "Try `help`.")
        elif message.startswith("unrecognized arguments"):
            message += f". Options come after all other words; `{self.prog} --help` lists them."
        self.exit(UsageError.exit_code, f"netcheck: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="netcheck",
        description="Finds out why networking broke in a Kubernetes cluster on virtual machines.",
        epilog="Exit codes: 0 healthy or advice, 1 degraded or failed, 2 usage, 3 could not look.",
    )
    parser.add_argument("--verbose", action="store_true", help="log more")
    parser.set_defaults(act=lambda _: _overview(parser))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in grammar.COMMANDS:
        runs = command.name in ("diagnose", "run")
        sub = commands.add_parser(
            command.name,
            help=command.meaning,
            description=command.meaning,
            usage=f"netcheck {command.usage} [--json]{' [--save FILE]' * runs}",
            epilog=f"For example: netcheck {command.example}",
        )
        sub.add_argument("words", nargs="*", metavar="WORD", help="what the usage above says, as in Slack")
        sub.add_argument("--json", action="store_true", help="print one JSON document")
        if runs:
            sub.add_argument("--save", metavar="FILE", help="keep what the run saw as a bundle")
        sub.set_defaults(act=_ask, command=command.name)
    _add_roles(commands)
    return parser


def _overview(parser: argparse.ArgumentParser) -> int:
    """No words at all ask for help, as in Slack."""
    parser.print_help()
    return 0


def _add_roles(commands: Any) -> None:
    worker = commands.add_parser("worker", help="Read the cluster and judge (a role in the cluster).")
    worker.add_argument("--bundle", metavar="FILE", default="", help="serve a recording instead of a cluster")
    worker.set_defaults(act=_worker)
    agent = commands.add_parser("agent", help="Probe from a node (a role in the cluster).")
    agent.add_argument(
        "--network",
        choices=[Network.HOST.value, Network.POD.value],
        default=Network.POD.value,
        help="the network that it runs in (%(default)s)",
    )
    agent.add_argument("--sysfs", metavar="PATH", default="/sys", help="where the node's /sys is mounted")
    agent.add_argument("--procfs", metavar="PATH", default="/proc", help="where the node's /proc is mounted")
    agent.add_argument("--bundle", metavar="FILE", default="", help="answer from a recording")
    agent.set_defaults(act=_agent)
    bot = commands.add_parser("bot", help="Talk to Slack (a role in the cluster).")
    bot.set_defaults(act=_bot)
    playground = commands.add_parser("playground", help="Try it in a browser, without an account.")
    playground.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    playground.add_argument(
        "--port", type=int, default=PLAYGROUND_PORT, help="port to listen on (%(default)s), 0 for a free one"
    )
    source = playground.add_mutually_exclusive_group()
    source.add_argument("--bundle", metavar="FILE", default="", help="a recording other than the one of the incident")
    source.add_argument("--live", action="store_true", help="use the worker and agents behind NETCHECK_REDIS_URL")
    source.add_argument("--kubeconfig", action="store_true", help="start a worker on the cluster of the kubeconfig")
    playground.set_defaults(act=_playground)


if __name__ == "__main__":
    main()
