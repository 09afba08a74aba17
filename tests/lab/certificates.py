"""The cluster's certificate authority, its certificates and kubeconfigs."""

import json
from base64 import b64encode
from pathlib import Path

from tests.lab.layout import API_SERVICE, CONTROL_PLANE, RUN, SERVICE_CIDR6
from tests.lab.process import run

PKI = RUN / "pki"
API_URL = f"https://{CONTROL_PLANE.address}:6443"
_DAYS = "365"
_API_NAMES = (
    "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,"
    f"IP:127.0.0.1,IP:{CONTROL_PLANE.address},IP:{CONTROL_PLANE.address6},IP:{API_SERVICE},IP:{SERVICE_CIDR6.split('/')[0]}1"
)


def create_authority() -> None:
    """Make the certificate authority, the key that signs service account tokens, and the API server's certificate."""
    PKI.mkdir(mode=0o700)
    new_authority("lab-ca", PKI / "ca.crt", PKI / "ca.key")
    run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(PKI / "sa.key"))
    run("openssl", "ec", "-in", str(PKI / "sa.key"), "-pubout", "-out", str(PKI / "sa.pub"))
    _issue("apiserver", "/CN=kube-apiserver", f"subjectAltName={_API_NAMES}\nextendedKeyUsage=serverAuth")


def new_authority(name: str, certificate: Path, key: Path) -> None:
    """Make a self-signed certificate authority."""
    run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", _DAYS, "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate)),
    )


def server(name: str, names: str) -> tuple[Path, Path]:
    """Issue a server's certificate for these names, `IP:10.0.0.1,DNS:host`; return where it and its key are."""
    _issue(name, f"/CN={name}", f"subjectAltName={names}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid")
    return PKI / f"{name}.crt", PKI / f"{name}.key"


def client(name: str, *, user: str, group: str = "") -> None:
    """Issue a client certificate, `PKI/NAME.crt` and `.key`."""
    subject = f"/O={group}/CN={user}" if group else f"/CN={user}"
    _issue(name, subject, "extendedKeyUsage=clientAuth")


def kubeconfig(name: str, *, user: str, group: str = "", path: Path | None = None) -> Path:
    """Issue a client certificate and write a kubeconfig, by default `PKI/NAME.kubeconfig`, that holds it."""
    client(name, user=user, group=group)
    path = path or PKI / f"{name}.kubeconfig"
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "lab", "cluster": {"server": API_URL, "certificate-authority-data": encoded(PKI / "ca.crt")}}
        ],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": encoded(PKI / f"{name}.crt"),
                    "client-key-data": encoded(PKI / f"{name}.key"),
                },
            }
        ],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": user}}],
        "current-context": "lab",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=1) + "\n")
    return path


def encoded(path: Path) -> str:
    """Return a file in base64, as Kubernetes objects and kubeconfigs hold certificates."""
    return b64encode(path.read_bytes()).decode()


def _issue(name: str, subject: str, extensions: str) -> None:
    request, options = PKI / f"{name}.csr", PKI / f"{name}.ext"
    options.write_text(extensions + "\n")
    run(
        *("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-subj", subject, "-keyout", str(PKI / f"{name}.key"), "-out", str(request)),
    )
    run(
        *("openssl", "x509", "-req", "-in", str(request), "-CA", str(PKI / "ca.crt"), "-CAkey", str(PKI / "ca.key")),
        *("-CAcreateserial", "-days", _DAYS, "-extfile", str(options), "-out", str(PKI / f"{name}.crt")),
    )
