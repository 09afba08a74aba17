"""Questions are well-formed, and no answer, however cut or hostile, is more than a ValueError."""

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from checks.probes.dns import wire


@pytest.mark.parametrize("name", ["a", "kubernetes.default.svc.cluster.local", "x" * 63 + ".org.", "_dns._udp.local"])
@pytest.mark.parametrize("kind", ["A", "AAAA"])
def test_queries_are_what_the_library_makes(name: str, kind: str) -> None:
    """Byte for byte."""
    expected = dns.message.make_query(name, kind, id=4711).to_wire()
    assert expected == wire.query(4711, name, getattr(wire, kind))


@pytest.mark.parametrize("name", ["", ".", "a..b", "x" * 64, "bücher.example"])
def test_what_is_no_domain_name_is_an_error(name: str) -> None:
    """Nothing malformed is sent."""
    with pytest.raises(ValueError, match=r"domain name|ascii"):
        wire.query(1, name)


@pytest.mark.parametrize("rcode", ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"])
def test_rcodes_have_their_names(rcode: str) -> None:
    """As the library names them."""
    response = dns.message.make_response(dns.message.make_query("a.", "A", id=7))
    response.set_rcode(dns.rcode.from_text(rcode))
    assert wire.rcode(response.to_wire()) == (7, rcode)


def test_addresses_are_found_behind_aliases_and_compression() -> None:
    """CNAMEs are skipped, names may be compressed, order does not matter, both kinds count."""
    response = dns.message.make_response(dns.message.make_query("a.cluster.local.", "A"))
    response.answer += [
        dns.rrset.from_text("a.cluster.local.", 5, "IN", "CNAME", "b.cluster.local."),
        dns.rrset.from_text("b.cluster.local.", 5, "IN", "A", "10.0.0.2", "10.0.0.1"),
        dns.rrset.from_text("b.cluster.local.", 5, "IN", "AAAA", "fd00::1"),
    ]
    assert wire.addresses(response.to_wire()) == ("10.0.0.1", "10.0.0.2", "fd00::1")


def test_no_cut_is_taken_for_an_answer() -> None:
    """A message that ends anywhere too early is an error, never an endless loop or another exception."""
    response = dns.message.make_response(dns.message.make_query("a.cluster.local.", "A"))
    response.answer.append(dns.rrset.from_text("a.cluster.local.", 5, "IN", "A", "10.0.0.1"))
    whole = response.to_wire()
    for end in range(len(whole)):
        with pytest.raises(ValueError, match="early"):
            wire.addresses(whole[:end])
    assert wire.addresses(whole) == ("10.0.0.1",)


@pytest.mark.parametrize(
    "message",
    [b"", b"\0" * 11, dns.message.make_query("a.", "A", id=7).to_wire()],
    ids=["nothing", "too short", "a question"],
)
def test_what_is_no_answer_is_an_error(message: bytes) -> None:
    """Too short, or a question."""
    with pytest.raises(ValueError, match=r"DNS header|question"):
        wire.rcode(message)
