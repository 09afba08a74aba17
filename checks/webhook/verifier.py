"""Whether a caBundle verifies a certificate, in the judgement of Go's crypto/x509, which is the API server's. Pure.

The rules are those of verify.go and of crypto/tls's client: any certificate of the bundle is a root, the served ones
beside the first are intermediates, the extended key usage has to allow a server, names stand in the subject
alternative name alone, and key usages of a server are not asked. OpenSSL differs in most of these, and `cryptography`'s
own verifier holds a private authority to the rules of the public web.
"""

import base64
import binascii
import datetime as dt
import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from checks.webhook import pem
from checks.webhook.certificate import MOST_RSA_BITS, Certificate, UnreadableError
from checks.webhook.model import Trust

SIGNATURES = 100
"""Signatures that Go checks for one chain before it gives up (maxChainSignatureChecks)."""
_LABEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
INCOMPATIBLE = "x509: certificate specifies an incompatible key usage, or a name that its authority may not issue"
UNKNOWN_AUTHORITY = "x509: certificate signed by unknown authority"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a certificate."""

    trust: Trust
    detail: str = ""
    """In Go's words, which the API server's errors have."""
    begins: float = 0.0
    ends: float = 0.0
    """Unix times in seconds between which the served certificate is valid; 0 where it could not be read."""


@lru_cache(maxsize=256)
def roots_of(ca_bundle: str) -> tuple[Certificate, ...]:
    """The certificates of a caBundle, base64 of PEM, that Go takes; none where it would say that it cannot parse it."""
    try:
        text = base64.b64decode("".join(ca_bundle.split()), validate=True)
    except (binascii.Error, ValueError):
        return ()
    return tuple(filter(None, map(_parsed, pem.certificates(text))))


def _parsed(der: bytes) -> Certificate | None:
    try:
        return Certificate.parse(der)
    except UnreadableError:
        return None


def verify(chain: Sequence[bytes], roots: Sequence[Certificate], name: str, at: float) -> Verdict:
    """What the API server would say of what a webhook serves.

    Args:
        chain: The DER of the certificates that were served, the webhook's own first.
        roots: Those of the caBundle; see `roots_of`.
        name: The DNS name or address that it is called by.
        at: Unix time in seconds.
    """
    if not roots:
        return Verdict(Trust.UNPARSABLE, "unable to parse bytes as PEM block")
    try:
        leaf, *others = map(Certificate.parse, chain)
    except (UnreadableError, ValueError) as error:
        return Verdict(Trust.MISMATCH, f"tls: failed to parse certificate from server: {error}")
    valid = leaf.begins.timestamp(), leaf.ends.timestamp()
    now = dt.datetime.fromtimestamp(at, dt.UTC)
    problem = _outside(leaf, now) or _wrong_name(leaf, name)
    if problem:
        return Verdict(problem.trust, problem.detail, *valid)
    chains, problem = _Search(roots, others, now).of(leaf)
    usable = [c for c in chains if all(one.serves for one in c) and _names_allowed(c)]
    problem = _unusable(leaf) if usable else problem or _Problem(Trust.MISMATCH, INCOMPATIBLE)
    return Verdict(problem.trust, problem.detail, *valid) if problem else Verdict(Trust.VERIFIED, "", *valid)


@dataclass(frozen=True, slots=True)
class _Problem:
    trust: Trust
    detail: str


def _unusable(leaf: Certificate) -> _Problem | None:
    """What crypto/tls says of the key of a server that is verified otherwise."""
    if leaf.key is None:
        return _Problem(Trust.MISMATCH, "tls: server's certificate contains an unsupported type of public key")
    if isinstance(leaf.key, rsa.RSAPublicKey) and leaf.key.key_size > MOST_RSA_BITS:
        return _Problem(
            Trust.MISMATCH, f"tls: server sent certificate containing RSA key larger than {MOST_RSA_BITS} bits"
        )
    return None


def _outside(certificate: Certificate, now: dt.datetime) -> _Problem | None:
    """What makes any certificate of a chain invalid by itself (isValid)."""
    if certificate.unhandled:
        return _Problem(Trust.MISMATCH, "x509: unhandled critical extension")
    if now < certificate.begins or now > certificate.ends:
        side, bound = ("before", certificate.begins) if now < certificate.begins else ("after", certificate.ends)
        return _Problem(
            Trust.EXPIRED,
            f"x509: certificate has expired or is not yet valid: current time {now:%Y-%m-%dT%H:%M:%SZ} is {side} "
            f"{bound:%Y-%m-%dT%H:%M:%SZ}",
        )
    return None


def _wrong_name(leaf: Certificate, name: str) -> _Problem | None:
    """Whether the certificate is for another name (VerifyHostname)."""
    try:
        address = ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        if any(_matches(pattern, name.lower()) for pattern in leaf.names):
            return None
    else:
        if address in leaf.addresses:
            return None
    known = [*leaf.names, *map(str, leaf.addresses)]
    if known:
        return _Problem(Trust.MISMATCH, f"x509: certificate is valid for {', '.join(known)}, not {name}")
    if leaf.parsed.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
        return _Problem(Trust.MISMATCH, "x509: certificate relies on legacy Common Name field, use SANs instead")
    return _Problem(Trust.MISMATCH, f"x509: certificate is not valid for any names, but wanted to match {name}")


def _matches(pattern: str, name: str) -> bool:
    """A wildcard stands for the whole first label; what is no host name has to be the same to the letter."""
    pattern = pattern.lower()
    if not (_is_host(name.removesuffix("."), wildcard=False) and _is_host(pattern, wildcard=True)):
        return pattern == name and pattern not in ("", ".")
    wanted, given = pattern.split("."), name.removesuffix(".").split(".")
    return len(wanted) == len(given) and (wanted[0] in ("*", given[0])) and wanted[1:] == given[1:]


def _is_host(name: str, *, wildcard: bool) -> bool:
    first, *others = name.split(".")
    if name == "*" or not (_LABEL.fullmatch(first) or (wildcard and first == "*")):
        return False
    return all(_LABEL.fullmatch(label) for label in others)


@dataclass(slots=True)
class _Search:
    """All chains from a leaf to a root (buildChains)."""

    roots: Sequence[Certificate]
    others: Sequence[Certificate]
    now: dt.datetime
    checked: int = 0
    """Signatures, over all chains."""

    def of(self, leaf: Certificate) -> tuple[list[list[Certificate]], _Problem | None]:
        """Every chain, leaf first; and why there is none."""
        if any(leaf.raw == root.raw for root in self.roots):
            return [[leaf]], None
        return self._from([leaf])

    def _from(self, chain: list[Certificate]) -> tuple[list[list[Certificate]], _Problem | None]:
        """Of several things against candidates Go tells the last that is no wrong signature, or else the first."""
        chains: list[list[Certificate]] = []
        hint: _Problem | None = None
        problem: _Problem | None = None
        for is_root, candidate in self._candidates(chain):
            self.checked += 1
            if self.checked > SIGNATURES:
                break
            unsigned = _unsigned(candidate, chain[-1])
            if unsigned:
                hint = hint or unsigned
                continue
            problem = _invalid(candidate, len(chain), self.now, is_root=is_root)
            if problem:
                hint = hint or problem
            elif is_root:
                chains.append([*chain, candidate])
            else:
                further, problem = self._from([*chain, candidate])
                chains += further
        if chains:
            return chains, None
        return [], problem or _unknown_authority(hint)

    def _candidates(self, chain: list[Certificate]) -> Iterator[tuple[bool, Certificate]]:
        """Whoever may have issued the last of a chain: the roots first, and of each sort the likelier ones."""
        child = chain[-1]
        for is_root, pool in ((True, self.roots), (False, self.others)):
            named = [each for each in pool if each.subject == child.issuer]
            for candidate in sorted(named, key=lambda each: _unlikeliness(each, child)):
                if not any(candidate.same(one) for one in chain):
                    yield is_root, candidate


def _unlikeliness(candidate: Certificate, child: Certificate) -> int:
    """How well the key identifiers fit: both the same, one missing, different (findPotentialParents)."""
    own, wanted = candidate.key_id, child.issuer_key_id
    return 0 if own == wanted else 1 if not own or not wanted else 2


def _unknown_authority(hint: _Problem | None) -> _Problem:
    if hint is None:
        return _Problem(Trust.MISMATCH, UNKNOWN_AUTHORITY)
    # An authority that has ended is told as such: it is renewed, and not exchanged.
    return _Problem(hint.trust, f'{UNKNOWN_AUTHORITY} (possibly because of "{hint.detail}")')


def _unsigned(candidate: Certificate, child: Certificate) -> _Problem | None:
    """Why a certificate is not the other one's issuer (CheckSignatureFrom)."""
    if not candidate.signs:
        return _Problem(Trust.MISMATCH, "x509: parent certificate cannot sign this kind of certificate")
    if not child.is_signed_by(candidate):
        return _Problem(Trust.MISMATCH, "x509: the signature is not this authority's, or of an insecure algorithm")
    return None


