"""A real HTTP server that tells counters as CoreDNS does."""

import contextlib
import http.server
import itertools
import threading
from collections.abc import Iterator

TEXT = """# HELP coredns_dns_responses_total Counter of response status codes.
# TYPE coredns_dns_responses_total counter
coredns_dns_responses_total{plugin="kubernetes",rcode="NOERROR",server="dns://:53",view="",zone="cluster.local."} 40
coredns_dns_responses_total{plugin="forward",rcode="SERVFAIL",server="dns://:53",view="",zone="."} 2
coredns_dns_responses_total{plugin="",rcode="SERVFAIL",server="dns://:53",view="",zone="."} 1e+00
coredns_dns_request_duration_seconds_bucket{server="dns://:53",zone=".",le="0.00025"} 7
coredns_panics_total 0
coredns_forward_healthcheck_failures_total{to="192.0.2.53:53"} 3
coredns_proxy_healthcheck_failures_total{proxy_name="forward",to="192.0.2.53:53"} nonsense
"""
"""As CoreDNS 1.12 tells them, with the name that CoreDNS 1.9 had for one."""


@contextlib.contextmanager
def served(body: str, status: int = 200, grow: tuple[str, int] = ("", 0)) -> Iterator[int]:
    """A server that answers everything with one document; its port.

    Args:
        body: The document.
        status: HTTP's.
        grow: An rcode, and by how much its answers have risen with each further time that the document is read.
    """
    times = itertools.count()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            rise = next(times) * grow[1]
            extra = f'coredns_dns_responses_total{{rcode="{grow[0]}"}} {rise}\n' if grow[0] else ""
            self.wfile.write((body + extra).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
