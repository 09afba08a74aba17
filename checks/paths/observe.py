"""Probe everything that a request aims at, all at once, and watch the counters of damaged packets meanwhile."""

import concurrent.futures
import time
from collections.abc import Callable

import msgspec

from checks.observation import Context
from checks.paths import counters
from checks.paths.model import Aim, Data, Kind, Measurement, Request
from checks.probes.mtu import path_mtu
from checks.probes.outcome import SMALL, Outcome, Result
from checks.probes.ping import ping
from checks.probes.tcp import tcp_connect, tcp_echo
from checks.probes.tls import tls_hello
from checks.probes.tunnel import tunnel_burst

TUNNEL_DELAY = 0.5
"""When in the window bursts are sent, as a share of it: peers do not start at the same instant."""
THREADS = 64
"""Probes at the same time. They wait, they do not compute, so that the slowest one decides how long a job takes."""

REFUSALS = (Result.REFUSED, Result.RESET)
AGAIN_S = 0.5
"""How long after a refusal the same is asked again."""


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
    return _agent(request, lambda timeout_s: tcp_connect(aim.address, aim.port, timeout_s))


def _echo(aim: Aim, request: Request, size: int = SMALL) -> Outcome:
    return _agent(request, lambda timeout_s: tcp_echo(aim.address, aim.port, timeout_s, size))


PROBES: dict[Kind, Callable[[Aim, Request], Outcome]] = {
    Kind.HOST_TCP: _echo,
    Kind.SAME_NODE: _connect,
    Kind.PING: lambda aim, request: ping(aim.address, aim.port, request.timeout_s),
    Kind.TCP: _echo,
    Kind.BULK: lambda aim, request: _echo(aim, request, request.bulk_bytes),
    Kind.TUNNEL: lambda aim, request: tunnel_burst(aim.address, aim.port, request.timeout_s),
    Kind.API_SERVICE: lambda aim, request: tcp_connect(aim.address, aim.port, request.timeout_s),
    Kind.WEBHOOK_ENDPOINT: lambda aim, request: tls_hello(aim.address, aim.port, request.timeout_s, aim.name),
    Kind.WEBHOOK_SERVICE: lambda aim, request: tls_hello(aim.address, aim.port, request.timeout_s, aim.name),
}


def observe(request: Request, context: Context) -> Data:
    """Probe from here.

    A receiver of damaged packets only learns of them while its peers send, so a job stays for `window_s` even when its
    own probes were answered at once.
    """
    begin = time.monotonic()
    before = _counters(context.procfs)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        measurements = tuple(pool.map(lambda aim: measure(aim, request), request.aims))
    time.sleep(max(0.0, begin + request.window_s - time.monotonic()))
    after = _counters(context.procfs)
    if isinstance(before, str) or isinstance(after, str):
        return Data(measurements=measurements, counters_error=before if isinstance(before, str) else str(after))
    return Data(measurements=measurements, counters=counters.rise(before, after, time.monotonic() - begin))


def measure(aim: Aim, request: Request) -> Measurement:
    """How one probe went."""
    if aim.kind is Kind.TUNNEL:
        time.sleep(TUNNEL_DELAY * request.window_s)
    if aim.kind is not Kind.PATH_MTU:
        return _measurement(aim, PROBES[aim.kind](aim, request))
    found = path_mtu(aim.address, aim.port, request.timeout_s)
    return msgspec.structs.replace(
        _measurement(aim, found.outcome),
        mtu=found.mtu,
        limit=found.limit,
        device=found.device,
        signalled=found.signalled,
    )


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
    )


def _counters(procfs: str) -> dict[str, int] | str:
    """The counters, or why they cannot be read."""
    try:
        return counters.read(procfs)
    except (OSError, ValueError) as error:
        return str(error)
