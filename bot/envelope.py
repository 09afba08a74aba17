"""What travels through Redis: signed envelopes that name registered checks and typed parameters, never code.

Whoever can write to Redis can put anything on a stream. So every envelope carries an HMAC-SHA256 of its body under a
key that Redis never sees, unknown fields are refused, and a job's request must be of the type that its check declares.
"""

import hashlib
import hmac
from typing import Any, TypeVar

import msgspec
from checks.check import Check
from checks.observation import Network

from bot.access.requester import Requester
from bot.errors import BadEnvelope
from checks.registry import CHECKS

BODY_LIMIT = 256 * 1024
"""Bytes of one envelope: a job for a node of a large cluster is some ten kilobytes."""


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One check on one target."""

    id: str
    """Derived from the run and the target, so that the same job is never done twice with two results."""
    run: str
    cluster: str
    check: str
    network: Network
    node: str
    request: dict[str, Any]
    deadline_s: float
    """Killed this many seconds after it started."""
    expires_at: float
    """Unix time in seconds, by Redis's clock, after which nobody waits for it."""


class RunRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person or a schedule asked for."""

    id: str
    cluster: str
    command: str
    """`diagnose` or `run`."""
    checks: tuple[str, ...]
    parameters: dict[str, dict[str, Any]] = {}
    """Per check, by name."""
    nodes: tuple[str, ...] = ()
    """Empty: all."""
    requested_by: Requester = Requester()
    requested_at: float = 0.0
    expires_at: float


Envelope = TypeVar("Envelope", Job, RunRequest)


def seal(key: bytes, content: Job | RunRequest) -> dict[str, bytes]:
    """The fields of a stream entry for a job or a run."""
    body = msgspec.json.encode(content)
    return {"body": body, "signature": _signature(key, type(content), body)}


def unseal(key: bytes, fields: dict[bytes, bytes], kind: type[Envelope]) -> Envelope:
    """The job or run in a stream entry.

    Raises:
        BadEnvelope: no or a wrong signature, too large, not of that type, or with a field that is not known.
    """
    body, signature = fields.get(b"body", b""), fields.get(b"signature", b"")
    if len(body) > BODY_LIMIT:
        raise BadEnvelope(f"The envelope has {len(body)} bytes; {BODY_LIMIT} are allowed.")
    if not hmac.compare_digest(signature, _signature(key, kind, body)):
        raise BadEnvelope(
            "The signature is wrong.", hint="Give worker, agents and bot of one cluster the same NETCHECK_JOB_KEY."
        )
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise BadEnvelope(
            f"The envelope cannot be read: {error}.", hint="Run one version of netcheck everywhere."
        ) from None


def request_of(job: Job) -> tuple[Check, msgspec.Struct]:
    """The registered check and the typed request that a job names.

    Raises:
        BadEnvelope: the check is not registered, does not run on that network, or its request does not fit.
    """
    check = CHECKS.get(job.check)
    if check is None or job.network not in check.networks:
        raise BadEnvelope(
            f"No check {job.check!r} runs on the {job.network} network here.", hint="Run one version everywhere."
        )
    try:
        return check, msgspec.convert(job.request, check.request)
    except msgspec.ValidationError as error:
        raise BadEnvelope(
            f"The request of {job.check} does not fit: {error}.", hint="Run one version everywhere."
        ) from None


def _signature(key: bytes, kind: type, body: bytes) -> bytes:
    # The kind is signed too, or a run could be replayed as a job.
    return hmac.new(key, kind.__name__.encode() + b"\0" + body, hashlib.sha256).hexdigest().encode()
