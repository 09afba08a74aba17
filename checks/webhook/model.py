"""What travels with a job of `webhook` and what comes back."""

import enum
import hashlib
from typing import Annotated

import msgspec

from checks.observation import Answer


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person may set."""

    namespace: Annotated[
        str,
        msgspec.Meta(
            max_length=63,
            pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            description="The namespace of the webhook's Service.",
        ),
    ] = "metallb-system"


class DryRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The object to create without creating it: an IPAddressPool that takes nobody's addresses."""

    namespace: Annotated[str, msgspec.Meta(max_length=63)]
    addresses: Annotated[str, msgspec.Meta(max_length=64)]
    """An unused range of the addresses that RFC 5737 sets aside for documentation."""
    timeout_s: Annotated[float, msgspec.Meta(ge=1, le=13)]
    """Longer than the webhook's `timeoutSeconds`, where that leaves time."""


class Handshake(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One TLS handshake with an endpoint, trusting the caBundle alone, as the API server does."""

    pod: Annotated[str, msgspec.Meta(max_length=253)]
    address: Annotated[str, msgspec.Meta(max_length=45)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    server_name: Annotated[str, msgspec.Meta(max_length=253)]
    """`SERVICE.NAMESPACE.svc`: the name that the API server expects in the certificate."""
    ca_bundle: Annotated[str, msgspec.Meta(max_length=200_000)]
    """Base64 of PEM, as in the configuration."""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one job does: the dry run on the worker, or handshakes on a node with endpoints."""

    dry_run: DryRun | None = None
    handshakes: tuple[Handshake, ...] = ()


class Trust(enum.StrEnum):
    """How a handshake ended. All but the first and the last are outcomes of `webhook.ca-bundle`."""

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
    """What one handshake showed."""

    pod: str
    server_name: str
    trust: Trust
    bundle: str
    """The `fingerprint` of the caBundle that was trusted."""
    detail: str = ""
    """OpenSSL's or the kernel's words."""
    expires_at: float = 0.0
    """Unix time in seconds at which the served certificate ends; 0 unless it was verified."""
    observed_at: float = 0.0
    """Unix time in seconds on the node."""


class Data(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one job measured."""

    answer: Answer | None = None
    certificates: tuple[Certificate, ...] = ()


def fingerprint(ca_bundle: str) -> str:
    """What tells caBundles apart: webhooks behind one Service may have different ones."""
    return hashlib.sha256(ca_bundle.encode()).hexdigest()[:16]
