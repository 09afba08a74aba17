"""What runs beside the page: the bot always, and the worker, agents and operator unless others are used."""

import argparse
import contextlib
import functools
import json
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from bot.config import Config
from bot.playground.demo import INCIDENT
from bot.playground.page.recorded import Recorded
from bot.playground.rehearsal.by_hand import ByHand
from bot.playground.rehearsal.model import Model
from bot.playground.rehearsal.shared import Shared
from bot.playground.slack.credentials import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from bot.roles.local import Local, local_netcheck
from bot.runs import bundle as bundles
from bot.store.connection import connect

ACCESS = """# In the playground everybody may fix and approve. The second person of a step is another one all the same.
[digest]
[remediate]
[approve]
"""
_RIGHTS = ("NETCHECK_OPERATIONS_KEY", "NETCHECK_ACCESS")
"""What bot and operator alone have."""


@dataclass(frozen=True)
class Beside:
    """What the page is opened with."""

    manifest: Mapping[str, Any]
    """The app's."""
    recorded: Recorded | None
    """The recorded nodes; None where a cluster is looked at."""
    ready: Callable[[str], None]
    """To be called with the page's address when it can be opened."""


@dataclass(frozen=True)
class _Parts:
    local: Local
    what: str
    """What the page shows."""
    rights: Mapping[str, str] = field(default_factory=dict)
    """The bot's further settings."""
    recorded: Recorded | None = None


@contextlib.contextmanager
def start_beside(config: Config, options: argparse.Namespace) -> Iterator[Beside]:
    """Start the parts.

    Raises:
        NetcheckError: a part cannot be started.
    """
    with _parts(config, options) as parts:

        def ready(page: str) -> None:
            parts.local.start("bot", extra={**_slack(page), **parts.rights})
            sys.stdout.write(
                f"\nThe playground is at {page}\nIt shows {parts.what}.\n"
                "Type /netcheck diagnose there; Ctrl-C ends it.\n"
            )
            sys.stdout.flush()

        yield Beside(manifest(), parts.recorded, ready)


def manifest() -> Mapping[str, Any]:
    """The app's manifest, as Slack would be given it."""
    loaded: Mapping[str, Any] = json.loads(resources.files("handlers").joinpath("manifest.json").read_text("utf-8"))
    return loaded


@contextlib.contextmanager
def _parts(config: Config, options: argparse.Namespace) -> Iterator[_Parts]:
    if options.live:
        environment = {"NETCHECK_REDIS_URL": config.required("NETCHECK_REDIS_URL")}
        local = Local(environment | {"NETCHECK_JOB_KEY": config.job_key().secret.decode()})
        rights = {name: config[name] for name in _RIGHTS if config[name]}
        try:
            yield _Parts(local, f"the cluster {config['NETCHECK_CLUSTER']}, live", rights)
        finally:
            local.stop()
        return
    if options.kubeconfig:
        with local_netcheck(config["NETCHECK_CLUSTER"]) as local:
            local.start("worker")
            local.wait_for(["worker/"])
            yield _Parts(local, "the cluster of your kubeconfig, live, as far as it can be seen without agents")
        return
    with contextlib.ExitStack() as stack:
        path = options.bundle or stack.enter_context(resources.as_file(resources.files("bot").joinpath(INCIDENT)))
        yield stack.enter_context(_recorded(str(path)))


@contextlib.contextmanager
def _recorded(path: str) -> Iterator[_Parts]:
    """A recording whose nodes are changed by what is done: by the operator, and by what is pressed on the page."""
    bundle = bundles.read(path)
    with _access() as access, local_netcheck(bundle.cluster) as local:
        rights = dict(zip(_RIGHTS, (secrets.token_hex(32), access), strict=True))
        local.start("worker", "--simulate", path)
        local.start("agent", "--simulate", path)
        local.start("operator", "--simulate", path, extra=rights)
        connector = functools.partial(connect, local.environment["NETCHECK_REDIS_URL"])
        shared = Shared(connector, bundle.cluster)
        model = Model(bundle, shared.world)
        local.wait_for(["worker/", *(f"agent-{network}/{node}" for node, network in model.stations())])
        local.wait_for_operator()
        yield _Parts(
            local,
            f"a recording, not a live cluster: {bundle.label}.\nWhat you do to it is simulated",
            rights,
            ByHand(shared, model, connector),
        )


@contextlib.contextmanager
def _access() -> Iterator[str]:
    """The path of the rules, for as long as the playground runs."""
    with tempfile.TemporaryDirectory(prefix="netcheck-playground-") as folder:
        rules = Path(folder, "access.toml")
        rules.write_text(ACCESS, encoding="utf-8")
        yield str(rules)


def _slack(page: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "NETCHECK_SLACK_API": f"{page}api/",
    }
