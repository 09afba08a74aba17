"""Send to one peer, one stream after the other, and see what it costs this machine."""

from checks.kernel import cpu
from checks.observation import Context
from checks.probes.stream import stream
from checks.throughput.model import Data, Request, Try

_BITS = 8
_MEGA = 1_000_000
CONNECT_S = 3.0


def observe(request: Request, context: Context) -> Data:  # noqa: ARG001 - all observations have one shape
    """Every try."""
    return Data(target=request.target, tries=tuple(_try(request) for _ in range(request.tries)))


def _try(request: Request) -> Try:
    before = cpu.times()
    try:
        rate = request.rate_mbit * _MEGA // _BITS
        done = stream(request.address, request.port, request.seconds, rate, CONNECT_S)
    except OSError as error:
        return Try(error=str(error) or type(error).__name__)
    after = cpu.times()
    total_s = after.total_s - before.total_s
    return Try(
        received=done.received,
        elapsed_s=done.elapsed_s,
        softirq_s=after.softirq_s - before.softirq_s,
        idle=(after.idle_s - before.idle_s) / total_s if total_s > 0 else 0.0,
    )
