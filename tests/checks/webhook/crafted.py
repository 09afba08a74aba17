"""Certificates of every kind that an authority may make, right and wrong."""

import datetime as dt
import ipaddress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
USAGES = {
    "server": ExtendedKeyUsageOID.SERVER_AUTH,
    "client": ExtendedKeyUsageOID.CLIENT_AUTH,
    "any": ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}
_KEY_USAGE = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@cache
def key(name: str) -> Any:
    """A key by the name of its kind; a number tells several of one kind apart."""
    return {
        "p224": lambda: ec.generate_private_key(ec.SECP224R1()),
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "k256": lambda: ec.generate_private_key(ec.SECP256K1()),
        "rsa1024": lambda: rsa.generate_private_key(public_exponent=65537, key_size=1024),
        "rsa2048": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "ed448": ed448.Ed448PrivateKey.generate,
    }[name.partition("-")[0]]()


@dataclass(frozen=True)
class Recipe:
    """What a certificate is to be."""

    subject: str = "leaf"
    key: str = "p256"
    ca: bool | None = False
    """None: no basic constraints at all."""
    path_length: int | None = None
    key_usage: tuple[str, ...] | None = None
    usage: tuple[str, ...] = ()
    names: tuple[str, ...] = ("hook.ns.svc",)
    begins: float = -10
    ends: float = 300
    """Days from `NOW`."""
    critical: bool = False
    """Whether it has a critical extension that nobody knows."""
    hashed: str = "sha256"
    key_ids: bool = True
    critical_ids: bool = False
    """Whether the identifiers of keys are marked critical, which RFC 5280 forbids."""
    permitted: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    serial: int = 7


ROOT = Recipe(subject="root", ca=True, names=(), key="p256-root", key_usage=("key_cert_sign",))


@cache
def make(recipe: Recipe, issuer: Recipe | None = None) -> bytes:
    """The DER of a certificate, the same each time; it is its own issuer where none is named."""
    signer = issuer or recipe
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(recipe.subject))
        .issuer_name(_name(signer.subject))
        .public_key(key(recipe.key).public_key())
        .serial_number(recipe.serial)
        .not_valid_before(NOW + min(recipe.begins, recipe.ends - 1) * DAY)
        .not_valid_after(NOW + recipe.ends * DAY)
    )
    for extension, critical in _extensions(recipe, signer):
        builder = builder.add_extension(extension, critical=critical)
    secret = key(signer.key)
    pure = isinstance(secret, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    algorithms: Any = {"sha224": hashes.SHA224, "sha256": hashes.SHA256, "sha512": hashes.SHA512}
    algorithm = None if pure else algorithms[recipe.hashed]()
    return builder.sign(secret, algorithm).public_bytes(Encoding.DER)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)] if text else [])


def _extensions(recipe: Recipe, signer: Recipe) -> list[tuple[x509.ExtensionType, bool]]:
    found: list[tuple[x509.ExtensionType, bool]] = []
    if recipe.ca is not None:
        found.append((x509.BasicConstraints(ca=recipe.ca, path_length=recipe.path_length if recipe.ca else None), True))
    if recipe.key_usage is not None:
        found.append((x509.KeyUsage(**{name: name in recipe.key_usage for name in _KEY_USAGE}), True))
    if recipe.usage:
        found.append((x509.ExtendedKeyUsage([USAGES[usage] for usage in recipe.usage]), False))
    if recipe.names:
        found.append((x509.SubjectAlternativeName([_general(name) for name in recipe.names]), not recipe.subject))
    if recipe.permitted or recipe.excluded:
        permitted, excluded = (
            [_general(name) for name in names] or None for names in (recipe.permitted, recipe.excluded)
        )
        found.append((x509.NameConstraints(permitted, excluded), True))
    if recipe.critical:
        found.append((x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"), True))
    if recipe.key_ids:
        found.append((x509.SubjectKeyIdentifier.from_public_key(key(recipe.key).public_key()), recipe.critical_ids))
        issuers = x509.AuthorityKeyIdentifier.from_issuer_public_key(key(signer.key).public_key())
        found.append((issuers, False))
    return found


def _general(name: str) -> x509.GeneralName:
    try:
        network = ipaddress.ip_network(name) if "/" in name else None
        return x509.IPAddress(network or ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def pem(der: bytes, kind: str = "CERTIFICATE") -> bytes:
    """A certificate as a block of PEM of some type."""
    text = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
    return text.replace(b"CERTIFICATE", kind.encode())


def changed(recipe: Recipe, **changes: Any) -> Recipe:
    """Another recipe."""
    return replace(recipe, **changes)
