"""CoreDNS's own counters, read as Prometheus reads them."""

import re
from collections import Counter

from checks.probes.http import get
from checks.probes.outcome import Result

LIMIT = 1 << 21
"""Bytes: CoreDNS with all its histograms tells some hundred thousand."""
RESPONSES = "coredns_dns_responses_total"
TROUBLES = {
    "coredns_panics_total": "coredns_panics_total",
    "coredns_forward_max_concurrent_rejects_total": "coredns_forward_max_concurrent_rejects_total",
    "coredns_forward_healthcheck_broken_total": "coredns_forward_healthcheck_broken_total",
    "coredns_proxy_healthcheck_failures_total": "coredns_proxy_healthcheck_failures_total",
    # Until CoreDNS 1.11 (plugin/pkg/proxy came with it).
    "coredns_forward_healthcheck_failures_total": "coredns_proxy_healthcheck_failures_total",
}
"""By a counter's name that under which it is kept."""
_LINE = re.compile(r"^(coredns_\w+)(?:\{(.*)\})? (\S+)", re.MULTILINE)
_RCODE = re.compile(r'rcode="(\w+)"')


class MetricsError(Exception):
    """They could not be read; the message says why."""


def read_metrics(address: str, port: int, timeout_s: float) -> Counter[str]:
    """The counters by name, summed over their labels; answers as `RESPONSES RCODE`.

    Raises:
        MetricsError: nobody answers there, or with something else.
    """
    fetched = get(address, port, "/metrics", timeout_s, LIMIT)
    if fetched.outcome.result is not Result.OK:
        raise MetricsError(fetched.outcome.detail or str(fetched.outcome.result))
    counters = parse_metrics(fetched.body.decode(errors="replace"))
    if fetched.status != 200 or not counters:  # noqa: PLR2004 - the one status of a successful GET
        raise MetricsError(f"HTTP {fetched.status}, and no counters of CoreDNS")
    return counters


def parse_metrics(text: str) -> Counter[str]:
    """The counters in Prometheus's text format; see `read_metrics`. A counter that is there and 0 is there."""
    found: Counter[str] = Counter()
    for name, labels, value in _LINE.findall(text):
        key = TROUBLES.get(name, "")
        if name == RESPONSES and (rcode := _RCODE.search(labels)):
            key = f"{RESPONSES} {rcode[1]}"
        if key:
            try:
                found[key] += int(float(value))
            except (ValueError, OverflowError):
                continue
    return found
