"""The checks that there are, found by themselves: a folder here that can `observe` is a check."""

import importlib
import pkgutil
from typing import TYPE_CHECKING

import checks
from checks.check import Check

if TYPE_CHECKING:
    from checks.code import Code


def _found() -> list[Check]:
    folders = [module for module in pkgutil.iter_modules(checks.__path__) if module.ispkg]
    names = [folder.name for folder in folders if _observes(folder)]
    return [importlib.import_module(f"checks.{name}").CHECK for name in names]


def _observes(folder: pkgutil.ModuleInfo) -> bool:
    # Looked up and not imported: judging, for example, is nothing that an agent should carry.
    spec = folder.module_finder.find_spec(folder.name, None)
    inside = spec.submodule_search_locations if spec else None
    return any(module.name == "observe" for module in pkgutil.iter_modules(inside or []))


CHECKS: dict[str, Check] = {check.name: check for check in sorted(_found(), key=lambda c: (-c.deadline_s, c.name))}
"""Every check by its name. What may take longest comes first, on the screen too: a run should start it first."""

DIAGNOSED: tuple[str, ...] = tuple(name for name, check in CHECKS.items() if not check.on_request)
"""The checks that every diagnosis runs."""


def declared(code: str) -> "Code | None":
    """What a registered check declares of a finding code; None for any other."""
    check = CHECKS.get(code.partition(".")[0])
    return next((c for c in check.codes if c.name == code), None) if check else None
