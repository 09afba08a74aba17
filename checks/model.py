"""The words that every check, the worker and the bot share.

A check has two halves that never mix. `observe` does IO on one target and returns plain data; an expected network
failure (a time-out, a refusal) is data too. `judge` is pure: the observations of all targets in, findings out. So a
recording of observations can be judged again anywhere, and a test of a judgement needs no network.

A finding is also the unit of evidence: `checks.diagnosis` weighs causes by finding code and outcome alone. That is why
`judge` reports what is well (`Severity.OK`) as explicitly as what is not: without the first there is no evidence
against a cause, and "nothing was seen" could pass for "all is well".
"""

import enum
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import msgspec

from checks.snapshot import Snapshot

SEGMENT_BYTES = 1200
"""The largest TCP segment that netcheck itself sends and accepts. It fits every path that carries IPv6 (RFC 8200: 1,280
bytes), so that a network which swallows large packets does not swallow the report about it too."""


class Network(enum.StrEnum):
    """Where an observation is made."""

    CLUSTER = "cluster"
    """The worker: anything asked of the API server."""
    HOST = "host"
    """The agent in a node's own network namespace."""
    POD = "pod"
    """The agent in a pod of the node."""


class Severity(enum.StrEnum):
    """How bad a finding is, mildest first."""

    OK = "ok"
    ADVICE = "advice"
    DEGRADED = "degraded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """Could not look: a missing permission, an agent that does not answer, a check of ours that broke."""


WORST_LAST = (Severity.OK, Severity.ADVICE, Severity.UNKNOWN, Severity.DEGRADED, Severity.FAILED)
"""The order in which one severity stands for many: what was seen to fail outweighs what could not be seen."""


def worst(severities: Sequence[Severity]) -> Severity:
    """The one severity that stands for many; `UNKNOWN` for none, because nothing was looked at."""
    return max(severities, key=WORST_LAST.index, default=Severity.UNKNOWN)


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One judgement about the cluster."""

    code: str
    """`check.what`, as declared in `Check.findings`; stable, documented in the check's README."""
    severity: Severity
    summary: str
    """One sentence for a person. Plain text: whoever shows it escapes it."""
    outcome: str = ""
    """What was seen in one word, for the diagnosis. Empty means `pass` for ok and advice, `fail` for degraded and
    failed; see `sign`."""
    probe: str = ""
    """The letter in the probe matrix (A to I), for findings that are a row of it."""
    where: tuple[str, ...] = ()
    """The nodes (`w1`), pairs (`w1->w2`) or replicas that the finding names, worst first."""
    evidence: tuple[str, ...] = ()
    """What was measured, one line each, with units."""

    @property
    def sign(self) -> str | None:
        """The outcome that causes are weighed by, or None when it could not be looked at."""
        if self.severity is Severity.UNKNOWN:
            return None
        return self.outcome or ("pass" if self.severity in (Severity.OK, Severity.ADVICE) else "fail")


class State(enum.StrEnum):
    """How a job ended."""

    OBSERVED = "observed"
    NO_ANSWER = "no-answer"
    """No agent took the job in time: the node, its agent or its way to Redis is gone."""
    OVERDUE = "overdue"
    """Taken, but not finished at its deadline, and killed."""
    BROKEN = "broken"
    """The check itself raised: our fault, never evidence about the cluster."""
    REFUSED = "refused"
    """The agent does not accept the job: a bad signature, an unknown field, an unregistered check."""
    CANCELLED = "cancelled"


class Observation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one job measured on one target: plain data."""

    check: str
    network: Network
    node: str = ""
    """The node's name; empty for `Network.CLUSTER`."""
    state: State = State.OBSERVED
    data: Any = None
    """JSON builtins of the check's `data` type; None unless observed."""
    message: str = ""
    """For a person: why there is no data."""
    elapsed_s: float = 0.0
    throttled: int = 0
    """How often the kernel throttled the probing container meanwhile (`cpu.stat nr_throttled`): a starved agent
    accuses the network."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One job that a check wants done: which agent (or the worker) observes what."""

    network: Network
    node: str = ""
    request: Any = None
    """A value of the check's `request` type."""
    name: str = ""
    """Tells tasks of one check on one node and network apart."""


class ClusterAPI(Protocol):
    """What an observation may ask of the API server; implemented by `checks.cluster`."""

    def dry_run_create(self, path: str, body: dict[str, Any], timeout_s: float) -> "Answer":
        """Create the object at an API path (`/apis/metallb.io/v1beta1/namespaces/x/ipaddresspools`) with `dryRun=All`.

        Never raises for what the API server or the network does: that is the answer.
        """


class Answer(msgspec.Struct, frozen=True):
    """What the API server said."""

    status: int
    """HTTP status; 0 when there was no answer."""
    message: str
    """The `message` of a Status object, or the words of the client's error."""
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class Context:
    """What an observation has at hand on its target."""

    network: Network
    node: str = ""
    sysfs: str = "/sys"
    procfs: str = "/proc"
    cluster: ClusterAPI | None = None
    """Only on the worker."""
    progress: Callable[[str], None] = field(default=lambda _: None)
    """Tells whoever waits what is being done; cheap, may be called often."""


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


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One hypothesis as the diagnosis weighed it."""

    slug: str
    title: str
    probability: float
    """0 to 1, over all causes together."""
    where: tuple[str, ...] = ()
    pro: tuple[str, ...] = msgspec.field(default=(), name="for")
    """Summaries of the findings that speak for it, strongest first."""
    contra: tuple[str, ...] = msgspec.field(default=(), name="against")
    missing: tuple[str, ...] = msgspec.field(default=(), name="unknown")
    """What would bear on it but could not be seen."""
    fix: str = ""
    """The least disruptive first thing to do."""
    rollback: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link of the founding write-up's chain, answered."""

    claim: str
    answer: str
    """`holds`, `does not hold` or `not measured`."""
    measured: tuple[str, ...] = ()


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """Causes ranked, with what speaks for and against each, and what would decide."""

    verdict: str
    """The slug of the first cause; `unknown` when nothing fits or too little was seen; `healthy`."""
    summary: str
    """One or two sentences for a person on a phone."""
    also: tuple[str, ...] = ()
    """Slugs of further causes that hold at the same time."""
    causes: tuple[Cause, ...] = ()
    chain: tuple[Link, ...] = ()
    """Adapter -> IPv6 -> CoreDNS -> webhook, link by link."""
    decide: str = ""
    """The probe that would tell the first two candidates apart, when they are close."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one run and, for `diagnose`, what they mean together."""

    severity: Severity
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis | None = None
    elapsed_s: float = 0.0
