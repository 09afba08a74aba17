"""Ask every server: a sequential test by UDP, and the same question by TCP meanwhile."""

import concurrent.futures
import os
from collections import Counter
from collections.abc import Sequence

import msgspec

from checks.dns.model import CACHE, SERVICE, Asked, Counted, Data, Request, Target
from checks.judging.statistics import percentile
from checks.kernel.resolver import Resolver, read_resolver
from checks.observation import Context, Network
from checks.probes.dns.burst import SERVICE_BATCHES, Burst, Plan
from checks.probes.dns.metrics import RESPONSES, MetricsError, read_metrics
from checks.probes.dns.pairs import ask_pairs
from checks.probes.dns.single import TIMEOUT, ask_for_much, ask_tcp, ask_udp, look_up, replier
from checks.probes.dns.wire import EDNS_BYTES
from checks.probes.outcome import Outcome, Result
from checks.probes.series import BATCHES, run_all

TCP_TIMEOUT_S = 1.8
"""TCP repeats a lost SYN after 1 s; one lost packet is not a dead path."""
EXTERNAL_TIMEOUT_S = 4.0
"""CoreDNS gives an upstream 2 s before it tries the next one."""
SERVICE_FLOWS = 8
"""Source ports, and so chances to be sent to each replica, of the questions to the ClusterIP."""
SERVICE_CONNECTIONS = 3
METRICS_TIMEOUT_S = 1.0
REPLIER_TIMEOUT_S = 1.0
PAIRS = 32
"""Pairs of A and AAAA of either sort, where the rate allows them."""
PAIRS_S = 1.0
"""Seconds in which they are sent."""
MOST_DOMAINS = 2
"""Domains of the search list that are tried: more are as good as never tried by resolvers either."""
THREADS = 32
_NOT_ASKED: tuple[str, tuple[str, ...]] = ("", ())


def observe(request: Request, context: Context) -> Data:
    """Ask from here; in pods also as a pod's own resolver would.

    Raises:
        ValueError: the cluster's domain or the external name is no domain name.
    """
    exists = f"kubernetes.default.svc.{request.domain}"
    bursts = [Burst(_plan(target, request, exists)) for target in request.targets]
    resolver = read_resolver()
    service = next((t for t in request.targets if t.name == SERVICE and context.network is Network.POD), None)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        counters = _counters(pool, request.targets)
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
        as_a_pod = pool.submit(_as_a_pod, service, resolver, request, exists)
        run_all(bursts)
        # A burst hears only whom it asked.
        repliers = {
            target.name: pool.submit(replier, target.address, target.udp_port, REPLIER_TIMEOUT_S, exists)
            for target, burst in zip(request.targets, bursts, strict=True)
            if not burst.rtts_s
        }
        rcodes = [future.result() for future in external] or [""] * len(request.targets)
        further = list(
            pool.map(
                lambda target, burst, rcode: _further(target, burst, rcode, request, exists),
                request.targets,
                bursts,
                rcodes,
            )
        )
        answered_by = [repliers[t.name].result() if t.name in repliers else "" for t in request.targets]
        outcomes = [[future.result() for future in futures] for futures in over_tcp]
        as_told = as_a_pod.result()
        after = _counters(pool, request.targets)
    return msgspec.structs.replace(
        as_told,
        asked=tuple(
            msgspec.structs.replace(asked, **more)
            for asked, more in zip(
                map(_asked, request.targets, bursts, outcomes, rcodes, answered_by), further, strict=True
            )
        ),
        resolver=resolver,
        counted=tuple(_counted(t, counters[t.name], after[t.name]) for t in request.targets if t.name in counters),
    )


def _further(target: Target, burst: Burst, external: str, request: Request, exists: str) -> dict[str, str]:
    """How a server that answers small questions fares with EDNS, and with an answer that is large."""
    if not burst.rtts_s:
        return {}
    at = (target.address, target.udp_port)
    told = {"edns": ask_udp(*at, TCP_TIMEOUT_S, exists, EDNS_BYTES)}
    if request.large:
        told["large"] = ask_for_much(*at, target.tcp_port, TCP_TIMEOUT_S, request.large)
    if external and external != TIMEOUT:
        told["external_edns"] = ask_udp(*at, EXTERNAL_TIMEOUT_S, request.external, EDNS_BYTES)
    return told


def _as_a_pod(service: Target | None, resolver: Resolver | None, request: Request, exists: str) -> Data:
    """What the ClusterIP says of the domains that pods are told, and how pairs of questions fare; only in pods."""
    if service is None:
        return Data()
    rcode, addresses = _NOT_ASKED
    if resolver and resolver.zone:
        rcode, addresses = _look_up(service, request, f"kubernetes.default.svc.{resolver.zone}")
    made_up = f"netcheck-{os.urandom(6).hex()}"
    others = resolver.strange if resolver else ()
    count = min(PAIRS, int(request.rate_qps * PAIRS_S / 4))
    at = (service.address, service.udp_port)
    return Data(
        own_rcode=rcode,
        own_addresses=addresses,
        wildcards=tuple(d for d in others[:MOST_DOMAINS] if _look_up(service, request, f"{made_up}.{d}")[1]),
        pairs=ask_pairs(at, exists, count, request.rate_qps, request.timeout_s),
    )


def _look_up(service: Target, request: Request, name: str) -> tuple[str, tuple[str, ...]]:
    """The rcode and the addresses of a name that a file on the node has made, and that may be none."""
    try:
        return look_up(service.address, service.udp_port, request.timeout_s, name)
    except ValueError:
        return _NOT_ASKED


def _counters(pool: concurrent.futures.Executor, targets: Sequence[Target]) -> dict[str, Counter[str] | MetricsError]:
    """The counters of the targets that this asker is to read, or why they cannot be read."""
    futures = {t.name: pool.submit(_read, t) for t in targets if t.metrics_port}
    return {name: future.result() for name, future in futures.items()}


def _read(target: Target) -> Counter[str] | MetricsError:
    try:
        return read_metrics(target.address, target.metrics_port, METRICS_TIMEOUT_S)
    except MetricsError as error:
        return error


def _counted(target: Target, before: Counter[str] | MetricsError, after: Counter[str] | MetricsError) -> Counted:
    if isinstance(before, MetricsError) or isinstance(after, MetricsError):
        why = before if isinstance(before, MetricsError) else after
        return Counted(name=target.name, node=target.node, detail=str(why))
    # A server that was started again counts from 0: what fell is left out.
    rises = {key: rise for key, count in after.items() if (rise := count - before[key]) > 0}
    return Counted(
        name=target.name,
        node=target.node,
        read=True,
        rcodes={key.removeprefix(RESPONSES).strip(): n for key, n in rises.items() if key.startswith(RESPONSES)},
        rises={key: n for key, n in rises.items() if not key.startswith(RESPONSES)},
    )


def _plan(target: Target, request: Request, exists: str) -> Plan:
    whole = target.name in (SERVICE, CACHE)
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


def _asked(target: Target, burst: Burst, over_tcp: Sequence[Outcome], external: str, answered_by: str) -> Asked:
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
        replier=answered_by,
    )
