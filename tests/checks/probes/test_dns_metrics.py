"""Reading CoreDNS's counters off a real HTTP server."""

from collections import Counter

import pytest

from checks.probes.dns.metrics import MetricsError, parse_metrics, read_metrics
from tests.checks.probes.metrics_server import TEXT, served


def test_answers_are_summed_by_rcode_and_old_names_are_known() -> None:
    """Over all plugins and servers; what is no number is passed over."""
    expected = {
        "coredns_dns_responses_total NOERROR": 40,
        "coredns_dns_responses_total SERVFAIL": 3,
        "coredns_panics_total": 0,
        "coredns_proxy_healthcheck_failures_total": 3,
    }
    assert Counter(expected) == parse_metrics(TEXT)
    with served(TEXT) as port:
        assert expected == read_metrics("127.0.0.1", port, 2)


@pytest.mark.parametrize(("body", "status"), [("404 page not found", 404), ("up 1\n", 200), (TEXT, 503)])
def test_what_is_no_metrics_of_coredns_is_an_error(body: str, status: int) -> None:
    """Unread is not zero."""
    with served(body, status) as port, pytest.raises(MetricsError):
        read_metrics("127.0.0.1", port, 2)


def test_nobody_there_is_an_error() -> None:
    """With the reason."""
    with pytest.raises(MetricsError, match="refused"):
        read_metrics("127.0.0.1", 1, 1)
