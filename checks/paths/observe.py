"""Probe everything that a request aims at, all at once, and watch the counters of damaged packets meanwhile."""

import concurrent.futures
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from checks.observation import Context
from checks.paths import counters
from checks.paths.model import Aim, Arrivals, Data, Kind, Measurement, Request
from checks.probes.outcome import Outcome, Result
from checks.probes.ping import ping
from checks.probes.series import Pace, run_all
from checks.probes.tcp import tcp_connect, tcp_echo, tcp_identify
from checks.probes.tls import tls_hello
from checks.probes.tunnel import tunnel_burst
from checks.probes.udp import EchoSeries

THREADS = 64
"""Probes at the same time. They wait, they do not compute, so that the slowest one decides how long a job takes."""
REFUSALS = (Result.REFUSED, Result.RESET)
AGAIN_S = 0.5
"""How long after a refusal the same is asked again."""
PACE = Pace(rate=100.0, timeout_s=1.0)
"""Of the datagrams of which the loss is counted: half a second of them, at no peer more than its sockets hold. An agent
that waits for a processor answers late, and that is no loss; all batches end before the job's deadline."""
QUIET_S = 0.3
"""How long a node to which bursts will be sent counts what comes in anyway."""
BURST_AT_S = 0.6
"""When bursts are sent, after that count began; agents do not begin at the same instant."""
COUNTED_S = 1.0
"""When they are counted."""


def _agent(request: Request, ask: Callable[[float], Outcome]) -> Outcome:
    """An agent's answer; after a refusal asked for as long as a lost one is waited for.

    A packet filter refuses every time; an agent that was just restarted refuses for a second, and accuses nobody. A
    filter's own answers are few a second, so only the first one counts.
    """
    end = time.monotonic() + request.timeout_s
    outcome = first = ask(request.timeout_s)
    while first.result in REFUSALS and outcome.result is not Result.OK:
        if time.monotonic() + AGAIN_S > end:
            return first
        time.sleep(AGAIN_S)
        outcome = ask(max(AGAIN_S, end - time.monotonic()))
    return outcome


def _connect(aim: Aim, request: Request) -> Outcome:
    return tcp_connect(aim.address, aim.port, request.timeout_s)


def _identify(aim: Aim, request: Request) -> Outcome:
    return _agent(request, lambda timeout_s: tcp_identify(aim.address, aim.port, timeout_s))


def _greet(aim: Aim, request: Request) -> Outcome:
    return tls_hello(aim.address, aim.port, request.timeout_s, aim.name)


PROBES: dict[Kind, Callable[[Aim, Request], Outcome]] = {
    Kind.HOST_TCP: _identify,
    Kind.SAME_NODE: lambda aim, request: _agent(request, lambda wait_s: tcp_connect(aim.address, aim.port, wait_s)),
    Kind.PING: lambda aim, request: ping(aim.address, aim.port, request.timeout_s),
    Kind.TCP: _identify,
    Kind.BULK: lambda aim, request: _agent(
        request, lambda wait_s: tcp_echo(aim.address, aim.port, wait_s, request.bulk_bytes)
    ),
    Kind.API_SERVICE: _connect,
    Kind.API_SERVER: _connect,
    Kind.KUBELET: _connect,
    Kind.WEBHOOK_ENDPOINT: _greet,
    Kind.WEBHOOK_LOCAL: _greet,
    Kind.WEBHOOK_SERVICE: _greet,
}
"""Those that end with one outcome."""


def observe(request: Request, context: Context) -> Data:
    """Probe from here.

    A receiver of damaged packets only learns of them while its peers send, so a job stays for `window_s` even when its
    own probes were answered at once.
    """
    if request.count_arrivals:
        return _arrivals(request, context.procfs)
    begin = time.monotonic()
    before = _counters(context.procfs)
    single = [aim for aim in request.aims if aim.kind is not Kind.LOSS]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        lost = pool.submit(_losses, [aim for aim in request.aims if aim.kind is Kind.LOSS], request.datagrams)
        measurements = (
            *pool.map(lambda aim: _measurement(aim, PROBES[aim.kind](aim, request)), single),
            *lost.result(),
        )
    time.sleep(max(0.0, begin + request.window_s - time.monotonic()))
    after = _counters(context.procfs)
    if isinstance(before, str) or isinstance(after, str):
        return Data(measurements=measurements, counters_error=before if isinstance(before, str) else str(after))
    return Data(measurements=measurements, counters=counters.rise(before, after, time.monotonic() - begin))


def _losses(aims: Sequence[Aim], datagrams: int) -> list[Measurement]:
    """How many datagrams came back from each peer, of so many, or of as many as it takes to tell loss from chance."""
    pace = replace(PACE, batches=(datagrams,)) if datagrams else PACE
    series = [EchoSeries(aim.address, aim.port, pace) for aim in aims]
    run_all(series)
    return [
        msgspec.structs.replace(
            _measurement(aim, Outcome(Result.OK if each.rtts_s else Result.TIMEOUT)),
            rtt_s=round(statistics.median(each.rtts_s), 6) if each.rtts_s else 0.0,
            sent=each.sent,
            answered=len(each.rtts_s),
        )
        for aim, each in zip(aims, series, strict=True)
    ]


def _arrivals(request: Request, procfs: str) -> Data:
    """Send bursts to the tunnels of peers, and count what comes of theirs: all of them begin at about the same time."""
    begin = time.monotonic()
    start = _counters(procfs)
    time.sleep(QUIET_S)
    quiet, quiet_until = _counters(procfs), time.monotonic()
    time.sleep(max(0.0, begin + BURST_AT_S - time.monotonic()))
    sent = tuple(_measurement(aim, tunnel_burst(aim.address, aim.port, request.timeout_s)) for aim in request.aims)
    time.sleep(max(0.0, begin + COUNTED_S - time.monotonic()))
    end = _counters(procfs)
    if isinstance(start, str) or isinstance(quiet, str) or isinstance(end, str):
        return Data(measurements=sent, counters_error=next(c for c in (start, quiet, end) if isinstance(c, str)))
    arrivals = Arrivals(
        quiet=counters.rise(start, quiet, quiet_until - begin),
        burst=counters.rise(quiet, end, time.monotonic() - quiet_until),
    )
    return Data(measurements=sent, arrivals=arrivals)


def _measurement(aim: Aim, outcome: Outcome) -> Measurement:
    return Measurement(
        kind=aim.kind,
        peer=aim.peer,
        address=aim.address,
        port=aim.port,
        name=aim.name,
        result=outcome.result,
        rtt_s=round(outcome.rtt_s, 6),
        detail="" if outcome.result is Result.OK else outcome.detail,
        told_by=outcome.told_by,
        reached=outcome.reached,
    )


def _counters(procfs: str) -> dict[str, int] | str:
    """The counters, or why they cannot be read."""
    try:
        return counters.read(procfs)
    except (OSError, ValueError) as error:
        return str(error)
