"""Ask every server: a sequential test by UDP, and the same question by TCP meanwhile."""

import concurrent.futures
from collections.abc import Sequence

from checks.dns.model import SERVICE, Asked, Data, Request, Target
from checks.judging.statistics import percentile
from checks.observation import Context
from checks.probes.dns.burst import BATCHES, SERVICE_BATCHES, Burst, Plan, ask_all
from checks.probes.dns.single import ask_tcp, ask_udp
from checks.probes.outcome import Outcome, Result

TCP_TIMEOUT_S = 1.8
"""TCP repeats a lost SYN after 1 s; one lost packet is not a dead path."""
EXTERNAL_TIMEOUT_S = 4.0
"""CoreDNS gives an upstream 2 s before it tries the next one."""
SERVICE_FLOWS = 8
"""Source ports, and so chances to be sent to each replica, of the questions to the ClusterIP."""
SERVICE_CONNECTIONS = 3
THREADS = 32


def observe(request: Request, _context: Context) -> Data:
    """Ask from here.

    Raises:
        ValueError: the cluster's domain or the external name is no domain name.
    """
    exists = f"kubernetes.default.svc.{request.domain}"
    bursts = [Burst(_plan(target, request, exists)) for target in request.targets]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        over_tcp = [
            [
                pool.submit(ask_tcp, target.address, target.tcp_port, TCP_TIMEOUT_S, exists)
                for _ in range(SERVICE_CONNECTIONS if target.name == SERVICE else 1)
            ]
            for target in request.targets
        ]
        external = [
            pool.submit(ask_udp, target.address, target.udp_port, EXTERNAL_TIMEOUT_S, request.external)
            for target in (request.targets if request.external else ())
        ]
        ask_all(bursts)
        rcodes = [future.result() for future in external] or [""] * len(request.targets)
        outcomes = [[future.result() for future in futures] for futures in over_tcp]
    return Data(asked=tuple(map(_asked, request.targets, bursts, outcomes, rcodes)))


def _plan(target: Target, request: Request, exists: str) -> Plan:
    whole = target.name == SERVICE
    return Plan(
        address=target.address,
        port=target.udp_port,
        exists=exists,
        domain=request.domain,
        timeout_s=request.timeout_s,
        rate_qps=request.rate_qps,
        flows=SERVICE_FLOWS if whole else 1,
        batches=SERVICE_BATCHES if whole else BATCHES,
    )


def _asked(target: Target, burst: Burst, over_tcp: Sequence[Outcome], external: str) -> Asked:
    tcp = next((o for o in over_tcp if o.result is not Result.OK), over_tcp[0])
    return Asked(
        name=target.name,
        node=target.node,
        address=target.address,
        sent=burst.sent,
        answered=len(burst.rtts_s),
        refused=burst.refused,
        rcodes=dict(burst.rcodes),
        nx_rcodes=dict(burst.nx_rcodes),
        addresses=burst.addresses,
        p50_s=round(percentile(burst.rtts_s, 0.5), 6),
        p99_s=round(percentile(burst.rtts_s, 0.99), 6),
        tcp=tcp.result,
        tcp_s=round(tcp.rtt_s, 6),
        tcp_detail=tcp.detail,
        external=external,
    )