def _invalid(candidate: Certificate, below: int, now: dt.datetime, *, is_root: bool) -> _Problem | None:
    """Why an issuer may not stand above so many certificates (isValid)."""
    outside = _outside(candidate, now)
    if outside:
        return outside
    constraints = candidate.constraints
    if not is_root and (constraints is None or not constraints.ca):
        return _Problem(Trust.MISMATCH, "x509: certificate is not authorized to sign other certificates")
    longest = constraints.path_length if constraints else None
    if longest is not None and below - 1 > longest:
        return _Problem(Trust.MISMATCH, "x509: too many intermediates for path length constraint")
    return None


def _names_allowed(chain: Sequence[Certificate]) -> bool:
    """Whether the constraints of every issuer allow the names of all that it stands above (checkChainConstraints)."""
    return all(
        _allowed(constraints, below)
        for number, issuer in enumerate(chain)
        if number and (constraints := issuer.name_constraints)
        for below in chain[:number]
    )


def _allowed(constraints: x509.NameConstraints, certificate: Certificate) -> bool:
    permitted, excluded = constraints.permitted_subtrees or (), constraints.excluded_subtrees or ()
    for name in certificate.names:
        inside = [c.value for c in permitted if isinstance(c, x509.DNSName)]
        outside = [c.value for c in excluded if isinstance(c, x509.DNSName)]
        if (inside and not any(_below(name, c) for c in inside)) or any(_touches(name, c) for c in outside):
            return False
    for address in certificate.addresses:
        nets, others = _networks(permitted), _networks(excluded)
        if (nets and not any(address in net for net in nets)) or any(address in net for net in others):
            return False
    return True


def _networks(subtrees: Iterable[x509.GeneralName]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    values = [each.value for each in subtrees if isinstance(each, x509.IPAddress)]
    return [value for value in values if isinstance(value, ipaddress.IPv4Network | ipaddress.IPv6Network)]


def _touches(name: str, constraint: str) -> bool:
    """Whether an excluded name is among those that a certificate is for: a wildcard stands for it too."""
    beside = constraint.lower().lstrip(".").partition(".")[2]
    return _below(name, constraint) or (name.startswith("*.") and name.lower().partition(".")[2] == beside)


def _below(name: str, constraint: str) -> bool:
    """Whether a DNS name is the constraint's or below it; an empty constraint is above all."""
    name, constraint = name.lower(), constraint.lower()
    if not constraint:
        return True
    if constraint.startswith("."):
        return name.endswith(constraint)
    return name == constraint or name.endswith(f".{constraint}")
