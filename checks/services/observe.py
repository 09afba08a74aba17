"""Connect to everything that a request aims at, all at once."""

import concurrent.futures

from checks.observation import Context
from checks.probes.tcp import tcp_connect
from checks.services.model import Aim, Data, Measurement, Request

THREADS = 64
"""Connections that are waited for at the same time."""


def observe(request: Request, _context: Context) -> Data:
    """One measurement an aim, in their order."""
    if not request.aims:
        return Data()

    def measure(aim: Aim) -> Measurement:
        outcome = tcp_connect(aim.address, aim.port, request.timeout_s)
        return Measurement(aim=aim, result=outcome.result, rtt_s=outcome.rtt_s, detail=outcome.detail)

    with concurrent.futures.ThreadPoolExecutor(THREADS, thread_name_prefix="connect") as pool:
        return Data(measurements=tuple(pool.map(measure, request.aims)))
