"""As much of the DNS message format (RFC 1035) as asking a server and comparing answers takes.

A DNS library would cost every job about 0.1 s of CPU and 15 MB, more than the questions themselves; agents run on every
node, so they do without. The tests hold these functions to such a library.
"""

import socket
import struct

A, AAAA = 1, 28
INTERNET = 1
HEADER = struct.Struct("!6H")
RECURSION_DESIRED = 0x0100
IS_ANSWER = 0x8000
POINTER = 0xC0
LABEL = 63
FAMILIES = {(A, 4): socket.AF_INET, (AAAA, 16): socket.AF_INET6}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


def query(identifier: int, name: str, kind: int = A) -> bytes:
    """A question for one name.

    Args:
        identifier: 16 bits that the answer repeats.
        name: With or without the last dot; always taken as complete, no search list applies.
        kind: `A` or `AAAA`.

    Raises:
        ValueError: a label is empty, longer than 63 bytes or not ASCII.
    """
    labels = name.rstrip(".").encode("ascii").split(b".")
    if not all(0 < len(label) <= LABEL for label in labels):
        raise ValueError(f"{name!r} is not a domain name")
    encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return HEADER.pack(identifier, RECURSION_DESIRED, 1, 0, 0, 0) + encoded + struct.pack("!2H", kind, INTERNET)


def rcode(answer: bytes) -> tuple[int, str]:
    """The identifier and the rcode's name.

    Raises:
        ValueError: it is no answer.
    """
    if len(answer) < HEADER.size:
        raise ValueError("shorter than a DNS header")
    identifier, flags, *_ = HEADER.unpack_from(answer)
    if not flags & IS_ANSWER:
        raise ValueError("a question, not an answer")
    return identifier, RCODES.get(flags & 0xF, f"RCODE{flags & 0xF}")


def addresses(answer: bytes) -> tuple[str, ...]:
    """The addresses in the answer section, sorted, because servers rotate them.

    Raises:
        ValueError: the message ends too early.
    """
    try:
        _, _, questions, answers, _, _ = HEADER.unpack_from(answer)
        at = HEADER.size
        for _ in range(questions):
            at = _after_name(answer, at) + 4
        found = []
        for _ in range(answers):
            at = _after_name(answer, at)
            kind, _, _, length = struct.unpack_from("!HHIH", answer, at)
            at += 10 + length
            if family := FAMILIES.get((kind, length)):
                found.append(socket.inet_ntop(family, answer[at - length : at]))
    except (struct.error, IndexError, ValueError, OSError) as error:
        raise ValueError("the DNS message ends too early") from error
    return tuple(sorted(found))


def _after_name(message: bytes, at: int) -> int:
    """Where a name that starts here ends. A compression pointer ends it, wherever it leads."""
    while length := message[at]:
        if length >= POINTER:
            return at + 2
        at += 1 + length
    return at + 1
