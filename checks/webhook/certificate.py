"""A certificate with what Go's verifier looks at. Pure.

`cryptography` parses and checks signatures; what Go refuses beyond that is refused here too (crypto/x509, parser.go).
"""

import datetime as dt
import ipaddress
import warnings
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import (
    ExtendedKeyUsageOID,
    ExtensionOID,
    PublicKeyAlgorithmOID,
    SignatureAlgorithmOID,
)

Kind = TypeVar("Kind")
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_HANDLED = frozenset(
    {
        ExtensionOID.KEY_USAGE,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
)
"""The extensions that Go knows; another one that is critical makes a certificate invalid."""
_NEVER_CRITICAL = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
    }
)
_SIGNATURES = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
        SignatureAlgorithmOID.RSASSA_PSS,
        SignatureAlgorithmOID.ECDSA_WITH_SHA256,
        SignatureAlgorithmOID.ECDSA_WITH_SHA384,
        SignatureAlgorithmOID.ECDSA_WITH_SHA512,
        SignatureAlgorithmOID.ED25519,
    }
)
"""The signatures that Go accepts; of SHA-1 and MD5 it says that they are insecure."""
_CURVES = (ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
LEAST_RSA_BITS, MOST_RSA_BITS = 1024, 8192
"""Go refuses shorter keys since 1.24, and longer ones of servers (crypto/tls, checkKeySize)."""
_VERSION_3 = x509.Version.v3


_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    OverflowError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the library raises of a certificate that is none."""


class UnreadableError(Exception):
    """Go would not parse it."""


@dataclass(frozen=True, slots=True, eq=False)
class Certificate:
    """One certificate."""

    raw: bytes
    subject: bytes
    issuer: bytes
    parsed: x509.Certificate
    extensions: x509.Extensions
    public: bytes
    """The public key with its algorithm, as it is written."""
    key: object
    """None where Go knows no such key: it can be nobody's issuer."""

    @classmethod
    def parse(cls, der: bytes) -> "Certificate":
        """A certificate of its DER.

        Raises:
            UnreadableError: Go would not parse it.
        """
        try:
            parsed = _loaded(der)
            # The library parses these when they are asked for, and Go at once.
            _ = parsed.version, parsed.signature_algorithm_oid, parsed.subject, parsed.issuer
            _ = parsed.not_valid_before_utc, parsed.not_valid_after_utc, parsed.signature
            extensions = parsed.extensions
            serial, algorithm, issuer, subject, public = _parts(parsed.tbs_certificate_bytes)
            outer = _elements(_content(der)[0])[1]
        except _UNREADABLE as error:
            raise UnreadableError(str(error)) from error
        if serial[:1] >= b"\x80":
            raise UnreadableError("x509: negative serial number")
        if outer != algorithm:
            raise UnreadableError("x509: inner and outer signature algorithm identifiers don't match")
        if any(extension.critical and extension.oid in _NEVER_CRITICAL for extension in extensions):
            raise UnreadableError("x509: extension incorrectly marked critical")
        return cls(der, subject, issuer, parsed, extensions, public, _key(parsed))

    @property
    def begins(self) -> dt.datetime:
        """From when on it is valid."""
        return self.parsed.not_valid_before_utc

    @property
    def ends(self) -> dt.datetime:
        """Until when it is valid."""
        return self.parsed.not_valid_after_utc

    @property
    def constraints(self) -> x509.BasicConstraints | None:
        """Whether it may issue others, and how many may stand between."""
        return self._extension(x509.BasicConstraints)

    @property
    def key_id(self) -> bytes:
        """What names its key; empty where nothing does."""
        found = self._extension(x509.SubjectKeyIdentifier)
        return found.digest if found else b""

    @property
    def issuer_key_id(self) -> bytes:
        """What names its issuer's key; empty where nothing does."""
        found = self._extension(x509.AuthorityKeyIdentifier)
        return (found.key_identifier or b"") if found else b""

    @property
    def names(self) -> tuple[str, ...]:
        """The DNS names that it is for."""
        alternative = self._extension(x509.SubjectAlternativeName)
        return tuple(alternative.get_values_for_type(x509.DNSName)) if alternative else ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses that it is for."""
        alternative = self._extension(x509.SubjectAlternativeName)
        found = alternative.get_values_for_type(x509.IPAddress) if alternative else []
        return tuple(a for a in found if isinstance(a, ipaddress.IPv4Address | ipaddress.IPv6Address))

    @property
    def name_constraints(self) -> x509.NameConstraints | None:
        """For which names it may issue others."""
        return self._extension(x509.NameConstraints)

    @property
    def serves(self) -> bool:
        """Whether its extended key usage allows a server: so it does without one, and with the one for anything."""
        usage = self._extension(x509.ExtendedKeyUsage)
        allowed = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
        return usage is None or not allowed.isdisjoint(usage)

    @property
    def unhandled(self) -> bool:
        """Whether it has a critical extension that Go does not know, or one of names that holds none."""
        alternative = self._extension(x509.SubjectAlternativeName)
        critical = {extension.oid for extension in self.extensions if extension.critical}
        return bool(critical - _HANDLED) or (
            alternative is not None and ExtensionOID.SUBJECT_ALTERNATIVE_NAME in critical and not list(alternative)
        )

    @property
    def signs(self) -> bool:
        """Whether Go lets it sign others (crypto/x509, CheckSignatureFrom). Of a leaf the key usage is not asked."""
        constraints, usage = self.constraints, self._extension(x509.KeyUsage)
        if (self.parsed.version is _VERSION_3 and constraints is None) or (constraints and not constraints.ca):
            return False
        return usage is None or usage.key_cert_sign

    def same(self, other: "Certificate") -> bool:
        """Whether another one is for the same subject, key and names: a chain holds none twice."""
        mine = (self.subject, self.public, self.alternative)
        return mine == (other.subject, other.public, other.alternative)

    def is_signed_by(self, issuer: "Certificate") -> bool:
        """Whether a certificate's key signed this one, with an algorithm that Go accepts."""
        key = issuer.key
        if key is None or self.parsed.signature_algorithm_oid not in _SIGNATURES:
            return False
        if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
            return False
        try:
            self.parsed.verify_directly_issued_by(issuer.parsed)
        except (*_UNREADABLE, InvalidSignature):
            return False
        return True

    def _extension(self, kind: type[Kind]) -> Kind | None:
        return next((e.value for e in self.extensions if isinstance(e.value, kind)), None)

    @property
    def alternative(self) -> bytes:
        """Its subject alternative name, as it is written; empty where it has none."""
        alternative = self._extension(x509.SubjectAlternativeName)
        return alternative.public_bytes() if alternative is not None else b""


def _loaded(der: bytes) -> x509.Certificate:
    with warnings.catch_warnings():
        # Of a serial number that is zero: Go takes it, and MetalLB makes it.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return x509.load_der_x509_certificate(der)


def _key(parsed: x509.Certificate) -> object:
    """The public key, where Go knows its kind; one that cannot be read makes the certificate unreadable for Go too.

    Raises:
        UnreadableError: of such a key.
    """
    try:
        key = parsed.public_key()
    except UnsupportedAlgorithm as error:
        if parsed.public_key_algorithm_oid == PublicKeyAlgorithmOID.EC_PUBLIC_KEY:
            raise UnreadableError("x509: unsupported elliptic curve") from error
        return None
    except (ValueError, TypeError) as error:
        raise UnreadableError(str(error)) from error
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, _CURVES):
        raise UnreadableError("x509: unsupported elliptic curve")
    return key if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) else None


def _parts(tbs: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Serial number, signature algorithm, issuer, subject and public key, as written: Go compares byte by byte."""
    fields = _elements(_content(tbs)[0])
    if fields[0][:1] == b"\xa0":  # the version, which the first one does not have
        fields = fields[1:]
    return _content(fields[0])[0], fields[1], fields[2], fields[4], fields[5]


def _elements(content: bytes) -> list[bytes]:
    """The elements of a DER sequence, each with its tag and length."""
    elements = []
    while content:
        _, size = _content(content)
        elements.append(content[:size])
        content = content[size:]
    return elements


def _content(element: bytes) -> tuple[bytes, int]:
    """The content of the first DER element, and the length of all of it."""
    length, begin = element[1], 2
    if length & 0x80:
        begin += length & 0x7F
        length = int.from_bytes(element[2:begin], "big")
    return element[begin : begin + length], begin + length
