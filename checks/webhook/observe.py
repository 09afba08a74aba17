"""Ask the API server for a dry run; shake hands with webhooks to see what they serve."""

import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from checks.observation import Answer, Context
from checks.webhook.model import NO_SUCH_HOST, Certificate, Data, DryRun, Handshake, Request

HANDSHAKE_TIMEOUT_S = 3.0
"""An endpoint on the same node answers within milliseconds, also when it is busy."""
AT_A_TIME = 8
_DER = 2
"""`_ssl.ENCODING_DER`."""


def observe(request: Request, context: Context) -> Data:
    """The dry run (on the worker) or the handshakes (on a node)."""
    answer = _dry_run(request.dry_run, context) if request.dry_run else None
    return Data(answer=answer, certificates=_handshakes(request.handshakes))


def _handshakes(handshakes: Sequence[Handshake]) -> tuple[Certificate, ...]:
    """All at a time: several endpoints that do not answer take no longer than one."""
    if not handshakes:
        return ()
    with ThreadPoolExecutor(min(AT_A_TIME, len(handshakes)), thread_name_prefix="handshake") as pool:
        return tuple(pool.map(_shake_hands, handshakes))


def _dry_run(dry_run: DryRun, context: Context) -> Answer:
    if context.cluster is None:
        raise RuntimeError("a dry run was asked of an agent; only the worker talks to the API server")
    body = {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"name": "netcheck-dry-run", "namespace": dry_run.namespace},
        "spec": {"addresses": [dry_run.addresses], "autoAssign": False},
    }
    path = f"/apis/metallb.io/v1beta1/namespaces/{dry_run.namespace}/ipaddresspools"
    return context.cluster.dry_run_create(path, body, dry_run.timeout_s)


def _shake_hands(handshake: Handshake) -> Certificate:
    """One handshake, in which whatever is served is taken."""
    chain: tuple[bytes, ...] = ()
    detail = ""
    try:
        chain = _served(handshake)
    except socket.gaierror as error:
        detail = f"{NO_SUCH_HOST}: {error.strerror}"
    except (OSError, UnicodeError) as error:
        detail = getattr(error, "strerror", "") or str(error) or type(error).__name__
    return Certificate(
        pod=handshake.pod,
        server_name=handshake.server_name,
        port=handshake.port,
        chain=chain,
        detail=detail,
        observed_at=time.time(),
    )


def _served(handshake: Handshake) -> tuple[bytes, ...]:
    """The DER of the certificates that are served.

    Raises:
        OSError: no TLS connection came about.
        UnicodeError: the address is no host name.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # Go speaks with servers whose keys OpenSSL's distributors hold too short.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with (
        socket.create_connection((handshake.address, handshake.port), timeout=HANDSHAKE_TIMEOUT_S) as connection,
        context.wrap_socket(connection, server_hostname=handshake.server_name) as tls,
    ):
        return _chain(tls)


def _chain(tls: ssl.SSLSocket) -> tuple[bytes, ...]:
    """All certificates that were served. Before Python 3.13 there is no public way to more than the first one."""
    source: Any = tls if hasattr(tls, "get_unverified_chain") else getattr(tls, "_sslobj", None)
    if hasattr(source, "get_unverified_chain"):
        every = source.get_unverified_chain() or ()
        return tuple(each if isinstance(each, bytes) else each.public_bytes(_DER) for each in every)
    first = tls.getpeercert(binary_form=True)
    return (first,) if first else ()
