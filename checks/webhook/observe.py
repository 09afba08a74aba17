"""Ask the API server for a dry run; shake hands with webhook endpoints as the API server would."""

import base64
import socket
import ssl
import time

from checks.observation import Answer, Context
from checks.webhook.model import Certificate, Data, DryRun, Handshake, Request, Trust, fingerprint

HANDSHAKE_TIMEOUT_S = 3.0
"""An endpoint on the same node answers within milliseconds, also when it is busy."""
EXPIRED = frozenset({9, 10})
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED (openssl/x509_vfy.h)."""


def observe(request: Request, context: Context) -> Data:
    """The dry run (on the worker) or the handshakes (on a node)."""
    answer = _dry_run(request.dry_run, context) if request.dry_run else None
    return Data(answer=answer, certificates=tuple(_shake_hands(handshake) for handshake in request.handshakes))


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
    """One handshake, with nothing but the caBundle to trust."""
    trust, detail, expires_at = Trust.VERIFIED, "", 0.0
    try:
        expires_at = _verified(handshake)
    except _NoCertificateError as error:
        trust, detail = Trust.UNPARSABLE, str(error)
    except ssl.SSLCertVerificationError as error:
        trust = Trust.EXPIRED if error.verify_code in EXPIRED else Trust.MISMATCH
        detail = error.verify_message
    except OSError as error:
        trust, detail = Trust.UNANSWERED, error.strerror or str(error) or type(error).__name__
    return Certificate(
        pod=handshake.pod,
        server_name=handshake.server_name,
        trust=trust,
        bundle=fingerprint(handshake.ca_bundle),
        detail=detail,
        expires_at=expires_at,
        observed_at=time.time(),
    )


class _NoCertificateError(Exception):
    """The caBundle is no PEM of certificates."""


def _verified(handshake: Handshake) -> float:
    """Unix time at which the served certificate ends.

    Raises:
        _NoCertificateError: the caBundle is no base64, or holds no certificate.
        ssl.SSLCertVerificationError: the certificate does not verify.
        OSError: no TLS connection came about.
    """
    context = _trusting(handshake.ca_bundle)
    with (
        socket.create_connection((handshake.address, handshake.port), timeout=HANDSHAKE_TIMEOUT_S) as connection,
        context.wrap_socket(connection, server_hostname=handshake.server_name) as tls,
    ):
        certificate = tls.getpeercert()
    ends = certificate.get("notAfter") if certificate else None
    return float(ssl.cert_time_to_seconds(str(ends))) if ends else 0.0


def _trusting(bundle: str) -> ssl.SSLContext:
    """A context that trusts the bundle's certificates alone and judges as Go's crypto/x509 does.

    Go takes any certificate of the bundle for a root, needs a subject alternative name, and does not ask for all that
    RFC 5280 wants of an issuer; OpenSSL differs in all three unless told.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.hostname_checks_common_name = False
    try:
        context.load_verify_locations(cadata=base64.b64decode(bundle, validate=True).decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        raise _NoCertificateError(f"the caBundle holds no certificate: {error}") from error
    return context
