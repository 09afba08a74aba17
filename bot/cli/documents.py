"""What `--json` prints: one document on standard output. docs/json.md describes it."""

import json
from typing import IO, Any

import msgspec

from bot.runs.model import Run


def run_json(run: Run) -> dict[str, Any]:
    """A finished run."""
    base: dict[str, Any] = {
        "run": run.id,
        "cluster": run.request.cluster,
        "command": run.request.command,
        "state": run.state,
        "error": run.error,
    }
    if run.report is None:
        return base
    report: dict[str, Any] = msgspec.to_builtins(run.report)
    diagnosis: dict[str, Any] = report.pop("diagnosis", None) or {}
    return base | diagnosis | report


def print_json(out: IO[str], value: Any) -> None:
    """Print one document."""
    out.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
