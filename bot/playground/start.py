"""What runs beside the page: the bot always, and the worker and agents unless others are used."""

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any

from bot.config import Config
from bot.playground.demo import INCIDENT
from bot.playground.slack.credentials import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from bot.roles.local import Local, local_netcheck
from bot.runs import bundle as bundles

Beside = tuple[Mapping[str, Any], Callable[[str], None]]


@contextlib.contextmanager
def start_beside(config: Config, options: argparse.Namespace) -> Iterator[Beside]:
    """Start the parts; gives the app's manifest, and what to call when the page can be opened.

    Raises:
        NetcheckError: a part cannot be started.
    """
    with _parts(config, options) as (local, what):

        def ready(page: str) -> None:
            local.start("bot", extra=_slack(page))
            sys.stdout.write(
                f"\nThe playground is at {page}\nIt shows {what}.\nType /netcheck diagnose there; Ctrl-C ends it.\n"
            )
            sys.stdout.flush()

        yield manifest(), ready


def manifest() -> Mapping[str, Any]:
    """The app's manifest, as Slack would be given it."""
    loaded: Mapping[str, Any] = json.loads(resources.files("handlers").joinpath("manifest.json").read_text("utf-8"))
    return loaded


@contextlib.contextmanager
def _parts(config: Config, options: argparse.Namespace) -> Iterator[tuple[Local, str]]:
    if options.live:
        environment = {"NETCHECK_REDIS_URL": config.required("NETCHECK_REDIS_URL")}
        local = Local(environment | {"NETCHECK_JOB_KEY": config.job_key().secret.decode()})
        try:
            yield local, f"the cluster {config['NETCHECK_CLUSTER']}, live"
        finally:
            local.stop()
        return
    if options.kubeconfig:
        with local_netcheck(config["NETCHECK_CLUSTER"]) as local:
            local.start("worker")
            local.wait_for(["worker/"])
            yield local, "the cluster of your kubeconfig, live, as far as it can be seen without agents"
        return
    with contextlib.ExitStack() as stack:
        path = options.bundle or stack.enter_context(resources.as_file(resources.files("bot").joinpath(INCIDENT)))
        bundle = bundles.read(str(path))
        local = stack.enter_context(local_netcheck(bundle.cluster))
        local.start("worker", "--bundle", str(path))
        local.start("agent", "--bundle", str(path))
        local.wait_for(["worker/", *(f"agent-{n}/{node}" for node, n in bundles.Replay(bundle).stations())])
        yield local, f"a recording, not a live cluster: {bundle.label}"


def _slack(page: str) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "NETCHECK_SLACK_API": f"{page}api/",
    }
