"""What a registered check is."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import msgspec

from checks.observation import Context, Network, Observation, State, Task

if TYPE_CHECKING:
    from checks.cluster.snapshot import Snapshot
    from checks.code import Code
    from checks.finding import Finding
    from checks.gathered import Gathered, Heard


class NoParameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of a check that takes none."""


MOST_MINUTES = 10
"""For as long a check may watch: what a run works with is kept for a quarter of an hour."""


def watched_s(minutes: object) -> float:
    """Seconds that a parameter `minutes` adds to a job; what is no number of minutes adds none."""
    return 60.0 * max(0, min(MOST_MINUTES, minutes)) if isinstance(minutes, int) else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A registered check: what it is called, what it takes, what it may cost.

    What it does stands beside it by convention: `checks/NAME/plan.py` has `plan`, `observe.py` has `observe`, and
    `judge.py` has `judge` and `CODES`, what it may report. One that measures further has `follow.py` with `follow`.
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
    follows: bool = False
    """Whether more is measured once what was planned is observed: `checks/NAME/follow.py` has `follow` then."""
    on_request: bool = False
    """Whether it runs only where it is asked for by name, and is no part of a diagnosis: it costs what others need."""

    @property
    def folder(self) -> str:
        """Where it is in `checks`: a module has no hyphen in its name."""
        return self.name.replace("-", "_")

    @property
    def codes(self) -> "tuple[Code, ...]":
        """Every finding code that `judge` may report, in the order in which people see them."""
        return cast("tuple[Code, ...]", self._half("judge").CODES)

    def plan(self, snapshot: "Snapshot", parameters: Any) -> list[Task]:
        """Snapshot and parameters in, tasks out. Pure."""
        return cast("list[Task]", self._half("plan").plan(snapshot, parameters))

    def follow(self, gathered: "Gathered[Any, Any]") -> list[Task]:
        """What was observed in, further tasks out, each with a name: what would decide, where it is cheap. Pure."""
        return cast("list[Task]", self._half("follow").follow(gathered)) if self.follows else []

    def observe(self, request: msgspec.Struct, context: Context) -> msgspec.Struct:
        """Measure one target. Blocking; the caller enforces the deadline by killing the process."""
        return cast("msgspec.Struct", self._half("observe").observe(request, context))

    def judge(self, gathered: "Gathered[Any, Any]") -> "list[Finding]":
        """What was gathered in, findings out. Pure, and total.

        Whatever was not observed yields `Severity.UNKNOWN`.
        """
        return cast("list[Finding]", self._half("judge").judge(gathered))

    def gather(
        self, snapshot: "Snapshot", parameters: Mapping[str, Any], observations: Sequence[Observation]
    ) -> "Gathered[Any, Any]":
        """What a run observed for this check, typed. A result of another version counts as silence.

        Raises:
            msgspec.ValidationError: the parameters do not fit.
        """
        from checks.gathered import Gathered, Heard

        typed = [self._typed(o) for o in observations if o.check == self.name]
        return Gathered(
            snapshot=snapshot,
            parameters=msgspec.convert(parameters, self.parameters),
            heard=tuple(o for o in typed if isinstance(o, Heard)),
            silent=tuple(o for o in typed if isinstance(o, Observation)),
        )

    def longest_s(self, parameters: msgspec.Struct) -> float:
        """Seconds after which a job is killed: a parameter `minutes` is for how long it is to watch."""
        return self.deadline_s + watched_s(getattr(parameters, "minutes", 0))

    def load(self) -> None:
        """Import what `observe` needs now, so that a process forked later need not."""
        self._half("observe")

    def _half(self, name: str) -> Any:
        # Imported when first used: an agent never judges, a bot never observes, and neither carries the other's half.
        return importlib.import_module(f"checks.{self.folder}.{name}")

    def _typed(self, observation: Observation) -> "Heard[Any] | Observation":
        from checks.gathered import Heard

        if observation.state is not State.OBSERVED:
            return observation
        try:
            data = msgspec.convert(observation.data, self.data)
        except (msgspec.ValidationError, RecursionError) as error:
            message = f"The result is of another version: {error}."
            return msgspec.structs.replace(observation, state=State.BROKEN, data=None, message=message)
        return Heard(
            observation.node,
            observation.network,
            data,
            observation.throttled,
            observation.name,
            observation.elapsed_s,
            observation.age_s,
        )
