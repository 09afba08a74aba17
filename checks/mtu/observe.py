"""Measure every path that a request names, all at once."""

import concurrent.futures

from checks.mtu.model import Aim, Data, Measurement, Request
from checks.observation import Context
from checks.probes.mtu import path_mtu
from checks.probes.outcome import Result

THREADS = 64
"""Paths at the same time: they wait, they do not compute."""


def observe(request: Request, context: Context) -> Data:  # noqa: ARG001 - the kernel is asked through sockets
    """What the paths from here carry."""
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return Data(measurements=tuple(pool.map(lambda aim: _measured(aim, request.timeout_s), request.aims)))


def _measured(aim: Aim, timeout_s: float) -> Measurement:
    found = path_mtu(aim.address, aim.port, timeout_s)
    return Measurement(
        peer=aim.peer,
        network=aim.network,
        address=aim.address,
        result=found.outcome.result,
        rtt_s=round(found.outcome.rtt_s, 6),
        detail="" if found.outcome.result is Result.OK else found.outcome.detail,
        mtu=found.mtu,
        limit=found.limit,
        device=found.device,
        signalled=found.signalled,
    )
