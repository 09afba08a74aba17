"""All runbooks, found by themselves: a folder of the catalogue that declares one is one."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import msgspec

from bot.errors import UsageError
from bot.names import choice
from bot.runbooks import catalogue
from bot.runbooks.runbook import Runbook
from checks.registry import DIAGNOSED


def _found() -> dict[str, Runbook]:
    names = [module.name for module in pkgutil.iter_modules(catalogue.__path__) if module.ispkg]
    found = [importlib.import_module(f"{catalogue.__name__}.{name}").RUNBOOK for name in names]
    return {runbook.name: runbook for runbook in sorted(found, key=lambda r: (not r.cures, r.name))}


RUNBOOKS: Mapping[str, Runbook] = _found()
"""Every runbook by its name."""


def cures(cause: str) -> Sequence[Runbook]:
    """The runbooks that cure a cause, the least disruptive first."""
    return sorted((r for r in RUNBOOKS.values() if cause in r.cures), key=lambda r: r.rank)


def looked_at(name: str) -> dict[str, dict[str, Any]]:
    """The checks that a plan of this runbook is made from, as a run is asked for them."""
    return {check: {} for check in (*DIAGNOSED, *RUNBOOKS[name].checks)}


def page(name: str) -> str:
    """The README of a runbook, in Markdown."""
    folder = resources.files(catalogue).joinpath(name.replace("-", "_"))
    return folder.joinpath("README.md").read_text(encoding="utf-8")


def choices_of(runbook: Runbook, pairs: Mapping[str, str]) -> dict[str, Any]:
    """What was said as `key=value`, validated, as builtins.

    Raises:
        UsageError: a choice is not known, or its value does not fit.
    """
    fields = {field.name: field for field in msgspec.structs.fields(runbook.choices)}
    for key in pairs:
        if key not in fields:
            raise UsageError(
                f"{runbook.name} has no choice {key!r}.",
                hint=f"{choice(list(fields))} How it is used:",
                command=f"help {runbook.name}",
            )
    try:
        chosen = msgspec.convert(dict(pairs), runbook.choices, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"This does not fit: {error}.", hint="How it is used:", command=f"help {runbook.name}"
        ) from None
    return {key: value for key, value in msgspec.to_builtins(chosen).items() if key in pairs}
