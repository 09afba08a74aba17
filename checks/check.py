"""What a registered check is."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from checks.cluster.snapshot import Snapshot
from checks.finding import Finding
from checks.observation import Context, Network, Observation, State, Task


class NoParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of a check that takes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A registered check: what it is called, what it takes, what it may cost.

    What it does stands beside it by convention: `checks/NAME/plan.py` has `plan`, `observe.py` has `observe`, and
    `judge.py` has `judge` and `FINDINGS`, the codes it may report.
    """

    name: str
    title: str
    """What it answers, in a few words, for a list."""
    networks: tuple[Network, ...]
    """Where it may run."""
    parameters: type[msgspec.Struct] = NoParameters
    """What a person may set (`run NAME key=value`); every field has a default, a `msgspec.Meta` with its bounds and a
    description."""
    request: type[msgspec.Struct]
    """What travels with a job; forbids unknown fields."""
    data: type[msgspec.Struct]
    """What `observe` returns."""
    deadline_s: float
    """A job is killed this many seconds after it started."""

    @property
    def findings(self) -> dict[str, str]:
        """Every finding code that `judge` may report, with its meaning."""
        return cast("dict[str, str]", self._half("judge").FINDINGS)

    def plan(self, snapshot: Snapshot, parameters: Any) -> list[Task]:
        """Snapshot and parameters in, tasks out. Pure."""
        return cast("list[Task]", self._half("plan").plan(snapshot, parameters))

    def observe(self, request: msgspec.Struct, context: Context) -> msgspec.Struct:
        """Measure one target. Blocking; the caller enforces the deadline by killing the process."""
        return cast("msgspec.Struct", self._half("observe").observe(request, context))

    def judge(self, snapshot: Snapshot, parameters: Any, observations: Sequence[Observation]) -> list[Finding]:
        """Snapshot, parameters and all observations of the run in, findings out. Pure, and total.

        Observations come decoded (see `decode`); whatever was not observed yields `Severity.UNKNOWN`.
        """
        return cast("list[Finding]", self._half("judge").judge(snapshot, parameters, observations))

    def load(self) -> None:
        """Import what `observe` needs now, so that a process forked later need not."""
        self._half("observe")

    def _half(self, name: str) -> Any:
        # Imported when first used: an agent never judges, a bot never observes, and neither carries the other's half.
        return importlib.import_module(f"checks.{self.name}.{name}")

    def decode(self, observation: Observation) -> Observation:
        """The observation with its `data` as this check's type.

        Raises:
            msgspec.ValidationError: the data is not of that type (a result of another version).
        """
        if observation.state is not State.OBSERVED:
            return observation
        return msgspec.structs.replace(observation, data=msgspec.convert(observation.data, self.data))
