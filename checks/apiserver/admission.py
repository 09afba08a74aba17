"""How calls of webhooks ended while they were watched, as API servers count them. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from checks.apiserver.model import Calls, Data, Parameters
from checks.cluster.admission import CONVERSION, ServiceReference
from checks.cluster.snapshot import Snapshot
from checks.code import NOW_AND_THEN, Code, Outcome
from checks.finding import Finding, Seen, Severity
from checks.gathered import Gathered
from checks.judging.places import answering, service_path
from checks.place import ServicePath
from checks.text import Text, Unit, names, say, say_many, seconds, shortened

ADMISSION = Code(
    name="apiserver.admission",
    meaning="Calls of webhooks get an answer soon, while they are watched",
    place=ServicePath,
    outcomes=(
        Outcome("pass", Severity.OK, "they do"),
        Outcome("idle", Severity.OK, "none was called meanwhile"),
        Outcome("slow", Severity.DEGRADED, "an answer takes a second or more"),
        Outcome("fails-open", Severity.DEGRADED, "no answer came, and the call was passed over"),
        Outcome("failing", Severity.FAILED, "no answer came, and the request was refused"),
    ),
    leak=NOW_AND_THEN,
    measures={"calls": Unit.COUNT, "mean_s": Unit.SECONDS, "failed": Unit.COUNT},
)
SLOW_S = 1.0
"""A webhook takes milliseconds; Linux sends a lost SYN again after 1 s."""
_SORTS = {"validating": "ValidatingWebhookConfiguration", "admit": "MutatingWebhookConfiguration"}
"""What the API server's figures call the kinds of configurations."""


@dataclass(frozen=True, slots=True)
class _Watched:
    """A way from an API server to a webhook's Service, and the calls that took it."""

    way: ServicePath
    calls: tuple[Calls, ...]

    @property
    def outcome(self) -> str:
        if any(calls.failed for calls in self.calls):
            return "failing"
        if any(calls.passed_over for calls in self.calls):
            return "fails-open"
        return "slow" if self.count and self.seconds / self.count >= SLOW_S else "pass"

    @property
    def count(self) -> int:
        return sum(calls.count for calls in self.calls)

    @property
    def seconds(self) -> float:
        return sum(calls.seconds for calls in self.calls)

    @property
    def seen(self) -> Seen:
        failed = float(sum(calls.failed + calls.passed_over for calls in self.calls))
        mean = {"mean_s": self.seconds / self.count} if self.count else {}
        return Seen(self.way, self.outcome, {"calls": float(self.count), "failed": failed, **mean})


def judge_admission(gathered: Gathered[Parameters, Data]) -> Finding:
    """The differences of what was counted: what was before says nothing of now."""
    if not gathered.snapshot.webhook_configurations:
        return ADMISSION.found(say("No webhook is configured."), outcome="idle")
    read = [h.data for h in gathered.heard if h.data.figures is not None and h.data.figures.status == HTTPStatus.OK]
    if not read:
        return ADMISSION.unseen(say("No API server told how calls of webhooks end."), _unread(gathered))
    watched = _watched(gathered.snapshot, read)
    if not watched:
        return ADMISSION.found(say("No webhook was called while it was watched."), outcome="idle")
    bad = [each for each in watched if not ADMISSION.normal(each.outcome)]
    lines = [_line(calls) for each in bad or watched for calls in each.calls]
    return ADMISSION.found(
        _sentence(bad), [each.seen for each in watched], evidence=[*shortened(lines), *_unread(gathered)]
    )


def _unread(gathered: Gathered[Parameters, Data]) -> list[Text]:
    refused = [
        say(
            "cannot get /metrics of {server}: HTTP {status}: {words}",
            server=h.data.node or h.data.address or "the API server",
            status=h.data.figures.status,
            words=h.data.figures.message,
        )
        for h in gathered.heard
        if h.data.figures is not None and h.data.figures.status != HTTPStatus.OK
    ]
    return [*shortened(refused), *gathered.unheard()]


def _watched(snapshot: Snapshot, read: Sequence[Data]) -> list[_Watched]:
    """The calls by the way that they take; those of a webhook by URL, or of one that is gone, take none of ours."""
    services = _services(snapshot)
    by_way: dict[ServicePath, list[Calls]] = defaultdict(list)
    for data in read:
        for calls in data.calls:
            for service in services.get((calls.webhook, calls.sort), ()):
                by_way[_way(snapshot, data.node, service)].append(calls)
    return [_Watched(way, tuple(calls)) for way, calls in by_way.items()]


def _services(snapshot: Snapshot) -> dict[tuple[str, str], list[ServiceReference]]:
    """The Services by the name and sort of a webhook; names are not unique."""
    sorts = {kind: sort for sort, kind in _SORTS.items()}
    found: dict[tuple[str, str], list[ServiceReference]] = defaultdict(list)
    for configuration in snapshot.webhook_configurations:
        for hook in configuration.webhooks:
            if configuration.kind != CONVERSION and hook.client_config.service:
                found[hook.name, sorts.get(configuration.kind, "validating")].append(hook.client_config.service)
    return {key: list(dict.fromkeys(references)) for key, references in found.items()}


def _way(snapshot: Snapshot, node: str, service: ServiceReference) -> ServicePath:
    name = (service.namespace, service.name)
    return service_path(node, *name, answering(snapshot, *name))


def _sentence(bad: Sequence[_Watched]) -> Text:
    worst = max((each.outcome for each in bad), key=ADMISSION.words.index, default="pass")
    hooks = names(dict.fromkeys(c.webhook for each in bad if each.outcome == worst for c in each.calls))
    sentences = {
        "failing": say("The API server gets no answer of {webhooks} and refuses requests.", webhooks=hooks),
        "fails-open": say("The API server gets no answer of {webhooks} and passes it over.", webhooks=hooks),
        "slow": say("The API server waits a second or more for {webhooks}.", webhooks=hooks),
    }
    return sentences.get(worst, say("Webhooks that were called while they were watched answer soon."))


def _line(calls: Calls) -> Text:
    mean = seconds(calls.seconds / calls.count if calls.count else 0.0)
    told = say_many(
        "{webhook}: {count} call, {mean} on average",
        "{webhook}: {count} calls, {mean} each on average",
        calls.count,
        webhook=calls.webhook,
        mean=mean,
    )
    unanswered = calls.failed + calls.passed_over
    return say("{told}, {failed} without an answer", told=told, failed=unanswered) if unanswered else told
