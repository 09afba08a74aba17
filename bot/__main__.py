"""The `netcheck` command, and the only place where the parts are put together.

Imports stand inside the functions where a role must not carry them: an agent has neither rich nor kubernetes.
"""

import argparse
import asyncio
import dataclasses
import functools
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import redis

from bot.config import Config
from bot.errors import NetcheckError, Unavailable
from bot.store.connection import RETRYABLE, connect
from checks.observation import Network

if TYPE_CHECKING:
    from bot.operator.handler import Means
    from bot.playground.rehearsal.model import Model
    from bot.playground.rehearsal.shared import Shared

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command or a role and leave with its exit code."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
    except NetcheckError as error:
        code = _told(error)
    except redis.RedisError as error:
        away = isinstance(error, RETRYABLE)
        said = f"Redis {'does not answer' if away else 'refuses'}: {error}."
        code = _told(Unavailable(said, hint="Look at Redis itself and at NETCHECK_REDIS_URL."))
    except KeyboardInterrupt:
        code = _INTERRUPTED
    sys.exit(code)


def _run(arguments: Sequence[str]) -> int:
    from bot.cli.arguments import overview, parse

    options = parse(arguments)
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    if options.role:
        return _ROLES[options.role](options)
    if not options.words:
        sys.stdout.write(overview())
        return 0
    from bot.cli.session import give

    return give(Config(), options)


def _told(error: NetcheckError) -> int:
    sys.stderr.write(f"netcheck: {error.text}\n")
    return error.exit_code


def _worker(options: argparse.Namespace) -> int:
    from bot.roles import worker
    from bot.runs.execution import Keeping

    config = Config()
    name = config["NETCHECK_NAME"] or f"{socket.gethostname()}-{os.getpid()}"
    if options.bundle:
        cluster = worker.recorded_cluster(options.bundle)
    elif options.simulate:
        _, model = _recorded_nodes(config, options.simulate)
        cluster = worker.Cluster(model.bundle.cluster, model, None, model)
    else:
        cluster = worker.live_cluster(config["NETCHECK_CLUSTER"], config["NETCHECK_NAMESPACE"])
    keeping = Keeping(
        run_s=config.number("NETCHECK_RUN_TTL"),
        bundle_s=config.number("NETCHECK_BUNDLE_TTL"),
        history_days=config.number("NETCHECK_HISTORY_DAYS"),
    )
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
    if options.simulate:
        _, model = _recorded_nodes(config, options.simulate)
        stations = [agent.Station(model.bundle.cluster, node, network) for node, network in model.stations()]
        agent.serve(connector, key, stations, model)
        return 0
    hosts = [host.strip() for host in config["NETCHECK_ECHO"].split(",") if host.strip()]
    station = agent.Station(
        cluster=config["NETCHECK_CLUSTER"],
        node=config.required("NETCHECK_NODE"),
        network=Network(options.network),
        sysfs=options.sysfs,
        procfs=options.procfs,
        echo=tuple(hosts) or ("0.0.0.0", "::"),  # noqa: S104 - peers probe it
    )
    agent.serve(connector, key, [station])
    return 0


def _operator(options: argparse.Namespace) -> int:
    from bot.access.policy import Policy
    from bot.access.rulebook import Rulebook
    from bot.operator.cluster.api import Api
    from bot.operator.cluster.privileged import Privileged
    from bot.operator.handler import Means
    from bot.operator.lead import Lead
    from bot.operator.vcenter.account import configured
    from bot.roles import operator
    from bot.store.keys import Keys

    config = Config()
    cluster, connector = config["NETCHECK_CLUSTER"], _connector(config)
    name = config["NETCHECK_NAME"] or f"{socket.gethostname()}-{os.getpid()}"
    client, image = connector(), config["NETCHECK_PRIVILEGED_IMAGE"]
    means = Means(
        connect=connector,
        key=config.operations_key(),
        cluster=cluster,
        name=name,
        api=Api.connect,
        vcenter=configured(config),
        privileged=Privileged(config["NETCHECK_NAMESPACE"], image) if image else None,
        policy=Policy(Rulebook(config["NETCHECK_ACCESS"])),
        turn=Lead(client, Keys(cluster), name).take,
        node=config["NETCHECK_NODE"],
    )
    operator.serve(_simulated(config, means, options.simulate) if options.simulate else means)
    return 0


def _simulated(config: Config, means: "Means", path: str) -> "Means":
    """The same trust and the same orders, with verbs that reach nothing but recorded nodes."""
    from bot.playground.rehearsal.acts import NoCluster, Nodes, doings

    shared, model = _recorded_nodes(config, path)
    return dataclasses.replace(means, api=NoCluster, vcenter=None, doings=doings(Nodes(shared, model)))


def _recorded_nodes(config: Config, path: str) -> "tuple[Shared, Model]":
    from bot.playground.rehearsal.model import Model
    from bot.playground.rehearsal.shared import Shared
    from bot.runs.bundle import read

    bundle = read(path)
    shared = Shared(_connector(config), bundle.cluster)
    return shared, Model(bundle, shared.world)


def _bot(_: argparse.Namespace) -> int:
    from handlers import app

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    app.serve(Config(), stop)
    return 0


def _playground(options: argparse.Namespace) -> int:
    from bot.playground.server import Options, serve
    from bot.playground.start import start_beside

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with start_beside(Config(), options) as beside:
        served = Options(options.host, options.port, manifest=beside.manifest, recorded=beside.recorded)
        try:
            asyncio.run(serve(served, beside.ready))
        except OSError as error:
            raise Unavailable(
                f"The page cannot be served at {options.host}:{options.port}: {error.strerror}.",
                hint="Choose another port, for example:",
                command="playground --port 8081",
            ) from None
    return 0


def _connector(config: Config) -> Callable[[], Any]:
    """How a role connects; waits for nothing, because its loop tries again for ever."""
    return functools.partial(connect, config.required("NETCHECK_REDIS_URL"))


_ROLES = {"worker": _worker, "operator": _operator, "agent": _agent, "bot": _bot, "playground": _playground}


if __name__ == "__main__":
    main()
