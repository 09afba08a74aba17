"""DNS messages, by dnspython; only identifier and rcode of an answer are read by hand.

In a burst each answer is looked at for those two alone: taking every message apart would cost 470 us of CPU where 11 us
do (measured), and a prober that is busy with itself loses answers that the network delivered.
"""

import struct

import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

A, AAAA = dns.rdatatype.A, dns.rdatatype.AAAA
HEADER = struct.Struct("!6H")
IS_ANSWER, IS_TRUNCATED = 0x8000, 0x0200
EDNS_BYTES = 1232
"""What Go's resolver, systemd-resolved and most servers offer to take: what no path fragments (dnsflagday.net/2020)."""


def query(identifier: int, name: str, kind: dns.rdatatype.RdataType = A, payload: int = 0) -> bytes:
    """A question for one name.

    Args:
        identifier: 16 bits that the answer repeats.
        name: With or without the last dot; always taken as complete, no search list applies.
        kind: `A` or `AAAA`.
        payload: Bytes that an answer may have, offered by EDNS (RFC 6891); 0 asks without, for 512 at most.

    Raises:
        ValueError: a label is empty, longer than 63 bytes or not ASCII.
    """
    try:
        encoded = dns.name.from_text(name.encode("ascii"))
    except dns.exception.DNSException as error:
        raise ValueError(f"{name!r} is not a domain name") from error
    if encoded == dns.name.root:
        raise ValueError(f"{name!r} is not a domain name")
    use_edns = 0 if payload else None
    return dns.message.make_query(encoded, kind, id=identifier, use_edns=use_edns, payload=payload or None).to_wire()


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
    return identifier, dns.rcode.to_text(dns.rcode.from_flags(flags, 0))


def truncated(answer: bytes) -> bool:
    """Whether more would have been to say than fitted, so that whoever asked is to ask again over TCP."""
    return len(answer) >= HEADER.size and bool(HEADER.unpack_from(answer)[1] & IS_TRUNCATED)


def addresses(answer: bytes) -> tuple[str, ...]:
    """The addresses in the answer section, sorted, because servers rotate them.

    Raises:
        ValueError: the message ends too early.
    """
    try:
        sections = dns.message.from_wire(answer, ignore_trailing=True).answer
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError("the DNS message ends too early") from error
    return tuple(sorted(record.to_text() for rrset in sections if rrset.rdtype in (A, AAAA) for record in rrset))
