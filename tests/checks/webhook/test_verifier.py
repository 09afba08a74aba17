"""A caBundle verifies what Go's crypto/x509 says that it verifies, and nothing else."""

import base64
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checks.webhook.model import Trust
from checks.webhook.pem import certificates
from checks.webhook.verifier import roots_of, verify
from tests.checks.webhook.crafted import NOW, ROOT, Recipe, changed, make, pem

NAME = "hook.ns.svc"
AT = NOW.timestamp()
OLD = changed(ROOT, key="p256-old")
"""The authority of the same name from before a rotation."""
MIDDLE = Recipe(subject="middle", ca=True, names=(), key="p256-middle", key_usage=("key_cert_sign",))
LEAF = Recipe()


@dataclass(frozen=True)
class Case:
    """A caBundle, and what is served."""

    bundle: bytes
    chain: tuple[bytes, ...]
    name: str = NAME
    at: float = AT

    def judged(self) -> Trust:
        """What is made of it."""
        roots = roots_of(base64.b64encode(self.bundle).decode())
        return verify(self.chain, roots, self.name, self.at).trust


def issued(recipe: Recipe = LEAF, by: Recipe = ROOT) -> tuple[bytes, ...]:
    """What a webhook serves whose certificate an authority issued."""
    return (make(recipe, by),)


