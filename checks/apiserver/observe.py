"""Ask an API server whether it is ready, and twice for its figures about webhooks."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from checks.apiserver.model import Calls, Data, Request
from checks.observation import Answer, ClusterAPI, Context

READINESS_TIMEOUT_S = 6.0
"""An API server whose etcd is silent says so after 4 s (measured): each of its two checks waits for 2 s."""
FIGURES_TIMEOUT_S = 2.5
"""An idle API server tells 1 MB within 0.1 s; a busy one some 20 MB within a second."""
BEGINNING = "apiserver_admission_webhook_"
_OK = 200
_LINE = re.compile(r"^(\w+)\{(.*)\} ([0-9.e+-]+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_DURATION = f"{BEGINNING}admission_duration_seconds"
_FIELDS = {
    f"{_DURATION}_count": "count",
    f"{_DURATION}_sum": "seconds",
    f"{BEGINNING}rejection_count": "failed",
    f"{BEGINNING}fail_open_count": "passed_over",
}
"""By metric (k8s.io/apiserver, pkg/admission/metrics) the field of `Calls`."""
Key = tuple[str, str]
"""The name and sort of a webhook."""
Totals = dict[Key, dict[str, float]]


def observe(request: Request, context: Context) -> Data:
    """Figures count since the API server started, so that the difference of two readings is what is told."""
    if context.cluster is None:
        raise RuntimeError("an API server was asked about by an agent; only the worker talks to API servers")
    ready = context.cluster.readiness(request.address, request.port, READINESS_TIMEOUT_S)
    calls, figures = _watched(request, context.cluster) if request.admission and ready.status else ((), None)
    return Data(address=request.address, node=request.node, ready=ready, calls=calls, figures=figures)


def _watched(request: Request, cluster: ClusterAPI) -> tuple[tuple[Calls, ...], Answer]:
    before = cluster.figures(request.address, request.port, BEGINNING, FIGURES_TIMEOUT_S)
    if before.status != _OK:
        return (), before
    time.sleep(request.window_s)
    after = cluster.figures(request.address, request.port, BEGINNING, FIGURES_TIMEOUT_S)
    if after.status != _OK:
        return (), after
    calls = tuple(_differences(totals(before.message), totals(after.message)))
    return calls, msgspec.structs.replace(after, message="")


def totals(text: str) -> Totals:
    """What the API server counted of each webhook, in Prometheus's text format."""
    found: Totals = defaultdict(lambda: defaultdict(float))
    for line in text.splitlines():
        match = _LINE.match(line)
        field = _FIELDS.get(match[1]) if match else None
        if match is None or field is None:
            continue
        labels = dict(_LABEL.findall(match[2]))
        # The webhook answered and said no: that is its work.
        if field != "failed" or labels.get("error_type") == "calling_webhook_error":
            found[labels.get("name", ""), labels.get("type", "")][field] += float(match[3])
    return found


def _differences(before: Mapping[Key, Mapping[str, float]], after: Totals) -> Iterator[Calls]:
    for (webhook, sort), fields in after.items():
        former = before.get((webhook, sort), {})
        # Less than before: the API server was started anew meanwhile.
        grown = {name: max(0.0, value - former.get(name, 0.0)) for name, value in fields.items()}
        if any(grown.values()):
            yield Calls(
                webhook=webhook,
                sort=sort,
                count=int(grown.get("count", 0)),
                seconds=grown.get("seconds", 0.0),
                failed=int(grown.get("failed", 0)),
                passed_over=int(grown.get("passed_over", 0)),
            )
