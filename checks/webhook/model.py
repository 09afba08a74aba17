"""What travels with a job of `webhook` and what comes back."""

import enum
import hashlib
from typing import Annotated

import msgspec

from checks.observation import Answer

NO_SUCH_HOST = "the name cannot be resolved"
"""With this begin the words about a host that a node's resolver does not know."""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    namespace: Annotated[
        str,
        msgspec.Meta(
            max_length=63,
            pattern=r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$",
            description="The namespace of the webhooks' Services; empty for all webhooks of the cluster.",
        ),
    ] = ""


class DryRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The object to create without creating it: an IPAddressPool that takes nobody's addresses."""

    namespace: Annotated[str, msgspec.Meta(max_length=63)]
    addresses: Annotated[str, msgspec.Meta(max_length=64)]
    """An unused range of the addresses that RFC 5737 sets aside for documentation."""
    timeout_s: Annotated[float, msgspec.Meta(ge=1, le=13)]
    """Longer than the webhook's `timeoutSeconds`, where that leaves time."""


class Handshake(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One TLS handshake with an endpoint, to see the certificates that it serves."""

    pod: Annotated[str, msgspec.Meta(max_length=300)]
    """Whom it is with: a pod, or host and port of a webhook that is called by URL."""
    address: Annotated[str, msgspec.Meta(max_length=253)]
    """An address, or a host name for the node to resolve."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    server_name: Annotated[str, msgspec.Meta(max_length=253)]
    """`SERVICE.NAMESPACE.svc`, or the host of a URL: the name that the API server expects in the certificate."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one job does: the dry run on the worker, or handshakes on a node with endpoints."""

    dry_run: DryRun | None = None
    handshakes: Annotated[tuple[Handshake, ...], msgspec.Meta(max_length=64)] = ()


class Trust(enum.StrEnum):
    """What the API server makes of a certificate. All but the first and last are outcomes of `webhook.ca-bundle`."""

    VERIFIED = "verified"
    MISMATCH = "mismatch"
    """The certificate was issued by nobody in the caBundle, or for another name."""
    EXPIRED = "expired"
    """The certificate or its issuer is outside its validity."""
    UNPARSABLE = "unparsable"
    """The caBundle holds no certificate that can be read."""
    UNANSWERED = "unanswered"
    """No TLS answer: nothing is known about the certificate."""


class Certificate(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one handshake showed.

    Whether it is trusted is judged by whoever has the caBundles. Recordings from before have the agent's own judgement.
    """

    pod: str
    server_name: str
    port: int = 0
    chain: tuple[bytes, ...] = ()
    """The DER of the certificates that were served, the server's own first; none where no TLS answer came."""
    detail: str = ""
    """The kernel's, the resolver's or OpenSSL's words about no answer."""
    observed_at: float = 0.0
    """Unix time in seconds on the node."""
    trust: Trust = Trust.UNANSWERED
    """The judgement of agents that had a caBundle."""
    bundle: str = ""
    """The `fingerprint` of the caBundle that was trusted then."""
    expires_at: float = 0.0
    """Unix time in seconds at which the served certificate ends, by those agents; 0 unless it was verified."""


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one job measured."""

    answer: Answer | None = None
    certificates: tuple[Certificate, ...] = ()


def fingerprint(ca_bundle: str) -> str:
    """What tells caBundles apart: webhooks behind one Service may have different ones."""
    return hashlib.sha256(ca_bundle.encode()).hexdigest()[:16]
