"""What all judgements of one run share: each Service with who is behind it, and how connections went. Pure."""

import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from checks.code import Code, Outcome
from checks.finding import Finding, Severity
from checks.gathered import Gathered
from checks.probes.outcome import Result
from checks.services.behind import Behind, Name, all_behind
from checks.services.model import Data, Kind, Measurement, Parameters
from checks.text import Text, Value, say

Observed = Gathered[Parameters, Data]
PASS, NONE = "pass", "none"
NOT_USED = Outcome("not-used", Severity.OK, "there is no such Service")
RESOURCES = ("services", "endpointslices")
RESEMBLES = 0.6
"""Of `difflib`'s ratio: a few letters too many or too few, or the name without a prefix."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One connection and who made it."""

    node: str
    measurement: Measurement

    @property
    def result(self) -> Result:
        """How it went."""
        return self.measurement.result

    def line(self) -> Text:
        """It as evidence."""
        m = self.measurement
        values: dict[str, Value] = {
            "node": self.node,
            "address": m.aim.address,
            "port": m.aim.port,
            "result": str(m.result),
        }
        return say("{node} → {address} port {port}: {result}", **values)


@dataclass(frozen=True)
class Looked:
    """The Services that are meant, and every connection by its Service and kind."""

    gathered: Observed

    @cached_property
    def services(self) -> tuple[Behind, ...]:
        """The Services that are meant: all of them, or the one that was asked for."""
        return tuple(all_behind(self.gathered.snapshot, self.gathered.parameters.service))

    @cached_property
    def asked(self) -> Mapping[tuple[Name, Kind], Sequence[Asked]]:
        """The connections by Service and kind."""
        found: dict[tuple[Name, Kind], list[Asked]] = defaultdict(list)
        for heard in self.gathered.heard:
            for m in heard.data.measurements:
                found[(m.aim.namespace, m.aim.service), m.aim.kind].append(Asked(heard.node, m))
        return found

    def nothing(self, code: Code) -> Finding | None:
        """The finding where there is no Service to look at; None where there are some."""
        if self.services:
            return None
        asked = self.gathered.parameters.service
        if gaps := self.gathered.gaps(RESOURCES):
            return code.unseen(say("Services could not be read."), gaps)
        return code.unseen(self._unknown(asked) if asked else say("There is no Service to be seen."))

    def _unknown(self, asked: str) -> Text:
        known = [f"{s.metadata.namespace}/{s.metadata.name}" for s in self.gathered.snapshot.services]
        elsewhere = [name for name in known if name.rpartition("/")[2] == asked.rpartition("/")[2]]
        nearest = elsewhere or difflib.get_close_matches(asked, known, n=1, cutoff=RESEMBLES)
        if nearest:
            return say("There is no Service {service}. Did you mean {nearest}?", service=asked, nearest=nearest[0])
        return say("There is no Service {service}.", service=asked)
