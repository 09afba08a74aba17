"""What travels through Redis: signed envelopes that name registered checks and typed parameters, never code.

Whoever can write to Redis can put anything on a stream. So every envelope carries an HMAC-SHA256 of its body under a
key that Redis never sees, and unknown fields are refused. Each kind of content names the key that it is sealed under: a
process without that key can neither make one nor check one. What an envelope says is no secret.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from bot.config import SigningKey
from bot.decoding import decoded
from bot.errors import BadEnvelope, Unreadable

BODY_LIMIT = 256 * 1024
"""Bytes of one envelope: a job for a node of a large cluster is some ten kilobytes."""
Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Kind(Generic[Content]):
    """A kind of content."""

    name: str
    """Part of what is signed: it never changes, whatever the class is called."""
    content: type[Content]
    """Forbids unknown fields."""
    key: str
    """The name of the key that it is sealed under."""


def seal(key: SigningKey, kind: Kind[Content], content: Content) -> dict[str, bytes]:
    """The fields of a stream entry.

    Raises:
        ValueError: this kind is sealed under another key.
    """
    body = msgspec.json.encode(content)
    return {"body": body, "signature": _signature(key, kind, body)}


def unseal(key: SigningKey, kind: Kind[Content], fields: dict[bytes, bytes]) -> Content:
    """The content of a stream entry.

    Raises:
        WrongSignature: none or a wrong one.
        BadEnvelope: too large, not of that kind, or with a field that is not known.
        ValueError: this kind is sealed under another key.
    """
    body, signature = fields.get(b"body", b""), fields.get(b"signature", b"")
    if len(body) > BODY_LIMIT:
        raise BadEnvelope(f"The envelope has {len(body)} bytes; {BODY_LIMIT} are allowed.")
    if not hmac.compare_digest(signature, _signature(key, kind, body)):
        raise WrongSignature(
            "The signature is wrong.", hint="Give worker, agents and bot of one cluster the same NETCHECK_JOB_KEY."
        )
    try:
        return decoded(body, kind.content)
    except Unreadable as error:
        raise BadEnvelope(f"The envelope cannot be read: {error}.", hint=error.hint) from None


class WrongSignature(BadEnvelope):
    """Signed with another key, or not at all, or for another purpose."""


def _signature(key: SigningKey, kind: Kind[Any], body: bytes) -> bytes:
    if key.name != kind.key:
        raise ValueError(f"{kind.name} is sealed under the key {kind.key!r}, not {key.name!r}")
    # The kind is signed too, or a run could be replayed as a job.
    return hmac.new(key.secret, kind.name.encode() + b"\0" + body, hashlib.sha256).hexdigest().encode()
