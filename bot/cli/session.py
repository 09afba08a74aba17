"""One command of the command line: given at the door, followed to its end, shown."""

import argparse
import contextlib
import logging
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from bot.access.policy import Policy
from bot.access.requester import COMMAND_LINE, Requester
from bot.access.rulebook import Rulebook
from bot.cli import documents, terminal
from bot.cli.plot import plot_answer, plot_run
from bot.commands.answer import Opened, Started
from bot.commands.caller import Caller
from bot.commands.clusters import Clusters
from bot.commands.command import Means
from bot.commands.grammar import Asked
from bot.commands.perform import Door
from bot.config import Config
from bot.errors import Unavailable, UsageError
from bot.incidents.conductor import LOOK_S, Conductor
from bot.incidents.documents import incident_json, plan_json
from bot.incidents.incidents import Incidents
from bot.incidents.outline import outline as incident_outline
from bot.incidents.waiting import waits
from bot.roles.local import local_netcheck
from bot.runbooks.outline import outline as plan_outline
from bot.runbooks.outline import plan_of
from bot.runs.bundle import Bundle, bundle_of, bundles
from bot.runs.model import RUN_DEADLINE_S, Run
from bot.runs.outline import outline
from bot.runs.runs import Runs
from bot.store.connection import connect, reachable
from bot.store.records import Records

CALLER = Caller(by=Requester(COMMAND_LINE), surface="command line")
CONDUCTED_S = 900.0
"""A step of a plan may take that long: a node that is powered on has ten minutes to be ready."""
_PATIENCE_S = 30
"""How much longer than a run may take it is waited for."""

log = logging.getLogger(__name__)


def give(config: Config, options: argparse.Namespace) -> int:
    """Do what the words ask for, show what comes of it, and return the exit code.

    Raises:
        NetcheckError: it cannot be done; says why.
        redis.RedisError: Redis does not answer.
    """
    with contextlib.ExitStack() as stack:
        means = _Means(config, stack)
        door = Door(means, Policy(Rulebook(config["NETCHECK_ACCESS"])))
        session = _Session(door, means, Console(), options)
        return session.give()


class _Means:
    """Connects when it is first asked: to the netcheck that the settings name, or to one of our own, started here."""

    def __init__(self, config: Config, stack: contextlib.ExitStack) -> None:
        self.config = config
        self._stack = stack
        self._made: Means | None = None

    def __call__(self) -> Means:
        if self._made is None:
            self._made = self._make()
        return self._made

    def _make(self) -> Means:
        config = self.config
        if not config["NETCHECK_REDIS_URL"]:
            local = self._stack.enter_context(local_netcheck(config["NETCHECK_CLUSTER"]))
            local.start("worker")
            local.wait_for(["worker/"])
            config = config.override(**local.environment)
        client = connect(config["NETCHECK_REDIS_URL"])
        self._stack.callback(client.close)
        reachable(client)
        limits = {"ttl_s": config.number("NETCHECK_RUN_TTL"), "limit": config.number("NETCHECK_QUEUE_LIMIT")}
        return Means(Clusters(client, **limits), config.job_key, config["NETCHECK_CLUSTER"])


class _Session:
    """A command on its way."""

    def __init__(self, door: Door, means: _Means, console: Console, options: argparse.Namespace) -> None:
        self._door = door
        self._means = means
        self._console = console
        self._options = options

    def give(self) -> int:
        """Give the command and show what comes of it."""
        outcome = self._door.split(self._options.words, CALLER)
        if isinstance(outcome, Started):
            return self._ended(self._followed(outcome))
        if isinstance(outcome, Opened):
            return self._conducted(outcome)
        if outcome.plain and not self._options.json:
            self._console.file.write(outcome.plain)
        elif outcome.lines is not None:
            self._list(outcome.lines)
        else:
            self._show(outcome.data, terminal.answer_view(outcome))
        if self._options.plot:
            plot_answer(outcome, self._options.plot)
        return outcome.exit_code

    def _followed(self, started: Started) -> Run:
        """The run once it has ended. Ctrl-C cancels it."""
        runs = self._runs(started.cluster)
        asked = runs.get(started.run)
        longest_s = asked.request.deadline_s if asked else RUN_DEADLINE_S
        changes = runs.watch(started.run, longest_s + _PATIENCE_S)
        live = self._console.is_terminal and not self._options.json
        try:
            run = terminal.follow(self._console, changes) if live else _last(changes)
        except KeyboardInterrupt:
            self._cancel(started)
            raise
        if run is None or run.open:
            if run:
                # Nobody waits for it any more, and where there is no bot nobody else would end it.
                self._cancel(started)
            raise Unavailable("No worker finished the run in time.", hint="Who is there:", command="status")
        return run

    def _cancel(self, started: Started) -> None:
        self._door.perform(Asked(command="cancel", subject=started.run, cluster=started.cluster), CALLER)

    def _conducted(self, opened: Opened) -> int:
        """Move the incident on until it waits for a person, and show how it stands."""
        config = self._means.config
        operations = config.operations_key() if config["NETCHECK_OPERATIONS_KEY"] else None
        runs = self._runs(opened.cluster)
        conductor = Conductor(runs, config.job_key(), operations)
        incidents = Incidents(runs.client, opened.cluster)
        until = time.monotonic() + CONDUCTED_S
        while (incident := incidents.get(opened.incident)) is not None:
            execution = incident.execution
            if execution is None or waits(execution) or time.monotonic() > until:
                break
            conductor.look()
            time.sleep(LOOK_S)
        if incident is None:
            raise Unavailable(f"The incident {opened.incident} cannot be read.", hint="Who is there:", command="status")
        told = incident_outline(incident)
        self._show(incident_json(incident), terminal.outline_view(told))
        return told.exit_code

    def _ended(self, run: Run) -> int:
        plan = plan_of(run)
        if plan is not None:
            told = plan_outline(plan)
            self._show(plan_json(plan) | documents.run_json(run), terminal.outline_view(told))
            return told.exit_code
        self._show(documents.run_json(run), terminal.report_view(run))
        if self._options.save and run.report is not None:
            self._save(run)
        if self._options.plot:
            plot_run(run, self._options.plot)
        return outline(run).exit_code

    def _show(self, data: Any, view: Any) -> None:
        if self._options.json:
            documents.print_json(self._console.file, msgspec.to_builtins(data))
        else:
            # Commands are copied, so they are neither broken nor cut.
            self._console.print(view, crop=False)

    def _list(self, lines: Iterable[Any]) -> None:
        if self._options.json:
            documents.print_json(self._console.file, list(lines))
        else:
            documents.print_lines(self._console.file, lines)

    def _save(self, run: Run) -> None:
        path = self._options.save
        try:
            Path(path).write_bytes(bundle_of(self._bundles(run.request.cluster), run))
        except OSError as error:
            raise UsageError(
                f"The bundle cannot be saved: {error}.", hint="Give --save a file in a folder that exists and is yours."
            ) from None
        log.info("saved what the run saw to %s", path)

    def _bundles(self, cluster: str) -> Records[Bundle]:
        runs = self._runs(cluster)
        return bundles(runs.client, runs.keys, self._means.config.number("NETCHECK_BUNDLE_TTL"))

    def _runs(self, cluster: str) -> Runs:
        return self._means().clusters.runs(cluster)


def _last(changes: Iterator[Run]) -> Run | None:
    run = None
    for run in changes:  # noqa: B007 - the last one is what counts
        pass
    return run