GARBLED = pem(make(ROOT)).replace(b"M", b"!", 1)
CA = pem(make(ROOT))
CASES = {
    "right": (Case(CA, issued()), Trust.VERIFIED),
    "rotation, new one first": (Case(CA + pem(make(OLD)), issued()), Trust.VERIFIED),
    "rotation, old one first": (Case(pem(make(OLD)) + CA, issued()), Trust.VERIFIED),
    "rotation without key identifiers": (
        Case(
            pem(make(changed(OLD, key_ids=False))) + pem(make(changed(ROOT, key_ids=False))),
            issued(changed(LEAF, key_ids=False)),
        ),
        Trust.VERIFIED,
    ),
    "RSA of 1024 bits": (
        Case(
            pem(make(changed(ROOT, key="rsa1024-root"))),
            issued(changed(LEAF, key="rsa1024"), changed(ROOT, key="rsa1024-root")),
        ),
        Trust.VERIFIED,
    ),
    "serves its own authority, for signing alone": (
        Case(pem(make(changed(ROOT, names=(NAME,)))), (make(changed(ROOT, names=(NAME,))),)),
        Trust.VERIFIED,
    ),
    "server for signing alone": (Case(CA, issued(changed(LEAF, key_usage=("key_cert_sign",)))), Trust.VERIFIED),
    "root that may not sign": (
        Case(
            pem(make(changed(ROOT, key_usage=("digital_signature",)))),
            issued(by=changed(ROOT, key_usage=("digital_signature",))),
        ),
        Trust.MISMATCH,
    ),
    "comments between blocks": (Case(b"# issuer: root\n" + CA + b"\nold:\n" + CA + b"bye", issued()), Trust.VERIFIED),
    "a broken block before a good one": (Case(GARBLED + CA, issued()), Trust.VERIFIED),
    "a broken block behind a good one": (Case(CA + GARBLED, issued()), Trust.VERIFIED),
    "a block that is not closed": (Case(CA.replace(b"-----END", b"-----STOP") + CA, issued()), Trust.VERIFIED),
    "no certificate in a block": (
        Case(b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n", issued()),
        Trust.UNPARSABLE,
    ),
    "of the type X509": (Case(pem(make(ROOT), "X509 CERTIFICATE"), issued()), Trust.UNPARSABLE),
    "of the type TRUSTED": (Case(pem(make(ROOT), "TRUSTED CERTIFICATE"), issued()), Trust.UNPARSABLE),
    "with headers": (Case(CA.replace(b"-----\n", b"-----\nA: b\n\n", 1), issued()), Trust.UNPARSABLE),
    "white space at the end of lines": (Case(CA.replace(b"\n", b" \t\r\n"), issued()), Trust.VERIFIED),
    "indented": (Case(CA.replace(b"\n", b"\n  ").replace(b"  -----", b"-----"), issued()), Trust.VERIFIED),
    "indented lines of BEGIN": (Case(b"  " + CA, issued()), Trust.UNPARSABLE),
    "DER in place of PEM": (Case(make(ROOT), issued()), Trust.UNPARSABLE),
    "a newline alone": (Case(b"\n", issued()), Trust.UNPARSABLE),
    "another authority": (Case(pem(make(changed(ROOT, subject="other"))), issued()), Trust.MISMATCH),
    "another key of the same name": (Case(pem(make(OLD)), issued()), Trust.MISMATCH),
    "ended": (Case(CA, issued(changed(LEAF, ends=-1))), Trust.EXPIRED),
    "not begun": (Case(CA, issued(changed(LEAF, begins=1))), Trust.EXPIRED),
    "authority ended": (Case(pem(make(changed(ROOT, ends=-1))), issued(by=changed(ROOT, ends=-1))), Trust.EXPIRED),
    "authority ended beside one that has not": (Case(pem(make(changed(ROOT, ends=-1))) + CA, issued()), Trust.VERIFIED),
    "other name": (Case(CA, issued(changed(LEAF, names=("x.ns.svc",)))), Trust.MISMATCH),
    "common name alone": (Case(CA, issued(changed(LEAF, subject=NAME, names=()))), Trust.MISMATCH),
    "wildcard": (Case(CA, issued(changed(LEAF, names=("*.ns.svc",)))), Trust.VERIFIED),
    "wildcard of two labels": (Case(CA, issued(changed(LEAF, names=("*.svc",)))), Trust.MISMATCH),
    "capitals": (Case(CA, issued(changed(LEAF, names=("HOOK.ns.SVC",)))), Trust.VERIFIED),
    "without a subject": (Case(CA, issued(changed(LEAF, subject=""))), Trust.VERIFIED),
    "for clients alone": (Case(CA, issued(changed(LEAF, usage=("client",)))), Trust.MISMATCH),
    "for servers and clients": (Case(CA, issued(changed(LEAF, usage=("client", "server")))), Trust.VERIFIED),
    "authority for clients alone": (
        Case(pem(make(changed(ROOT, usage=("client",)))), issued(by=changed(ROOT, usage=("client",)))),
        Trust.MISMATCH,
    ),
    "SHA-224, which Go does not know": (Case(CA, issued(changed(LEAF, hashed="sha224"))), Trust.MISMATCH),
    "root by SHA-224": (Case(pem(make(changed(ROOT, hashed="sha224"))), issued()), Trust.VERIFIED),
    "unknown critical extension": (Case(CA, issued(changed(LEAF, critical=True))), Trust.MISMATCH),
    "through an intermediate": (Case(CA, (make(LEAF, MIDDLE), make(MIDDLE, ROOT))), Trust.VERIFIED),
    "intermediate that is not served": (Case(CA, (make(LEAF, MIDDLE),)), Trust.MISMATCH),
    "intermediate as the root": (Case(pem(make(MIDDLE, ROOT)), (make(LEAF, MIDDLE),)), Trust.VERIFIED),
    "intermediate that is none": (
        Case(CA, (make(LEAF, changed(MIDDLE, ca=False)), make(changed(MIDDLE, ca=False), ROOT))),
        Trust.MISMATCH,
    ),
    "path too long": (
        Case(pem(make(changed(ROOT, path_length=0))), (make(LEAF, MIDDLE), make(MIDDLE, changed(ROOT, path_length=0)))),
        Trust.MISMATCH,
    ),
    "root without constraints": (
        Case(pem(make(changed(ROOT, ca=None))), issued(by=changed(ROOT, ca=None))),
        Trust.MISMATCH,
    ),
    "the server itself, which is no authority": (Case(pem(make(LEAF, ROOT)), issued()), Trust.VERIFIED),
    "names that the authority may issue": (
        Case(pem(make(changed(ROOT, permitted=("ns.svc",)))), issued(by=changed(ROOT, permitted=("ns.svc",)))),
        Trust.VERIFIED,
    ),
    "names that the authority may not issue": (
        Case(pem(make(changed(ROOT, excluded=("ns.svc",)))), issued(by=changed(ROOT, excluded=("ns.svc",)))),
        Trust.MISMATCH,
    ),
    "an address": (Case(CA, issued(changed(LEAF, names=("10.0.0.1",))), name="10.0.0.1"), Trust.VERIFIED),
    "an address as a name": (Case(CA, issued(), name="10.0.0.1"), Trust.MISMATCH),
    "serial number 0": (Case(CA, issued(changed(LEAF, serial=1))), Trust.VERIFIED),
    "Ed25519": (Case(CA, issued(changed(LEAF, key="ed25519"))), Trust.VERIFIED),
    "Ed448, which Go does not know": (Case(CA, issued(changed(LEAF, key="ed448"))), Trust.MISMATCH),
    "a curve that Go does not know": (Case(CA, issued(changed(LEAF, key="k256"))), Trust.MISMATCH),
    "an authority of such a curve": (
        Case(pem(make(changed(ROOT, key="k256"))), issued(by=changed(ROOT, key="k256"))),
        Trust.UNPARSABLE,
    ),
    "identifiers of keys that are critical": (
        Case(pem(make(changed(ROOT, critical_ids=True))) + CA, issued(changed(LEAF, critical_ids=True))),
        Trust.MISMATCH,
    ),
    "nonsense is served": (Case(CA, (b"\x30\x03\x02\x01\x01",)), Trust.MISMATCH),
}


@pytest.mark.parametrize(("case", "expected"), CASES.values(), ids=CASES.keys())
def test_bundles_and_certificates(case: Case, expected: Trust) -> None:
    """Each as Go judges it."""
    assert expected == case.judged()


@pytest.mark.parametrize("bundle", ["", "no base64!", "é", "w6Q=", "====", "aGVsbG8"])
def test_what_is_no_base64_holds_nothing(bundle: str) -> None:
    """And is no reason to stumble."""
    assert () == roots_of(bundle)


def test_words_are_those_of_the_api_server() -> None:
    """So that they can be searched for."""
    roots = roots_of(base64.b64encode(CA).decode())
    said = {
        verify(chain, roots, NAME, AT).detail.partition(" (")[0]
        for chain in (issued(by=OLD), issued(changed(LEAF, names=("a.b",))), issued(changed(LEAF, names=())))
    }
    assert {
        "x509: certificate signed by unknown authority",
        "x509: certificate is valid for a.b, not hook.ns.svc",
        "x509: certificate relies on legacy Common Name field, use SANs instead",
    } == said


def test_validity_is_told_with_whatever_is_readable() -> None:
    """Also of a certificate that does not verify; of nonsense nothing is known."""
    found = verify(issued(by=OLD), roots_of(base64.b64encode(CA).decode()), NAME, AT)
    assert (-10, 300) == tuple(round((at - AT) / 86_400) for at in (found.begins, found.ends))
    assert 0.0 == verify((b"x",), roots_of(base64.b64encode(CA).decode()), NAME, AT).ends


@pytest.fixture(scope="module")
def go() -> str:
    """The real verifier."""
    found = shutil.which("go")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Go is not on this machine, and CI needs it")
        pytest.skip("Go is not on this machine")
    return found


def judged_by_go(go: str, cases: Sequence[Case]) -> list[str]:
    """What crypto/x509 says of each."""
    body = [
        {
            "Bundle": base64.b64encode(c.bundle).decode(),
            "Chain": [base64.b64encode(der).decode() for der in c.chain],
            "Name": c.name,
            "At": int(c.at),
        }
        for c in cases
    ]
    program = Path(__file__).parent / "go" / "verify.go"
    environment = os.environ | {"GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"}
    run = subprocess.run(
        [go, "run", str(program)], input=msgspec.json.encode(body), capture_output=True, check=True, env=environment
    )
    return msgspec.json.decode(run.stdout, type=list[str])


def test_table_is_gos(go: str) -> None:
    """What the table says is what the real verifier says."""
    expected = dict(zip(CASES, judged_by_go(go, [case for case, _ in CASES.values()]), strict=True))
    assert expected == {name: trust.value for name, (_, trust) in CASES.items()}


def test_any_certificates_are_judged_as_go_does(go: str) -> None:
    """Of chance: what any authority may have done, in any combination; most outcomes are seen often."""
    chance = random.Random(20260601)
    cases = [_any(chance) for _ in range(600)]
    expected = judged_by_go(go, cases)
    assert [] == [(i, e, c.judged()) for i, (c, e) in enumerate(zip(cases, expected, strict=True)) if e != c.judged()]
    assert min(Counter(expected)[trust] for trust in ("verified", "mismatch", "expired", "unparsable")) >= 5


AUTHORITIES = {
    "key": ("p256-root", "rsa1024-a", "rsa2048-a", "ed25519-a", "p384-a"),
    "ca": (True, None, False),
    "path_length": (None, 0, 1),
    "key_usage": (("key_cert_sign",), None, ("digital_signature",)),
    "usage": ((), ("client",), ("server",), ("any",)),
    "ends": (300, -1),
    "permitted": ((), ("ns.svc",), ("svc",), ("example.org",), ("10.0.0.0/8",)),
    "excluded": ((), ("hook.ns.svc",), ("example.org",)),
    "key_ids": (True, False),
    "critical": (False, True),
}
"""What authorities do, the usual first."""
LEAVES = {
    "subject": ("leaf", "", "hook.ns.svc"),
    "key": ("p256", "rsa1024", "rsa2048", "ed25519", "p224", "k256", "ed448"),
    "ca": (False, None, True),
    "key_usage": (None, ("key_cert_sign",), ("digital_signature",)),
    "usage": ((), ("client",), ("server",), ("any", "client")),
    "names": ((NAME,), ("*.ns.svc",), ("other.ns.svc", NAME), (), ("HOOK.NS.SVC",), ("10.0.0.1",), ("*",)),
    "begins": (-10, 1),
    "ends": (300, -1),
    "hashed": ("sha256", "sha224", "sha512"),
    "critical": (False, True),
}


def _changed(recipe: Recipe, table: Mapping[str, Sequence[Any]], chance: random.Random) -> Recipe:
    """A recipe of which each thing is now and then another one of the table's."""
    unusual = {name: chance.choice(values[1:]) for name, values in table.items() if chance.random() < 0.06}
    return changed(recipe, **unusual)


def _any(chance: random.Random) -> Case:
    root, middle = _changed(ROOT, AUTHORITIES, chance), _changed(MIDDLE, AUTHORITIES, chance)
    leaf = _changed(LEAF, LEAVES, chance)
    chain = (make(leaf, middle), make(middle, root)) if chance.random() < 0.4 else (make(leaf, root),)
    other = (pem(make(OLD)), GARBLED, b"# comment\n", pem(make(ROOT), "X509 CERTIFICATE"), pem(make(MIDDLE, ROOT)))
    blocks = [*([pem(make(root))] if chance.random() < 0.92 else []), *chance.sample(other, chance.randrange(3))]
    chance.shuffle(blocks)
    served = chain[:1] if chance.random() < 0.1 else chain
    return Case(b"".join(blocks), served, "10.0.0.1" if chance.random() < 0.05 else NAME)


SPLICES = (
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b"-",
    b"-----",
    b":",
    b"A: b\n",
    b"#",
    b"=",
    b"!",
    b"\n\n",
    b"x",
    b"\x00",
    b"\xff",
)
"""What slips into files by hand and by machine."""


def _mutated(chance: random.Random) -> bytes:
    """Some blocks, of which a few bytes or lines were lost, doubled, moved or added."""
    usual = (
        CA,
        pem(make(OLD)),
        GARBLED,
        pem(make(ROOT), "X509 CERTIFICATE"),
        b"# comment\n",
        b"-----END CERTIFICATE-----\n",
    )
    text = b"".join(chance.choices(usual, k=chance.randrange(1, 4)))
    for _ in range(chance.randrange(1, 4)):
        at, size = chance.randrange(len(text) + 1), chance.choice((0, 0, 1, 5, 27, 65))
        kind = chance.randrange(4)
        if kind == 0:
            text = text[:at] + chance.choice(SPLICES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + size :]
        elif kind == 2:
            text = text[:at] + text[at : at + size] + text[at:]
        else:
            marks = [i for i in range(len(text)) if text[i : i + 5] == b"-----"] or [0]
            mark = chance.choice(marks)
            text = text[:mark] + chance.choice(SPLICES) + text[mark:]
    return text


def test_any_text_is_read_as_go_reads_it(go: str) -> None:
    """Whatever was done to a bundle, the same certificates are found in it."""
    chance = random.Random(20260602)
    cases = [Case(_mutated(chance), issued()) for _ in range(1500)]
    expected = judged_by_go(go, cases)
    assert [] == [(c.bundle, e) for c, e in zip(cases, expected, strict=True) if e != c.judged()]
    assert min(Counter(expected)[trust] for trust in ("verified", "mismatch", "unparsable")) >= 50


def test_no_certificate_makes_anybody_stumble() -> None:
    """Whatever bytes are in it, of the caBundle's and of the served one: it is judged."""
    chance = random.Random(20260603)
    seen: Counter[Trust] = Counter()
    for served in (False, True) * 500:
        der = bytearray(make(LEAF, ROOT) if served else make(ROOT))
        for _ in range(chance.randrange(1, 4)):
            der[chance.randrange(len(der))] = chance.randrange(256)
        lines = base64.encodebytes(bytes(der))
        block = b"-----BEGIN CERTIFICATE-----\n" + lines + b"-----END CERTIFICATE-----\n"
        seen[(Case(CA, (bytes(der),)) if served else Case(block, issued())).judged()] += 1
    assert {Trust.MISMATCH, Trust.UNPARSABLE} <= seen.keys() <= set(Trust)
    assert 1000 == seen.total()


def test_blocks_are_gos() -> None:
    """A block reaches from the last BEGIN before an END; what is nested or cut hides none of the others."""
    inner = b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"
    assert [b"hello"] == list(certificates(b"-----BEGIN CERTIFICATE-----\n" + inner))
    assert [b"hello", b"hello"] == list(certificates(inner + b"\n\ntext\n" + inner.rstrip(b"\n")))
    assert [b""] == list(certificates(b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"))
    assert [] == list(certificates(inner.replace(b"END CERTIFICATE", b"END CERT")))
