"""Certificates for tests of TLS: an authority, and what it issues."""

import base64
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

DAY = dt.timedelta(days=1)
_NO_USE = dict.fromkeys(
    (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    ),
    False,
)
_USE_OF_AN_AUTHORITY = x509.KeyUsage(**{**_NO_USE, "key_cert_sign": True, "crl_sign": True})
_USE_OF_A_SERVER = x509.KeyUsage(**{**_NO_USE, "digital_signature": True})


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def ca_bundle(self) -> str:
        """The certificate as a webhook configuration carries it."""
        return base64.b64encode(self.pem).decode()

    def write(self, folder: Path) -> Path:
        """A file with key and certificate, as a server loads it."""
        path = folder / f"{self.certificate.serial_number}.pem"
        key = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(key + self.pem)
        return path


def issue(
    name: str,
    issuer: Issued | None = None,
    *,
    days: float = 365,
    begins: float = -1000,
    san: bool = True,
    is_authority: bool | None = None,
    bits: int = 0,
) -> Issued:
    """A certificate for a DNS name that begins and ends in so many days; an authority when it has no issuer.

    With `bits` its key is of RSA.
    """
    key = _rsa(bits) if bits else ec.generate_private_key(ec.SECP256R1())
    signer = issuer.key if issuer else key
    issues = issuer is None if is_authority is None else is_authority
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins * DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.BasicConstraints(ca=issues, path_length=None), critical=True)
        # Python 3.13 and later insist on what follows.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_USE_OF_AN_AUTHORITY if issues else _USE_OF_A_SERVER, critical=True)
    )
    if san:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return Issued(builder.sign(signer, hashes.SHA256()), key)


def _rsa(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@contextmanager
def tls_server(certificate: Path, ciphers: str = "") -> Iterator[int]:
    """A TLS server on loopback that completes handshakes; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers:
        context.set_ciphers(ciphers)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) as tls:
                        tls.recv(1)
                except OSError:
                    continue  # the client did not like the certificate

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()
