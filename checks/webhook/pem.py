"""PEM as Go's encoding/pem reads it, which is how the API server reads a caBundle. Pure.

It differs from OpenSSL: whatever stands outside of blocks is passed over, and so is a block that is broken.
"""

import base64
import binascii
import re
from collections.abc import Iterator

_END, _BEGIN, _DASHES = b"\n-----END ", b"-----BEGIN ", b"-----"
CERTIFICATE = "CERTIFICATE"
"""The one type that Go takes a certificate from: `X509 CERTIFICATE` and `TRUSTED CERTIFICATE` are others."""


def certificates(text: bytes) -> Iterator[bytes]:
    """The content of each block of a certificate that has no headers (crypto/x509, AppendCertsFromPEM)."""
    for kind, has_headers, content in _blocks(text):
        if kind == CERTIFICATE and not has_headers:
            yield content


def _blocks(text: bytes) -> Iterator[tuple[str, bool, bytes]]:
    """Every block: its type, whether it has headers, and its content (encoding/pem, Decode).

    A block reaches from the last BEGIN before an END to that END, so that a BEGIN without its END hides none.
    """
    rest = text
    while (end := rest.find(_END)) >= 0:
        begin = rest.rfind(_BEGIN, 0, end)
        inner, after = rest[begin + len(_BEGIN) : end], rest[end + len(_END) :]
        whole = begin == 0 or (begin > 0 and rest[begin - 1 : begin] == b"\n")
        block = _block(inner, after) if whole else None
        if block is not None:
            yield block
            after = after.partition(b"\n")[2]
            rest = after
        else:
            # The newline before a following BEGIN belongs to what was passed over.
            rest = after


def _block(inner: bytes, after: bytes) -> tuple[str, bool, bytes] | None:
    """A block of what stands between BEGIN and END and of what follows END; None when it is broken."""
    first, _, body = inner.partition(b"\n")
    line = first.rstrip(b"\r").rstrip(b" \t")
    if not line.endswith(_DASHES):
        return None
    kind = line[: -len(_DASHES)]
    last = after.partition(b"\n")[0].rstrip(b"\r").rstrip(b" \t")
    if last != kind + _DASHES:
        return None
    headers, content = _without_headers(body)
    try:
        decoded = base64.b64decode(re.sub(rb"[ \t\r\n]", b"", content), validate=True)
    except (binascii.Error, ValueError):
        return None
    return kind.decode("utf-8", "replace"), headers, decoded


def _without_headers(body: bytes) -> tuple[bool, bytes]:
    """Whether the body begins with headers, and what comes behind them."""
    headers = False
    while body:
        line, _, following = body.partition(b"\n")
        if b":" not in line:
            break
        headers, body = True, following
    return headers, body
